"""What people say about a capture bounty, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace

import h3
import pytest

from thenar.commands.bounties import ask_from, list_asks, list_gaps
from thenar.commands.demands import wanted_subject
from thenar.domain.bounty.asks import NO_SUBJECT, Ask
from thenar.domain.bounty.coverage import Spot
from thenar.domain.catalog import AskRecord, Catalog, CoverageRecord
from thenar.domain.facts import At
from thenar.domain.ids import Address, AskId, TxHash
from thenar.domain.scoring.parameters import RULES
from thenar.errors import BadInput, Unavailable
from thenar.services.bounty.hearsay import Hearsay

NOW, DAY = 1_800_000_000, 86_400
NODE = SimpleNamespace(decimals=6)
SPONSOR = Address("0x" + "5a" * 20)
HALL = {"place": "semi_public", "area": "871f8d7a5ffffff", "price": "20", "budget": "500"}
TOUCH = {"modality": "tactile", "subject": "soft objects", "price": "5", "budget": "200"}


def test_what_is_left_out_has_a_default():
    ask = ask_from(NODE, HALL, NOW)
    ask.check()

    assert (ask.modality_name, ask.place_name, ask.grain) == ("spatial", "semi_public", 9)
    assert (ask.lowest, ask.highest, ask.min_quality, ask.target) == (0, 0, 6_000, 20_000)
    assert (ask.deadline - NOW, ask.slope) == (10 * DAY, 10 * DAY)
    assert (ask.price, ask.top_price, ask.budget) == (20_000_000, 20_000_000, 500_000_000)
    assert (ask.subject, ask.rules) == (NO_SUBJECT, RULES.hash)


def test_everything_can_be_said():
    said = {"grain": 11, "levels": "-2:5", "quality": "75.5%", "captures": 3, "top_price": "60"}
    ask = ask_from(NODE, HALL | said | {"days": 3, "rise_days": 2, "terms": 7, "needs_device": True}, NOW)
    ask.check()

    assert (ask.grain, ask.lowest, ask.highest, ask.min_quality, ask.target) == (11, -2, 5, 7_550, 30_000)
    assert (ask.top_price, ask.slope, ask.terms, ask.needs_device) == (60_000_000, 2 * DAY, 7, True)


def test_touch_is_asked_for_by_its_subject_in_words():
    ask = ask_from(NODE, TOUCH, NOW)
    ask.check()

    assert (ask.place_class, ask.area, ask.grain, ask.modality_name) == (0, 0, 0, "tactile")
    assert ask.subject == ask_from(NODE, TOUCH | {"price": "6"}, NOW).subject != NO_SUBJECT
    assert ask.subject == ask_from(NODE, TOUCH | {"subject": " soft  objects"}, NOW).subject
    assert ask.subject != ask_from(NODE, TOUCH | {"subject": "hard objects"}, NOW).subject
    assert ask.subject != ask_from(NODE, TOUCH | {"least_taxels": 500}, NOW).subject


async def test_a_subject_is_told_in_words_as_soon_as_somebody_gives_them():
    town = town_with(ask_from(NODE, TOUCH | {"least_taxels": 500}, NOW))
    (before,) = (await list_gaps(town, {}, lambda _: None))["gaps"]
    subject = wanted_subject(TOUCH | {"least_taxels": 500}, "tactile")
    assert subject is not None

    town.bounty_desk.files.bring = partial(given, subject.encode())
    (after,) = (await list_gaps(town, {}, lambda _: None))["gaps"]

    assert before["wanted"] == f"tactile of subject 0x{subject.digest.hex()}, quality 60% or better"
    assert after["wanted"] == "tactile of soft objects, 500 taxels or more, quality 60% or better"


async def given(data, *_):
    return data


def test_a_home_is_never_counted_finer_than_its_class_allows():
    ask = ask_from(NODE, HALL | {"place": "private_home", "area": "871f8d7a5ffffff"}, NOW)

    assert ask.grain == 7


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (HALL | {"subject": "chairs"}, "a class of place, or a subject"),
        ({"price": "20", "budget": "500"}, "a class of place, or a subject"),
        (HALL | {"place": "castle"}, "no class of place"),
        (HALL | {"modality": "smell"}, "no modality"),
        (HALL | {"area": "871f8d7a5fffff"}, "not an H3 cell"),
        (HALL | {"levels": "ground"}, "no levels"),
        (HALL | {"levels": "0:900"}, "levels lie between"),
        (HALL | {"price": "cheap"}, "not an amount"),
        (HALL | {"quality": "great"}, "not a share"),
        (HALL | {"captures": 0}, "captures"),
    ],
)
def test_what_cannot_be_meant_is_named(said, says):
    with pytest.raises(BadInput, match=says):
        ask_from(NODE, said, NOW).check()


class PaperDesk:
    """Knows what time it is, and what was heard."""

    def __init__(self) -> None:
        self.hearsay, self.subjects = Hearsay(), {}
        self.files = SimpleNamespace(bring=self.bring)
        self.trade = SimpleNamespace(belief=SimpleNamespace(catalog=Catalog()))

    async def bring(self, *_):
        raise Unavailable("nobody gives it")

    async def now(self) -> int:
        return NOW


def town_with(*asked: Ask, covered: Sequence[Spot] = ()) -> SimpleNamespace:
    """A node that believes in these bounties, and in one good capture of each of these spots."""
    catalog = Catalog()
    for number, ask in enumerate(asked, 1):
        where = At(1, number, "0x" + "11" * 32, TxHash("0x" + "22" * 32))
        catalog.asks[AskId(number)] = AskRecord(AskId(number), SPONSOR, ask, NOW, where)
    for spot in covered:
        catalog.coverage[spot.key] = CoverageRecord(spot, 10_000, NOW)
    belief = SimpleNamespace(catalog=catalog, block=5, age=0.04)
    return SimpleNamespace(decimals=6, belief=belief, bounty_desk=PaperDesk(), me=SPONSOR)


async def test_gaps_are_counted_and_no_cell_of_them_is_named():
    """Three of 49 cells are covered; the answer holds the area's name and no finer cell's."""
    hall = ask_from(NODE, HALL, NOW)
    finer = [int(h3.str_to_int(one)) for one in h3.cell_to_children("871f8d7a5ffffff", 9)]
    covered = [Spot(1, 3, cell, 0) for cell in finer[:3]]

    told = await list_gaps(town_with(hall, covered=covered), {}, lambda _: None)

    (gap,) = told["gaps"]
    assert (gap["spots"], gap["covered_spots"]) == (49, 3)
    assert gap["missing"] == "96.94%"  # 30,000 of 980,000 basis points are there
    assert "871f8d7a5ffffff" in gap["wanted"]
    assert not any(f"{cell:x}" in json.dumps(told) or str(cell) in json.dumps(told) for cell in finer)


async def test_homes_are_told_of_by_area_and_number_alone():
    home = ask_from(NODE, HALL | {"place": "private_home", "area": "851f8d7bfffffff"}, NOW)
    homes = [int(h3.str_to_int(one)) for one in h3.cell_to_children("851f8d7bfffffff", 7)]

    told = await list_gaps(town_with(home, covered=[Spot(1, 6, homes[4], 0)]), {}, lambda _: None)

    assert (told["gaps"][0]["spots"], told["gaps"][0]["covered_spots"]) == (49, 1)
    assert not any(f"{cell:x}" in json.dumps(told) for cell in homes)


async def test_what_is_over_is_no_gap():
    over = ask_from(NODE, HALL, NOW - 11 * DAY)

    assert (await list_gaps(town_with(over), {}, lambda _: None))["gaps"] == []
    assert (await list_asks(town_with(over), {}, lambda _: None))["bounties"] == []
    assert len((await list_asks(town_with(over), {"all": True}, lambda _: None))["bounties"]) == 1


def test_cells_an_age_and_a_gesture_can_be_demanded():
    cells = [int(h3.str_to_int(one)) for one in h3.cell_to_children("871f8d7a5ffffff", 9)][:2]
    said = {"cells": f"{cells[0]:x}, {cells[1]:x}", "needs_gesture": True, "max_age": "12h"}
    ask = ask_from(NODE, {**HALL, "area": None} | said, NOW)
    ask.check()

    assert (ask.cells, ask.grain, ask.max_age, ask.needs_gesture) == (tuple(sorted(cells)), 9, 12 * 3_600, True)
    assert all(ask.spot(cell, 0) for cell in cells)
    spread = ask_from(NODE, HALL | {"cells": "871f8d7a5ffffff", "grain": 9}, NOW)
    spread.check()
    assert len(spread.cells) == 49
    with pytest.raises(BadInput, match="not what is asked for"):
        ask.spot(next(cell for cell in spread.cells if cell not in cells), 0)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (HALL | {"max_age": "soon"}, "no age"),
        (HALL | {"max_age": "0d"}, "no age"),
        (HALL | {"cells": "castle"}, "not an H3 cell"),
        (HALL | {"cells": ","}, "name 1 to 256"),
        (HALL | {"cells": "871f8d7a5ffffff", "grain": 12}, "more than 256"),
        (TOUCH | {"cells": "871f8d7a5ffffff"}, "no place has no cells"),
        (HALL | {"least_taxels": 500}, "taxels are of touch"),
        (TOUCH | {"modality": "imu", "least_taxels": 500}, "taxels are of touch"),
        (TOUCH | {"least_taxels": 2_000_000}, "least_taxels"),
        (TOUCH | {"subject": "soft" * 60}, "at most 200 letters"),
    ],
)
def test_a_demand_that_cannot_be_meant_is_named(said, says):
    with pytest.raises(BadInput, match=says):
        ask_from(NODE, said, NOW).check()


async def test_gaps_count_listed_cells_and_name_none():
    cells = [int(h3.str_to_int(one)) for one in h3.cell_to_children("871f8d7a5ffffff", 9)]
    listed = ",".join(f"{cell:x}" for cell in cells[:4])
    hall = ask_from(NODE, HALL | {"cells": listed}, NOW)

    told = await list_gaps(town_with(hall, covered=[Spot(1, 3, cell, 0) for cell in (cells[0], cells[9])]), {}, print)

    (gap,) = told["gaps"]
    assert (gap["spots"], gap["covered_spots"], gap["missing"]) == (4, 1, "87.50%")
    assert not any(f"{cell:x}" in json.dumps(told) for cell in cells)
