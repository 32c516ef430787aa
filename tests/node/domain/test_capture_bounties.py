"""Capture bounties in the node: what may be asked, who owes what, and what a juror finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain_facts import ANA, BEN, CHIDI, at
from labelled_rooms import room, scan

from thenar.domain import canonical
from thenar.domain import facts as f
from thenar.domain.bounty.answers import NO_ASSET, NOBODY, AnswerStage, Charge, Shown, answer_id, ask_of, place_of
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import BP, Coverage, Spot, gap_bp
from thenar.domain.bounty.sketches import MOST_SKETCH, SketchNote, decode_witness, encode_witness, judge
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import Me, react
from thenar.domain.earnings import earnings
from thenar.domain.ids import AnswerId, AskId, AssetId, Cid, DisputeId, TermsId
from thenar.domain.records import to_value
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.transform import SAME, Transform
from thenar.domain.work.disputes import Opening, Ruling
from thenar.errors import BadInput

AREA, CELL = 0x8A2A1072B59FFFF, 0x8C2A1072B59D1FF
DAY, OPENED = 86_400, 1_000_000
ASK = Ask(
    modality=1,
    place_class=2,
    grain=12,
    needs_device=False,
    lowest=-1,
    highest=2,
    min_quality=3_000,
    area=AREA,
    target=2 * BP,
    deadline=OPENED + 10 * DAY,
    slope=10 * DAY,
    price=100,
    top_price=150,
    budget=10_000,
    terms=TermsId(0),
    subject=bytes(32),
    rules=RULES.hash,
)
FIRST, SECOND = answer_id(AskId(1), 0), answer_id(AskId(1), 1)


def asset(number: int) -> AssetId:
    return AssetId(f"0x{number:064x}")


def shown(number: int, **changes) -> Shown:
    return replace(Shown(asset(number), CELL, 0, 8_000, BP, NOBODY, number.to_bytes(32, "big")), **changes)


def asked(ask: Ask = ASK) -> f.CapturesAsked:
    return f.CapturesAsked(at(1), AskId(1), CHIDI, ask, OPENED)


def committed(answer: AnswerId, who, seconds: int) -> f.AnswerCommitted:
    time = OPENED + seconds
    return f.AnswerCommitted(at(2 + place_of(answer)), answer, who, bytes(32), 50, time, time + DAY)


def revealed(answer: AnswerId, what: Shown) -> f.AnswerRevealed:
    return f.AnswerRevealed(at(5 + place_of(answer)), answer, what.asset, what, OPENED + 3 * DAY)


TWO = [asked(), committed(FIRST, ANA, 10), committed(SECOND, BEN, 20), revealed(FIRST, shown(1))]


def told(me, facts) -> tuple[Catalog, list[str]]:
    """What somebody believes after facts, and what the last one makes them owe."""
    catalog, found = Catalog(), ()
    for fact in facts:
        apply(catalog, fact)
        found = react(catalog, fact, Me(me, False))
    return catalog, [f"{duty.kind} {duty.subject} {duty.not_before}" for duty in found]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"modality": 5}, "modality"),
        ({"place_class": 7}, "class of place"),
        ({"grain": 13}, "public_interior"),
        ({"grain": 9}, "public_interior"),
        ({"lowest": 3}, "lowest"),
        ({"place_class": 6, "area": 0x862A1072FFFFFFF, "grain": 7}, "private home"),
        ({"subject": b"\1" * 32}, "subject"),
        ({"place_class": 0}, "always of a place"),
        ({"place_class": 0, "modality": 2}, "neither area nor level"),
        ({"place_class": 0, "modality": 2, "area": 0, "grain": 0, "lowest": 0, "highest": 0}, "needs a subject"),
        ({"min_quality": 0}, "quality"),
        ({"target": 5_000}, "target"),
        ({"price": 200}, "price"),
        ({"slope": 0}, "time to rise"),
        ({"rules": bytes(32)}, "rules"),
    ],
)
def test_an_ask_the_contract_would_refuse_is_refused_with_a_reason(changes, says):
    with pytest.raises(BadInput, match=says):
        replace(ASK, **changes).check()
    ASK.check()


@pytest.mark.parametrize(("cell", "level"), [(CELL, 3), (AREA, 0), (0x8C2A1072B5985FF, -2)])
def test_what_is_not_asked_for_has_no_spot(cell, level):
    with pytest.raises(BadInput, match="not what is asked for"):
        ASK.spot(cell, level)
    assert ASK.spot(CELL, -1) == Spot(1, 2, CELL, -1)


def test_the_price_rises_and_stops():
    prices = [ASK.price_at(OPENED, OPENED + days * DAY) for days in (0, 1, 5, 9)]

    assert prices == [100, 110, 150, 150]
    assert [gap_bp(20_000, covered) for covered in (0, 5_000, 20_000, 30_000)] == [BP, 7_500, 0, 0]


def test_answers_are_numbered_within_their_bounty():
    assert (ask_of(SECOND), place_of(SECOND)) == (1, 1)


def test_a_sponsor_closes_and_a_contributor_shows():
    assert told(CHIDI, [asked()])[1] == [f"close ask 1 {ASK.deadline}"]
    assert told(ANA, [asked()])[1] == []
    assert told(ANA, TWO[:2])[1] == [f"show answer {FIRST} 0"]
    assert told(BEN, TWO[:2])[1] == []


def test_who_showed_something_before_compares_and_who_shows_settles():
    facts = [*TWO, revealed(SECOND, shown(2))]

    assert told(BEN, facts)[1] == [f"settle answer {SECOND} {OPENED + 3 * DAY}"]
    assert told(ANA, facts)[1] == [f"check answer {SECOND} 0"]
    assert told(CHIDI, facts)[1] == []
    assert told(BEN, TWO)[1] == []  # what was committed to before copies nothing that came after


def disputed() -> list[f.Fact]:
    charge = Charge(asset(1), 8_000, 0, encode_witness(SAME))
    opening = Opening(RULES.hash, bytes(32), SECOND, 1, b"\1" * 32, b"\2" * 32, BEN, ANA, CHIDI)
    return [
        *TWO,
        revealed(SECOND, shown(2)),
        f.CaseOpened(at(8), DisputeId(1), opening, OPENED),
        f.AnswerDisputed(at(8, 1), DisputeId(1), SECOND, ANA, shown(2), charge, 20),
    ]


@pytest.mark.parametrize(
    ("ruling", "stage", "until", "owes"),
    [
        (Ruling.CLAIM, AnswerStage.REVEALED, 77, [f"settle answer {SECOND}/1 77"]),
        (Ruling.OTHER, AnswerStage.REFUTED, 0, []),
        (Ruling.VOID, AnswerStage.VOIDED, 0, []),
    ],
)
def test_a_ruling_ends_an_answer_or_lets_it_go_on(ruling, stage, until, owes):
    judged = f.AnswerJudged(at(9), DisputeId(1), SECOND, ruling, 3, 2, 1, until)
    catalog, owed = told(BEN, [*disputed(), judged])

    assert catalog.answers[SECOND].stage is stage
    assert catalog.cases[DisputeId(1)].answer == SECOND
    assert (asset(2) in catalog.answered) == (ruling is not Ruling.VOID)
    assert owed == owes


@pytest.mark.parametrize(("ruling", "winner"), [(Ruling.OTHER, ANA), (Ruling.CLAIM, BEN), (Ruling.VOID, None)])
@pytest.mark.parametrize("is_sealed", [False, True])
def test_who_won_a_challenge_sees_what_it_brought_and_how_anybody_recomputes_it(ruling, winner, is_sealed):
    judged = f.AnswerJudged(at(9), DisputeId(1), SECOND, ruling, 3 if winner else 0, 2, 1, 77)
    facts = [*disputed(), judged]
    if is_sealed:
        facts[0] = replace(facts[0], ask=replace(ASK, place_class=4))
    catalog, _ = told(BEN, facts)

    brought = {who: [one for one in earnings(catalog, facts, who) if one.source == "challenge"] for who in (ANA, BEN)}

    assert {who for who, rows in brought.items() if rows} == ({winner} if winner else set())
    for row in brought.get(winner, []):
        charge = next(fact.charge for fact in facts if isinstance(fact, f.AnswerDisputed))
        votes = f"VoteRevealed of dispute 1 for 0x{charge.leaf.hex()}"
        again = f"`thenar bounty challenge 1 1 --prior {asset(1)} --dry-run`"
        assert (row.amount, row.proof) == (3, "dispute 1 about answer 1 to bounty 1")
        assert dict(row.numbers) == {"lost": 6, "to_winner": 3, "to_jurors": 2, "burnt": 1}
        assert (votes in row.recompute, again in row.recompute) == (is_sealed, not is_sealed)


def test_a_charge_about_a_condition_is_recomputed_without_a_prior():
    facts = [*disputed(), f.AnswerJudged(at(9), DisputeId(1), SECOND, Ruling.OTHER, 3, 2, 1, 0)]
    lacking = Charge(NO_ASSET, 0, BP, b'{"unmet":"gesture"}')
    facts = [replace(one, charge=lacking) if isinstance(one, f.AnswerDisputed) else one for one in facts]

    (row,) = earnings(told(ANA, facts)[0], facts, ANA)

    assert row.recompute == "`thenar bounty challenge 1 1 --dry-run`"


def test_who_ends_an_answer_that_nobody_showed_has_half_of_its_bond():
    facts = [*TWO, f.AnswerLapsed(at(8), SECOND, CHIDI, 51)]

    (row,) = earnings(told(CHIDI, facts)[0], facts, CHIDI)

    assert (row.source, row.amount, row.numbers) == ("challenge", 25, (("lost", 51),))
    assert not list(earnings(told(ANA, facts)[0], facts, ANA))


def test_what_is_paid_lapsed_and_closed_is_believed():
    spot = Spot(1, 2, CELL, 0)
    facts = [
        *TWO,
        f.CoverageRaised(at(7), spot.key, ANA, spot, 0, 8_000, OPENED + 4 * DAY),
        f.AnswerSettled(at(7, 1), FIRST, ANA, 190, 0, 8_000),
        f.AnswerLapsed(at(8), SECOND, CHIDI, 50),
        f.AskClosed(at(9), AskId(1), CHIDI, 9_810),
    ]
    before, _ = told(CHIDI, facts[:-1])
    after, _ = told(CHIDI, facts)

    assert (before.asks[AskId(1)].left, after.asks[AskId(1)].left) == (9_810, 0)
    assert after.answers[FIRST].paid == 190 and after.answers[SECOND].stage is AnswerStage.LAPSED
    held = after.coverage[spot.key]
    assert held.now(OPENED) == 8_000 and held.now(OPENED + 94 * DAY) == 4_000


def test_a_spot_that_is_filled_twice_by_one_owner_counts_once():
    spot = Coverage.of(Spot(1, 2, CELL, 0))

    assert spot.fill(8_000, (ANA,), 100) == (0, 8_000)
    assert spot.fill(8_000, (ANA,), 100) == (8_000, 10_000)
    assert spot.fill(8_000, (BEN,), 100) == (10_000, 18_000)


def sketched(points) -> PlaceSketch:
    return PlaceSketch.of(points, RULES.spatial)


@pytest.fixture(scope="module")
def first():
    return scan(room(np.random.default_rng(5)), np.random.default_rng(6), rays=20_000, style="tripod")


def test_a_turned_and_mirrored_scan_is_found_out_and_everybody_finds_the_same(first):
    """The search finds a transform by itself; what it writes down leads any other machine to the same novelty."""
    turned = np.stack([-first.points[:, 1] + 900, -first.points[:, 0] - 1_700, first.points[:, 2] + 40], axis=1)
    new, old = sketched(turned), sketched(first.points)
    found = search(new, old)

    again = judge(new, old, decode_witness(encode_witness(found)))

    assert (again.verdict, again.novelty) == (Verdict.COPY, 0)


def test_another_room_is_no_copy_under_any_witness_somebody_names(first):
    other = scan(room(np.random.default_rng(77)), np.random.default_rng(78), rays=20_000, style="tripod")
    new, old = sketched(other.points), sketched(first.points)

    for named in (SAME, Transform.made(9_000, mirror=True), search(new, old)):
        assert judge(new, old, named).novelty > 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"height_bp":10000}',
        encode_witness(SAME)[:-1],
        encode_witness(SAME).replace(b"10000", b"1e4"),
        encode_witness(SAME).replace(b"[0,0,0]", b"[0,0]"),
        encode_witness(SAME).replace(b"[0,0,0]", b"[0,0,900000]"),
        encode_witness(SAME).replace(b'"height_bp":10000', b'"height_bp":20000'),
        b" " * 5_000,
    ],
)
def test_a_witness_that_is_none_is_refused(data):
    with pytest.raises(BadInput):
        decode_witness(data)


def test_a_note_says_which_file_is_the_sketch_of_what():
    cid = str(Cid.of(0x55, bytes(32)))
    note = SketchNote(asset(1), "spatial", "0x" + RULES.hash.hex(), cid, 900)

    assert SketchNote.decode(note.encode()) == note
    for size in (0, MOST_SKETCH + 1):
        with pytest.raises(BadInput, match="bytes"):
            SketchNote.decode(canonical.encode(to_value(note) | {"bytes": size}))


def test_a_charge_weighs_when_it_lowers_the_score_by_a_fifth():
    charge = Charge(NO_ASSET, 6_400, BP, b"")

    assert charge.weighs(shown(1))
    assert not replace(charge, quality=6_401).weighs(shown(1))
