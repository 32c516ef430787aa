"""H3 cells by bit operations, against the h3 library and against the node's twin."""

from __future__ import annotations

import random

import h3
import pytest
from brownie.test import given, strategy

from thenar.domain.place import cell_resolution, coarser
from thenar.errors import BadInput

HALL = h3.str_to_int(h3.latlng_to_cell(48.137, 11.575, 9))
UNUSED_BITS = 3 * (15 - 9)


def judged_by_node(cell: int) -> bool:
    """Whether the node's twin takes a number for a cell."""
    try:
        cell_resolution(cell)
    except BadInput:
        return False
    return True


def with_digit(cell: int, at: int, digit: int) -> int:
    """The same index with its digit at a resolution (from 1) replaced."""
    shift = 3 * (15 - at)
    return cell & ~(7 << shift) | digit << shift


@given(
    latitude=strategy("int256", min_value=-89_999, max_value=89_999),
    longitude=strategy("int256", min_value=-179_999, max_value=179_999),
    resolution=strategy("uint8", max_value=15),
)
def test_every_cell_of_the_library_is_one(doors, latitude, longitude, resolution):
    cell = h3.str_to_int(h3.latlng_to_cell(latitude / 1_000, longitude / 1_000, resolution))

    assert doors.isCell(cell)
    assert doors.resolutionOf(cell) == resolution == cell_resolution(cell)


def test_base_cells_and_pentagons_are_cells(doors):
    pentagons = [one for resolution in (0, 1, 8, 15) for one in h3.get_pentagons(resolution)]
    children = [child for one in h3.get_pentagons(2) for child in h3.cell_to_children(one, 3)]

    for name in (*h3.get_res0_cells(), *pentagons, *children):
        cell = h3.str_to_int(name)
        assert doors.isCell(cell), name
        assert judged_by_node(cell)


@given(number=strategy("uint64"), flips=strategy("uint64"))
def test_any_number_is_judged_as_the_library_judges_it(doors, number, flips):
    """Any number, and a cell with up to three bits turned over."""
    dice = random.Random(flips)
    near = HALL
    for _ in range(dice.randint(0, 3)):
        near ^= 1 << dice.randrange(64)

    for cell in (number, near):
        is_one = h3.is_valid_cell(h3.int_to_str(cell))
        assert doors.isCell(cell) == is_one == judged_by_node(cell), hex(cell)


@pytest.mark.parametrize("mode", [0, 2, 4, 15])
def test_another_mode_is_no_cell(doors, mode):
    assert not doors.isCell(HALL & ~(15 << 59) | mode << 59)
    assert not doors.isCell(HALL | 1 << 63)
    assert not doors.isCell(HALL | 1 << 56)


def test_a_base_cell_beyond_the_last_is_none(doors):
    bare = HALL & ~(127 << 45)

    assert doors.isCell(bare | 121 << 45)
    assert not doors.isCell(bare | 122 << 45)
    assert not doors.isCell(bare | 127 << 45)


@pytest.mark.parametrize("at", range(1, 10))
def test_a_used_digit_of_seven_is_no_cell(doors, at):
    assert not doors.isCell(with_digit(HALL, at, 7))
    assert doors.isCell(with_digit(HALL, at, 6))


@pytest.mark.parametrize("at", range(10, 16))
def test_an_unused_digit_that_is_set_is_no_cell(doors, at):
    for digit in range(7):
        assert not doors.isCell(with_digit(HALL, at, digit))


@pytest.mark.parametrize("at", [1, 2, 5])
def test_a_pentagon_lacks_its_first_child(doors, at):
    pentagon = h3.str_to_int(h3.get_pentagons(5)[0])

    assert doors.isCell(pentagon)
    assert not doors.isCell(with_digit(pentagon, at, 1))
    assert doors.isCell(with_digit(pentagon, at, 2))
    hexagon = with_digit(HALL, at, 1)
    assert doors.isCell(hexagon)


@given(
    latitude=strategy("int256", min_value=-89_999, max_value=89_999),
    longitude=strategy("int256", min_value=-179_999, max_value=179_999),
    resolution=strategy("uint8", max_value=15),
    coarse=strategy("uint8", max_value=15),
)
def test_parents_are_the_librarys(doors, latitude, longitude, resolution, coarse):
    name = h3.latlng_to_cell(latitude / 1_000, longitude / 1_000, resolution)
    coarse %= resolution + 1
    wanted = h3.str_to_int(h3.cell_to_parent(name, coarse))

    assert doors.parent(h3.str_to_int(name), coarse) == wanted == coarser(h3.str_to_int(name), coarse)
