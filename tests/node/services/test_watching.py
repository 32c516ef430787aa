"""A node that challenges for others finds anybody's copies, within a day's bonds, and goes on after a kill."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from fakes import FakeChain, FakeOutbox, FakePeers
from labelled_rooms import room, scan
from labelled_scans import SPATIAL_COPIES

from thenar.domain import actions as a
from thenar.domain.bounty.answers import NOBODY, AnswerStage, Shown, answer_id, ask_of
from thenar.domain.catalog import AnswerRecord, Catalog
from thenar.domain.ids import Address, AskId, AssetId
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.errors import Poor, Unavailable
from thenar.services.bounty import watching
from thenar.services.bounty.hearsay import Hearsay
from thenar.services.ports import Heard
from thenar.services.work.bonds import DAY

ME, ANA, BEN, MALLORY = (Address("0x" + digit * 40) for digit in "1234")
CELL, AREA = 0x8C2A1072B59D1FF, 0x8A2A1072B59FFFF
OTHER_CELL = 0x8C2A1072B59D3FF
BOND = 20


@pytest.fixture(scope="module")
def sketches():
    """Ana's room, her room turned and moved, and another room."""
    ana, other = (
        scan(room(np.random.default_rng(seed)), np.random.default_rng(seed + 1), rays=15_000, style="tripod").points
        for seed in (5, 40)
    )
    copy = SPATIAL_COPIES["turned and moved"](ana, np.random.default_rng(11)).points
    return tuple(PlaceSketch.of(points, RULES.spatial) for points in (ana, copy, other))


class Journal:
    """Names and bytes."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, name):
        return self.kept.get(name)

    async def put(self, name, data):
        self.kept[name] = data

    async def forget(self, names):
        for name in names:
            self.kept.pop(name, None)


class Desk:
    """A desk over paper answers; every sketch that is asked for is written down."""

    challenge_bond = BOND

    def __init__(self, me: Address, watch_bonds: int | None) -> None:
        chain = FakeChain(timestamp=5_000)
        self.outbox = FakeOutbox(chain, me)
        self.catalog = Catalog()
        belief = SimpleNamespace(catalog=self.catalog)
        self.trade = SimpleNamespace(me=me, chain=chain, outbox=self.outbox, journal=Journal(), belief=belief)
        self.files = SimpleNamespace(peers=FakePeers())
        self.watch_bonds, self.hearsay = watch_bonds, Hearsay()
        self.sketches: dict[int, PlaceSketch] = {}
        self.asked: list[int] = []
        place = SimpleNamespace(modality=1, modality_name="spatial", place_name="public_interior", area=AREA)
        self.catalog.asks[AskId(1)] = SimpleNamespace(ask=place, sponsor="0x" + "51" * 20)

    def ask(self, number):
        return self.catalog.asks[number]

    def answer(self, number):
        return self.catalog.answers[number]

    async def now(self):
        return self.trade.chain.timestamp

    async def provide(self, amount):
        assert amount == BOND

    async def sketch(self, record):
        self.asked.append(record.id)
        found = self.sketches.get(record.id)
        if found is None:
            raise Unavailable("nobody gives it")
        return found

    def shows(self, who, sketch, *, cell=CELL, at=None):
        """Somebody's answer; returns its number."""
        place = len(self.catalog.answers)
        number = answer_id(AskId(1), place)
        record = AnswerRecord(number, who, bytes(32), 1, 100 + place if at is None else at, 9_000, None)
        asset = AssetId("0x" + f"{place + 1:064x}")
        record.shown = Shown(asset, cell, 0, 8_000, 10_000, NOBODY, bytes(32))
        record.stage = AnswerStage.REVEALED
        self.catalog.answers[number] = record
        if sketch is not None:
            self.sketches[number] = sketch
        return number

    @property
    def challenged(self):
        return [one.answer for one in self.outbox.actions if isinstance(one, a.ChallengeAnswer)]


async def test_a_copy_of_somebody_elses_capture_is_challenged_and_everybody_is_told(sketches):
    desk = Desk(ME, 100)
    desk.shows(ANA, sketches[0])
    copy = desk.shows(MALLORY, sketches[1])

    await watching.check(desk, copy)

    assert desk.challenged == [copy]
    assert desk.files.peers.announced == [("challenge", {"bounty": 1, "place": 1})]
    assert not desk.trade.journal.kept.get(f"compared/{copy}")


