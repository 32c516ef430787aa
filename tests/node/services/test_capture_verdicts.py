"""What a juror votes for when everything is there, and when something is withheld."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest
from labelled_rooms import room, scan
from labelled_scans import SPATIAL_COPIES

from thenar.domain.bounty.answers import NO_ASSET, NOBODY, Charge, Shown, score_leaf
from thenar.domain.bounty.sketches import encode_witness
from thenar.domain.ids import AssetId
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.transform import SAME
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty.checking import charge_of, verdict_leaf

CHANGED = (
    "as it is",
    "noise of 20 mm",
    "turned and moved",
    "mirrored and turned",
    "cut in half and turned",
    "scaled",
    "stretched along axes",
    "everything at once",
)
"""Kinds of copies in the labelled set that one transform undoes."""
OLD, NEW = AssetId("0x" + "01" * 32), AssetId("0x" + "02" * 32)


def sketched(seed: int) -> PlaceSketch:
    taken = scan(room(np.random.default_rng(seed)), np.random.default_rng(seed + 1), rays=15_000, style="tripod")
    return PlaceSketch.of(taken.points, RULES.spatial)


@pytest.fixture(scope="module")
def place():
    return sketched(5)


@pytest.fixture(scope="module")
def elsewhere():
    return sketched(40)


@dataclass
class PaperDesk:
    """Two answers, and whose sketch can be had."""

    sketches: dict[int, object]
    records: dict[int, SimpleNamespace] = field(default_factory=dict)

    def __post_init__(self) -> None:
        catalog = SimpleNamespace(answered={OLD: 1, NEW: 2})
        self.trade = SimpleNamespace(belief=SimpleNamespace(catalog=catalog))

    def ask(self, _):
        return SimpleNamespace(ask=SimpleNamespace(modality_name="spatial", place_name="semi_public"))

    def answer(self, number):
        return self.records[number]

    async def sketch(self, record):
        found = self.sketches[record.id]
        if isinstance(found, Exception):
            raise found
        return found


SHOWN = Shown(NEW, 1, 0, 8_000, 10_000, NOBODY, bytes(32))
CHARGE = Charge(OLD, 8_000, 0, encode_witness(SAME))


async def voted(new, old, charge=CHARGE):
    desk = PaperDesk({1: old, 2: new})
    desk.records = {
        1: SimpleNamespace(id=1, shown=replace(SHOWN, asset=OLD), charge=None),
        2: SimpleNamespace(id=2, shown=SHOWN, charge=charge),
    }
    return await verdict_leaf(desk, SimpleNamespace(id=7, answer=2))


async def test_a_copy_is_found_against(place):
    assert await voted(place, place) == CHARGE.leaf == score_leaf(8_000, 0)


async def test_another_place_is_found_for(place, elsewhere):
    assert await voted(elsewhere, place) == SHOWN.leaf


@pytest.mark.parametrize("missing", [Unavailable("nobody"), Corrupt("no sketch"), NotFound("nothing")])
async def test_who_hides_a_sketch_is_found_against_and_nobody_for_a_missing_prior(place, missing):
    assert await voted(missing, place) == CHARGE.leaf
    assert await voted(place, missing) == SHOWN.leaf


async def test_what_is_no_witness_convicts_nobody(place):
    assert await voted(place, place, replace(CHARGE, witness=b"turn it a bit")) == SHOWN.leaf


async def test_a_sketch_says_nothing_about_quality_alone(place):
    assert await voted(place, place, Charge(NO_ASSET, 1, 10_000, b"")) == SHOWN.leaf


@pytest.mark.parametrize("kind", CHANGED)
async def test_a_challenger_finds_how_a_copy_was_made_and_the_jury_finds_for_him(kind):
    """Turned, mirrored, scaled, stretched, cropped, noised: the command names how, the jury computes the same."""
    old = scan(room(np.random.default_rng(5)), np.random.default_rng(6), rays=15_000, style="tripod").points
    copy = SPATIAL_COPIES[kind](old, np.random.default_rng(11))
    sketches = {number: PlaceSketch.of(points, RULES.spatial) for number, points in ((1, old), (2, copy.points))}
    desk = PaperDesk(sketches)
    desk.records = {
        1: SimpleNamespace(id=1, shown=replace(SHOWN, asset=OLD), charge=None),
        2: SimpleNamespace(id=2, shown=SHOWN, charge=None),
    }

    charge, found = await charge_of(desk, 2, OLD)
    desk.records[2].charge = charge

    assert (found.verdict, charge.novelty) == (Verdict.COPY, 0)
    assert charge.weighs(SHOWN)
    assert await verdict_leaf(desk, SimpleNamespace(id=7, answer=2)) == charge.leaf


async def test_a_challenger_is_told_that_another_place_is_no_copy(place, elsewhere):
    desk = PaperDesk({1: place, 2: elsewhere})
    desk.records = {number: SimpleNamespace(id=number, shown=SHOWN, charge=None) for number in (1, 2)}

    with pytest.raises(Refused, match="your bond would be lost"):
        await charge_of(desk, 2, OLD)


async def test_a_prior_nobody_answered_with_convicts_nobody(place):
    assert await voted(place, place, replace(CHARGE, prior=AssetId("0x" + "09" * 32))) == SHOWN.leaf
