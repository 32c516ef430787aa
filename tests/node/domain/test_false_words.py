"""Words of witnesses in the node after they were counted: who checks them, what a ruling changes, what it costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain_facts import ANA, BEN, CHIDI, at
from hypothesis import given
from hypothesis import strategies as st
from word_facts import ASK, BOTH, DORA, asset, believed, paid, sponsored

from thenar.domain import facts as f
from thenar.domain.bounty.eligible import objection
from thenar.domain.bounty.witnessing import ALONE, Attestation, WordStage, overlap_leaf, weighs
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import Me, react
from thenar.domain.earnings import earnings
from thenar.domain.ids import Address, DisputeId
from thenar.domain.keccak import keccak256
from thenar.domain.work.disputes import Opening, Ruling

FAR = 0x8C2A1072A26C1FF
UNTIL = 9_000
WORD = f.Witnessed(at(80), asset(1), BEN, asset(2), 3_000, 7_000, 5_300, b"{}", UNTIL)
DISPUTE = DisputeId(1)
OPENED = f.CaseOpened(at(90), DISPUTE, Opening(ASK.rules, bytes(32), 0, 1, b"\1" * 32, b"\2" * 32, BEN, DORA, ANA), 500)
ACCUSED = f.WordAccused(at(90, 1), DISPUTE, asset(1), BEN, DORA, 0, 50)
COUNTED = [*BOTH, WORD]
HELD = [*COUNTED, OPENED, ACCUSED]


def judged(ruling: Ruling, until: int = 0) -> list[f.Fact]:
    """What the court's ruling leaves in the log."""
    struck = [f.WordStruck(at(99), asset(1), BEN, 3_000, ALONE)] if ruling is Ruling.OTHER else []
    return [*struck, f.WordJudged(at(99, 1), DISPUTE, asset(1), BEN, ruling, 10, 5, 5, until)]


def duties(facts: list[f.Fact], who: Address) -> list[tuple[str, str, int]]:
    """What the last fact gives somebody to do."""
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
        given_ = react(catalog, fact, Me(who, pins_for_others=False))
    return [(str(duty.kind), duty.subject, duty.not_before) for duty in given_]


def test_a_word_is_kept_as_it_was_signed():
    word = believed([*BOTH, f.WordsWithdrawn(at(70), BEN, 3), WORD]).words[asset(1), BEN]

    assert word.attestation == Attestation(asset(1), asset(2), BEN, 5_300, b"{}", 3)
    assert (word.stage, word.until, word.dispute) == (WordStage.COUNTED, UNTIL, None)


def test_who_spoke_frees_his_stake_when_the_window_is_over():
    assert duties(COUNTED, BEN) == [("free word", f"{asset(1)}/{BEN}", UNTIL)]
    assert believed([*COUNTED, f.WordFreed(at(90), asset(1), BEN)]).words[asset(1), BEN].stage is WordStage.FREED


@pytest.mark.parametrize("who", [ANA, DORA])
def test_whoever_has_shown_something_near_checks_a_word(who):
    shown = [] if who == ANA else paid(3, DORA)

    assert duties([*BOTH, *shown, WORD], who) == [("check word", f"{asset(1)}/{BEN}", 0)]


def test_who_is_far_away_or_has_shown_nothing_does_not():
    elsewhere = sponsored([*BOTH, *paid(3, DORA, 2, cell=FAR), WORD], 2, CHIDI)

    assert duties(COUNTED, CHIDI) == []
    assert duties(elsewhere, DORA) == []


@pytest.mark.parametrize("changes", [{"place_class": 4}, {"modality": 4}])
def test_words_about_what_is_sealed_are_nobodys_to_check(changes):
    hidden = [
        replace(fact, ask=replace(ASK, **changes)) if isinstance(fact, f.CapturesAsked) else fact for fact in BOTH
    ]

    assert duties([*hidden, WORD], ANA) == []


def test_an_accused_word_is_before_the_court():
    catalog = believed(HELD)

    word = catalog.words[asset(1), BEN]
    assert (word.stage, word.dispute, word.accuser, word.charged) == (WordStage.DISPUTED, DISPUTE, DORA, 0)
    assert catalog.cases[DISPUTE].word == (asset(1), BEN)
    assert catalog.trust.of(asset(1)) == 7_000


def test_a_false_word_is_struck_and_its_witness_speaks_no_more():
    catalog = believed([*HELD, *judged(Ruling.OTHER)])
    capture, scan = list(catalog.answers.values())[:2]

    assert catalog.trust.of(asset(1)) == ALONE
    assert catalog.words[asset(1), BEN].stage is WordStage.STRUCK
    assert "before" in (objection(catalog, capture, scan) or "")
    assert catalog.trust.between(ANA, BEN) == 1
    assert catalog.cases[DISPUTE].to_winner == 10


def test_a_word_that_stands_runs_on_and_is_freed_later():
    facts = [*HELD, *judged(Ruling.CLAIM, until=12_000)]

    word = believed(facts).words[asset(1), BEN]
    assert (word.stage, word.until, word.dispute) == (WordStage.COUNTED, 12_000, DISPUTE)
    assert duties(facts, BEN) == [("free word", f"{asset(1)}/{BEN}/{DISPUTE}", 12_000)]
    assert duties(facts, ANA) == []


def test_after_a_void_others_look_again():
    """Whoever has a friend accuse him of something that is not so wins no time."""
    assert duties([*HELD, *judged(Ruling.VOID, until=12_000)], ANA) == [
        ("check word", f"{asset(1)}/{BEN}/{DISPUTE}", 0)
    ]


@pytest.mark.parametrize(("ruling", "who"), [(Ruling.OTHER, DORA), (Ruling.CLAIM, BEN)])
def test_who_was_right_sees_where_his_money_comes_from(ruling, who):
    facts = [*HELD, *judged(ruling, until=0 if ruling is Ruling.OTHER else 12_000)]

    (earned,) = earnings(believed(facts), facts[-1:], who)
    assert (earned.source, earned.amount) == ("challenge", 10)
    assert dict(earned.numbers) == {"lost": 20, "to_winner": 10, "to_jurors": 5, "burnt": 5}
    assert "capture words" in earned.recompute
    assert list(earnings(believed(facts), facts[-1:], CHIDI)) == []


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_the_court_takes_what_is_at_least_a_fifth_below_the_word(found, said):
    assert weighs(said, found) is (found <= said * 4 / 5)


def test_leaves_differ_as_overlaps_do():
    assert len({overlap_leaf(one) for one in range(10_001)}) == 10_001
    assert overlap_leaf(7) == keccak256(b"thenar.overlap/1".ljust(32, b"\0") + (7).to_bytes(32, "big"))