async def test_who_challenges_for_himself_alone_looks_at_his_own_captures_alone(sketches):
    desk = Desk(ME, None)
    desk.shows(ANA, sketches[0])
    copy = desk.shows(MALLORY, sketches[1])

    await watching.check(desk, copy)

    assert (desk.challenged, desk.asked) == ([], [])


async def test_another_place_is_not_challenged(sketches):
    desk = Desk(ME, 100)
    desk.shows(ANA, sketches[0])
    honest = desk.shows(BEN, sketches[2])

    await watching.check(desk, honest)

    assert desk.challenged == []


async def test_the_same_cell_comes_first_then_the_newest_and_no_more_than_the_most():
    desk = Desk(ME, 100)
    elsewhere = [desk.shows(ANA, None, cell=OTHER_CELL) for _ in range(3)]
    here = [desk.shows(ANA, None) for _ in range(watching.MOST)]
    mine = desk.shows(ME, None, cell=OTHER_CELL)
    new = desk.shows(BEN, None)

    found = [one.id for one in watching.older_than(desk, desk.answer(new))]

    assert found == [mine, *reversed(here)]
    assert not set(found) & set(elsewhere)


async def test_a_day_s_bonds_are_never_passed(sketches):
    desk = Desk(ME, BOND)
    desk.shows(ANA, sketches[0])
    first, second = desk.shows(MALLORY, sketches[1]), desk.shows(MALLORY, sketches[1])
    desk.answer(first).stage = AnswerStage.REVEALED

    await watching.check(desk, first)
    desk.answer(first).stage = AnswerStage.REFUTED
    with pytest.raises(Poor, match=r"20 of the 20 .*may lay down in a day"):
        await watching.check(desk, second)
    assert desk.challenged == [first]
    assert desk.asked.count(answer_id(AskId(1), 0)) == 1  # nothing is compared that could not be challenged
    desk.answer(second).until += DAY
    desk.trade.chain.timestamp += DAY

    await watching.check(desk, second)

    assert desk.challenged == [first, second]


async def test_it_gives_way_to_whoever_said_that_he_challenges(sketches, autojump_clock):
    desk = Desk(ME, 100)
    desk.shows(ANA, sketches[0])
    copy = desk.shows(MALLORY, sketches[1])
    said = {"bounty": 1, "place": 1}
    assert ask_of(copy) == 1
    assert desk.hearsay.take(Heard("12D3KooW", "challenge", said), desk.catalog)

    with pytest.raises(Unavailable, match="somebody else"):
        await watching.check(desk, copy)

    assert desk.challenged == []


async def test_killed_on_the_way_it_goes_on_with_what_was_not_compared(sketches):
    desk = Desk(ME, 100)
    other = desk.shows(ANA, sketches[2])
    copy = desk.shows(MALLORY, sketches[1])
    original = desk.shows(ANA, sketches[0], at=50)
    killed = desk.sketches.pop(original)
    desk.sketches[original] = SimpleNamespace()  # what the search trips over, as a kill would

    with pytest.raises(AttributeError):
        await watching.check(desk, copy)
    desk.asked.clear()
    desk.sketches[original] = killed
    await watching.check(desk, copy)

    assert desk.asked == [copy, original]
    assert other not in desk.asked
    assert desk.challenged == [copy]


async def test_what_can_be_challenged_no_more_is_not_looked_at(sketches):
    desk = Desk(ME, 100)
    desk.shows(ANA, sketches[0])
    copy = desk.shows(MALLORY, sketches[1])
    desk.trade.chain.timestamp = 9_000

    await watching.check(desk, copy)

    assert (desk.challenged, desk.asked) == ([], [])


async def test_sketches_of_homes_are_not_asked_for(sketches):
    desk = Desk(ME, 100)
    desk.catalog.asks[AskId(1)].ask.place_name = "private_home"
    desk.shows(ANA, sketches[0])
    copy = desk.shows(MALLORY, sketches[1])

    await watching.check(desk, copy)

    assert (desk.challenged, desk.asked) == ([], [])
