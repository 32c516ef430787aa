"""What a word's two scans show to whoever computes them: a checker, an accuser, a juror; and what is withheld."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import labelled_rooms as rooms
import numpy as np
import pytest
from chain_facts import BEN, at
from word_facts import ASK, BOTH, DORA, asset, believed

from thenar.domain import facts as f
from thenar.domain.bounty.sketches import encode_witness, judge
from thenar.domain.bounty.witnessing import WordStage, overlap_leaf
from thenar.domain.ids import DisputeId
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.transform import SAME
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty.accusing import MOST_OPEN, accuse, check_word, overlap, word_leaf

STANDS = ((1.2, 1.4, 1.5), (3.6, 1.5, 1.4)), ((1.3, 3.2, 1.3), (3.9, 3.0, 1.6))
NOW = 500


def sketched(room: rooms.Room, visit: int) -> PlaceSketch:
    taken = rooms.scan(room, np.random.default_rng(visit), rays=20_000, style="tripod", stands=STANDS[visit])
    return PlaceSketch.of(taken.points, RULES.spatial)


def bare(seed: int) -> rooms.Room:
    """A room without inner walls, large enough for the stands."""
    made = rooms.room(np.random.default_rng(seed))
    pieces = made.boxes[made.fixed :]
    clear = [one for one in pieces if not (one[0] < 4.4 and one[3] > 0.8 and one[1] < 3.6 and one[4] > 1.0)]
    return rooms.Room((max(made.size[0], 6.0), max(made.size[1], 5.0), made.size[2]), np.array(clear), 0)


@pytest.fixture(scope="module")
def place():
    return sketched(bare(4), 0)


@pytest.fixture(scope="module")
def again():
    return sketched(bare(4), 1)


@pytest.fixture(scope="module")
def elsewhere():
    return sketched(bare(11), 1)


@dataclass
class PaperDesk:
    """Dora's desk: two answers of a catalog, whose sketch can be had, and what was sent."""

    catalog: object
    sketches: list[object]
    accusation_bond: int = 7
    provided: list[int] = field(default_factory=list)
    sent: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trade = SimpleNamespace(belief=SimpleNamespace(catalog=self.catalog), me=DORA, outbox=self)

    async def send(self, key, action):
        self.sent.append((key, action))

    def answer(self, number):
        return self.catalog.answers[number]

    def word(self, capture, witness):
        return self.catalog.words[capture, witness]

    async def now(self):
        return NOW

    async def provide(self, amount):
        self.provided.append(amount)

    async def sketch(self, record, keeper=None):
        assert keeper == BEN
        found = self.sketches[list(self.catalog.answers).index(record.id)]
        if isinstance(found, Exception):
            raise found
        return found


def desk_with(old, new, laid: bytes, said: int, until: int = 9_000) -> PaperDesk:
    """A desk where Ben says that his scan shows Ana's capture again."""
    ruled = replace(ASK, rules=RULES.hash)
    facts = [replace(fact, ask=ruled) if isinstance(fact, f.CapturesAsked) else fact for fact in BOTH]
    word = f.Witnessed(at(80), asset(1), BEN, asset(2), 3_000, 7_000, said, laid, until)
    return PaperDesk(believed([*facts, word]), [old, new])


def shown(desk: PaperDesk):
    return desk.word(asset(1), BEN)


async def voted(desk: PaperDesk) -> bytes:
    return await word_leaf(desk, SimpleNamespace(id=DisputeId(3), word=(asset(1), BEN)))


async def test_a_place_recorded_again_shows_what_its_witness_says(place, again):
    laid = search(again, place)
    found = judge(again, place, laid)
    assert found.verdict is Verdict.AGAIN
    desk = desk_with(place, again, encode_witness(laid), found.shared)

    assert await overlap(desk, shown(desk)) == found.shared
    assert await voted(desk) == overlap_leaf(found.shared)
    await check_word(desk, asset(1), BEN)
    assert desk.sent == []


async def test_two_places_show_nothing_again_and_whoever_is_near_accuses(place, elsewhere):
    desk = desk_with(place, elsewhere, encode_witness(search(elsewhere, place)), 6_500)

    assert await voted(desk) == overlap_leaf(0)
    await check_word(desk, asset(1), BEN)

    ((key, action),) = desk.sent
    assert key == f"word-accuse:{asset(1)}/{BEN}/0"
    assert (action.word, action.charged) == (shown(desk).attestation, 0)
    assert desk.provided == [7]


async def test_a_copy_is_no_witness(place):
    desk = desk_with(place, place, encode_witness(SAME), 10_000)

    assert await voted(desk) == overlap_leaf(0)


async def test_what_is_no_transform_shows_nothing(place, again):
    assert await voted(desk_with(place, again, b"turn it a bit", 6_500)) == overlap_leaf(0)


@pytest.mark.parametrize("missing", [Unavailable("nobody"), Corrupt("no sketch"), NotFound("nothing")])
async def test_a_witness_who_shows_no_sketches_has_seen_nothing_again(place, again, missing):
    """He laid one on the other, so he has both; a juror who is given only one finds against him."""
    laid = encode_witness(search(again, place))

    assert await voted(desk_with(missing, again, laid, 6_500)) == overlap_leaf(0)
    assert await voted(desk_with(place, missing, laid, 6_500)) == overlap_leaf(0)


async def test_nobody_accuses_by_himself_without_both_sketches(again):
    desk = desk_with(Unavailable("nobody gives it"), again, encode_witness(SAME), 6_500)

    with pytest.raises(Unavailable):
        await check_word(desk, asset(1), BEN)
    assert desk.sent == []


async def test_no_more_than_three_accusations_wait_at_once(place, elsewhere):
    desk = desk_with(place, elsewhere, encode_witness(SAME), 6_500)
    for number in range(MOST_OPEN):
        other = replace(shown(desk), accuser=DORA, stage=WordStage.DISPUTED)
        desk.catalog.words[asset(10 + number), BEN] = other

    with pytest.raises(Unavailable, match="waits for a ruling"):
        await check_word(desk, asset(1), BEN)
    assert desk.sent == []


@pytest.mark.parametrize("why", ["too late", "before the court", "other rules"])
async def test_what_cannot_be_accused_is_left_alone(place, elsewhere, why):
    desk = desk_with(place, elsewhere, encode_witness(SAME), 6_500, until=NOW if why == "too late" else 9_000)
    if why == "before the court":
        shown(desk).stage = WordStage.DISPUTED
    if why == "other rules":
        for record in desk.catalog.asks.values():
            record.ask = replace(record.ask, rules=bytes(32))

    await check_word(desk, asset(1), BEN)

    assert desk.sent == []


async def test_an_accuser_is_told_when_a_jury_would_find_against_him(place, again):
    laid = search(again, place)
    found = judge(again, place, laid)
    desk = desk_with(place, again, encode_witness(laid), found.shared)

    with pytest.raises(Refused, match="your bond would be lost"):
        await accuse(desk, shown(desk), found.shared)
    assert desk.provided == []


async def test_nobody_accuses_what_no_jury_here_judges(place, elsewhere):
    desk = desk_with(place, elsewhere, encode_witness(SAME), 6_500)
    for record in desk.catalog.asks.values():
        record.ask = replace(record.ask, place_class=4)

    with pytest.raises(Refused, match="sealed"):
        await accuse(desk, shown(desk), 0)
