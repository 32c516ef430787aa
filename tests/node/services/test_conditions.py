"""What fails a bounty's conditions, who is refused before he loses a bond, and what a juror votes for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import trio
from captures import make_manifest, make_stream
from chain_facts import ANA, CHIDI, at
from gestures import joint_log, motion_log

from thenar.domain import facts as f
from thenar.domain.bounty.answers import NO_ASSET, NOBODY, Charge, Shown, answer_id
from thenar.domain.bounty.asks import NO_SUBJECT
from thenar.domain.bounty.duties import for_captures
from thenar.domain.bounty.subjects import Subject
from thenar.domain.catalog import BeaconRecord
from thenar.domain.duty import DutyKind, Me
from thenar.domain.gestures.moves import moves_of
from thenar.domain.gestures.reading import trace_of
from thenar.domain.ids import AskId, AssetId
from thenar.errors import Corrupt, NotFound, Refused, Reverted, Unavailable
from thenar.services.bounty.beacons import FRESH, beacon, light, newest
from thenar.services.bounty.checking import verdict_leaf
from thenar.services.bounty.conditions import charge_for, require_gesture, require_met, unmet

ASSET, ANSWER = AssetId("0x" + "0a" * 32), answer_id(AskId(1), 0)
LIT, DAY = 1_000_000, 86_400
BEACON = BeaconRecord(64, bytes(range(32)), LIT)
RIGHT = trace_of(motion_log(BEACON.moves))
WRONG = trace_of(motion_log([(move + 1) % 4 for move in BEACON.moves]))


class PaperDesk:
    """One bounty, one answer, and what it published."""

    beacon_every = 16

    def __init__(self, trace=None, *, number=64, max_age=DAY, committed=LIT + DAY, stated=LIT):
        kind = {"modality_name": "spatial", "place_name": "public_interior"}
        self.ask_ = SimpleNamespace(max_age=max_age, needs_gesture=bool(number), subject=NO_SUBJECT, **kind)
        self.shown = Shown(ASSET, 1, 0, 8_000, 9_000, NOBODY, bytes(32), number)
        self.record = SimpleNamespace(id=ANSWER, shown=self.shown, committed_at=committed, charge=None)
        self.trace_, self.stated, self.described = trace, stated, None
        self.subjects: dict[bytes, Subject] = {}
        self.files = SimpleNamespace(bring=self.bring)
        catalog = SimpleNamespace(beacons={64: BEACON}, answered={ASSET: ANSWER}, nodes={}, assets={})
        self.trade = SimpleNamespace(belief=SimpleNamespace(catalog=catalog))

    def ask(self, _):
        return SimpleNamespace(id=1, ask=self.ask_, sponsor=CHIDI, answers=[])

    async def bring(self, cid, holders, limit):
        raise Unavailable("nobody gives it")

    def wants(self, least, *, has=92):
        """Touch of so many taxels is wanted, and the capture says that it has some."""
        subject = Subject("an egg", least)
        self.ask_.modality_name, self.ask_.place_name, self.ask_.subject = "tactile", "", subject.digest
        self.ask_.max_age, self.ask_.needs_gesture = 0, False
        self.described = make_manifest(streams=(make_stream(count=has),))
        self.subjects[subject.digest] = subject
        return self

    def answer(self, _):
        return self.record

    async def trace(self, _):
        if isinstance(self.trace_, Exception):
            raise self.trace_
        return self.trace_

    async def description(self, _):
        if isinstance(self.stated, Exception):
            raise self.stated
        if self.described is not None:
            return self.described
        return SimpleNamespace(time=SimpleNamespace(end_ns=self.stated * 10**9))

    async def now(self):
        return LIT + FRESH


async def never(*_):
    await trio.sleep_forever()


async def voted(desk, name="gesture"):
    desk.record.charge = charge_for(desk.record, name)
    assert desk.record.charge.weighs(desk.shown)
    found = await verdict_leaf(desk, SimpleNamespace(id=1, answer=ANSWER))
    assert found in (desk.record.charge.leaf, desk.shown.leaf)
    return found == desk.record.charge.leaf


@pytest.mark.parametrize(("trace", "is_against"), [(RIGHT, False), (WRONG, True), (None, True)])
async def test_an_answer_without_the_gesture_it_names_is_worth_nothing(trace, is_against):
    desk = PaperDesk(trace)

    assert await unmet(desk, desk.record) == ("gesture" if is_against else None)
    assert await voted(desk) is is_against
    assert await voted(desk, "age") is False


@pytest.mark.parametrize(("modality", "is_against"), [("trajectory", False), ("spatial", True), ("rollout", True)])
async def test_a_gesture_is_made_with_what_the_modality_can_show(modality, is_against, monkeypatch):
    monkeypatch.setattr("thenar.services.bounty.conditions.is_public", lambda ask: True)
    desk = PaperDesk(trace_of(joint_log(BEACON.moves)))
    desk.ask_.modality_name = modality

    assert await unmet(desk, desk.record) == ("gesture" if is_against else None)


@pytest.mark.parametrize("over", [0, 1])
async def test_without_a_beacon_a_capture_is_as_old_as_it_says(over):
    desk = PaperDesk(number=0, stated=LIT - over)

    assert await unmet(desk, desk.record) == ("age" if over else None)
    assert await voted(desk, "age") is bool(over)
    assert await voted(desk, "gesture") is False


@pytest.mark.parametrize("missing", [Unavailable("nobody"), Corrupt("no trace")])
async def test_who_hides_what_shows_a_condition_is_found_against(missing):
    assert await voted(PaperDesk(missing)) is True
    assert await voted(PaperDesk(number=0, stated=missing), "age") is True


@pytest.mark.parametrize("witness", [b"", b'{"unmet":"size"}', b"gesture"])
async def test_a_charge_about_no_condition_convicts_nobody(witness):
    desk = PaperDesk(WRONG)
    desk.record.charge = Charge(NO_ASSET, 0, desk.shown.novelty, witness)

    assert await verdict_leaf(desk, SimpleNamespace(id=1, answer=ANSWER)) == desk.shown.leaf


async def test_where_sketches_are_sealed_nobody_is_convicted_of_a_gesture():
    desk = PaperDesk(WRONG)
    desk.ask_.place_name = "private_home"

    assert await unmet(desk, desk.record) is None
    assert await voted(desk) is False


@pytest.mark.parametrize(("has", "is_against"), [(91, True), (92, False), (500, False)])
async def test_touch_of_fewer_taxels_than_are_wanted_is_worth_nothing(has, is_against):
    desk = PaperDesk(number=0).wants(92, has=has)

    assert await unmet(desk, desk.record) == ("taxels" if is_against else None)
    assert await voted(desk, "taxels") is is_against
    assert await voted(desk, "age") is False


async def test_who_hides_how_many_taxels_there_are_is_found_against():
    assert await voted(PaperDesk(number=0, stated=Unavailable("nobody")).wants(92), "taxels") is True


@pytest.mark.parametrize("hidden", [Unavailable("nobody"), None])
async def test_what_a_sponsor_wants_and_tells_nobody_binds_nobody(hidden, autojump_clock):
    desk = PaperDesk(number=0).wants(92, has=1)
    desk.subjects.clear()
    if hidden is None:
        desk.files.bring = never

    assert await unmet(desk, desk.record) is None
    assert await voted(desk, "taxels") is False


async def test_a_subject_that_is_none_binds_nobody():
    desk = PaperDesk(number=0).wants(92, has=1)
    desk.subjects.clear()

    async def bring(*_):
        return b"{}"

    desk.files.bring = bring

    assert await voted(desk, "taxels") is False


async def test_who_has_too_few_taxels_is_refused_before_he_lays_down_a_bond():
    desk = PaperDesk(number=0).wants(500)

    with pytest.raises(Refused, match="an egg, 500 taxels or more, and the capture has 92 taxels"):
        await require_met(desk, desk.ask(1), ASSET, None, LIT)
    await require_met(desk.wants(92), desk.ask(1), ASSET, None, LIT)
    desk.subjects.clear()
    with pytest.raises(Unavailable):
        await require_met(desk, desk.ask(1), ASSET, None, LIT)


async def test_what_was_not_shown_fails_nothing():
    desk = PaperDesk(WRONG)
    desk.record.shown = None

    assert await unmet(desk, desk.record) is None
    with pytest.raises(NotFound):
        charge_for(desk.record, "gesture")


async def test_who_has_no_gesture_or_an_old_one_is_refused_before_he_lays_down_a_bond():
    desk = PaperDesk()
    asked, ask = desk.ask(1), desk.ask_

    with pytest.raises(Refused, match="begins with a gesture"):
        await require_met(desk, asked, ASSET, None, LIT)
    with pytest.raises(Refused, match="86,401 seconds old"):
        await require_met(desk, asked, ASSET, BEACON, LIT + DAY + 1)
    await require_met(desk, asked, ASSET, BEACON, LIT + DAY)
    ask.needs_gesture = False
    with pytest.raises(Refused, match="86,401 seconds old"):
        await require_met(desk, asked, ASSET, None, LIT + DAY + 1)
    ask.max_age = 0
    await require_met(desk, asked, ASSET, None, LIT + 9 * DAY)


def test_a_wrong_gesture_is_refused_in_words():
    require_gesture(RIGHT, BEACON)
    for trace, says in [(WRONG, "seen: turn|seen: look"), (None, "seen: nothing")]:
        with pytest.raises(Refused, match=says):
            require_gesture(trace, BEACON)


async def test_a_fresh_beacon_is_taken_and_an_old_one_is_not():
    desk = PaperDesk()

    assert newest(desk, LIT + FRESH) == BEACON == await light(desk) == beacon(desk, 64)
    assert newest(desk, LIT + FRESH + 1) is None
    assert BEACON.moves == moves_of(bytes(range(27)))
    with pytest.raises(NotFound, match="no lit beacon"):
        beacon(desk, 80)


@pytest.mark.parametrize(
    ("wanted", "owes"),
    [
        ({"needs_gesture": True}, True),
        ({"max_age": 9}, True),
        ({"modality_name": "tactile", "subject": b"\1" * 32}, True),
        ({"modality_name": "imu", "subject": b"\1" * 32}, False),
        ({}, False),
    ],
)
def test_a_sponsor_looks_at_answers_to_what_he_asked_for(wanted, owes):
    plain = {"needs_gesture": False, "max_age": 0, "modality": 1, "modality_name": "spatial", "subject": NO_SUBJECT}
    ask = SimpleNamespace(**plain | wanted)
    record = SimpleNamespace(id=ANSWER, contributor=ANA, committed_at=1, shown=None)
    catalog = SimpleNamespace(asks={1: SimpleNamespace(sponsor=CHIDI, ask=ask)}, answers={ANSWER: record})
    shown = Shown(ASSET, 1, 0, 8_000, 9_000, NOBODY, bytes(32))
    fact = f.AnswerRevealed(at(3), ANSWER, ASSET, shown, 9)

    found = [duty.kind for duty in for_captures(catalog, fact, Me(CHIDI, pins_for_others=False))]

    assert found == ([DutyKind.CHECK_ANSWER] if owes else [])


async def test_a_beacon_that_came_a_block_too_late_is_lit_at_the_next_one_that_is_due(autojump_clock):
    desk, blocks, lit = PaperDesk(), iter([79, 80, 80]), []
    desk.trade.belief.catalog.beacons.clear()

    class Chain:
        async def head(self):
            return SimpleNamespace(block=next(blocks), timestamp=LIT)

    class Outbox:
        async def send(self, key, action):
            lit.append((key, action.number))
            if len(lit) == 1:
                raise Reverted("failed on chain")

    async def until(wanted, **_):
        desk.trade.belief.catalog.beacons[80] = replace(BEACON, number=80)
        return wanted(desk.trade.belief.catalog)

    desk.trade.chain, desk.trade.outbox, desk.trade.belief.until = Chain(), Outbox(), until

    assert (await light(desk)).number == 80
    assert lit == [("beacon:64", 64), ("beacon:80", 80)]


async def test_a_chain_without_a_beacon_yet_says_which_block_is_the_first():
    desk = PaperDesk()
    desk.trade.belief.catalog.beacons.clear()

    async def head():
        return SimpleNamespace(block=9, timestamp=LIT)

    desk.trade.chain = SimpleNamespace(head=head)

    with pytest.raises(Unavailable, match="block 16 is the first"):
        await light(desk)
