"""The map's data: every covered spot of a modality, and no other field of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from thenar.commands.mapping import COLUMNS, map_view
from thenar.domain.bounty.asks import NO_SUBJECT
from thenar.domain.bounty.coverage import DAY, Spot
from thenar.domain.catalog import Catalog, CoverageRecord
from thenar.errors import NotFound

STREET, OFFICE, HOME = 0x8C1F8D7A5A3ADFF, 0x881F8D7A5BFFFFF, 0x871F8D7A5FFFFFF


def node(*spots: Spot) -> Any:
    catalog = Catalog()
    for number, spot in enumerate(spots):
        catalog.coverage[spot.key] = CoverageRecord(spot, 5_000 + number, 1_800_000_000)
    return SimpleNamespace(belief=SimpleNamespace(catalog=catalog))


async def test_a_map_has_six_numbers_for_each_cell_and_homes_and_what_is_no_place_are_not_on_it() -> None:
    everything = node(Spot(1, 1, STREET, 2), Spot(2, 0, 0, 0, b"s" * 32), Spot(3, 5, OFFICE, 0), Spot(1, 6, HOME, 0))

    told = await map_view(everything, "all")

    assert told["columns"] == list(COLUMNS)
    assert told["spots"] == [
        ["8c1f8d7a5a3adff", "public_street", 2, 5_000, 1_800_000_000, "spatial"],
        ["881f8d7a5bfffff", "workplace", 0, 5_002, 1_800_000_000, "trajectory"],
    ]
    assert told["half_lives_s"]["public_street"] == 90 * DAY  # type: ignore[index]


async def test_a_map_of_one_modality_leaves_the_others_out() -> None:
    both = node(Spot(1, 1, STREET, 0), Spot(4, 1, STREET, 0, NO_SUBJECT))

    assert [row[-1] for row in (await map_view(both, "imu"))["spots"]] == ["imu"]  # type: ignore[union-attr]


async def test_a_modality_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound) as refused:
        await map_view(node(), "smell")

    assert "spatial" in str(refused.value.next_step)
