"""Lists of cells: what may be listed, what coarser cells stand for, and how a place on a list is proved."""

from __future__ import annotations

import h3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain.bounty.cells import MOST_CELLS, around, check_list, contains, root_of, siblings_of, spread
from thenar.domain.place import finer
from thenar.errors import BadInput

AREA = 0x871F8D7A5FFFFFF
CELLS = tuple(sorted(h3.str_to_int(one) for one in h3.cell_to_children(h3.int_to_str(AREA), 9)))
PENTAGON = h3.str_to_int(h3.get_pentagons(3)[0])


@pytest.mark.parametrize("cell", [AREA, PENTAGON, h3.str_to_int(h3.get_pentagons(0)[2])])
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_the_cells_in_a_cell_are_the_librarys(cell, steps):
    resolution = h3.get_resolution(h3.int_to_str(cell)) + steps
    wanted = sorted(h3.str_to_int(one) for one in h3.cell_to_children(h3.int_to_str(cell), resolution))

    assert list(finer(cell, resolution)) == wanted


def test_a_cell_has_no_coarser_children():
    for resolution in (6, 16):
        with pytest.raises(BadInput, match="no children"):
            list(finer(AREA, resolution))


@settings(max_examples=100)
@given(cells=st.sets(st.sampled_from(CELLS), min_size=1))
def test_every_cell_proves_its_place_and_no_other_does(cells):
    rising = tuple(sorted(cells))
    root = root_of(rising)
    check_list(rising, 9, AREA)

    for cell in rising:
        assert contains(root, cell, siblings_of(rising, cell))
    for other in set(CELLS) - cells:
        assert not contains(root, other, siblings_of(rising, rising[0]))
    assert around(rising) >> 52 & 15 >= 7


def test_a_cell_beside_the_list_has_no_place_on_it():
    with pytest.raises(BadInput, match="not on the list"):
        siblings_of(CELLS[:3], CELLS[3])


def test_coarser_cells_stand_for_all_cells_in_them():
    assert spread([AREA], 9) == CELLS
    assert spread([CELLS[4], CELLS[2], CELLS[4]], 9) == (CELLS[2], CELLS[4])
    for cells, resolution, says in [([CELLS[0]], 8, "finer"), ([AREA], 12, "more than 256")]:
        with pytest.raises(BadInput, match=says):
            spread(cells, resolution)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ((), "1 to 256"),
        (tuple(range(1, MOST_CELLS + 2)), "1 to 256"),
        ((CELLS[1], CELLS[0]), "rise"),
        ((CELLS[0], CELLS[0]), "rise"),
        ((AREA,), "no cell of resolution 9"),
        ((h3.str_to_int(h3.latlng_to_cell(52.5, 13.4, 9)),), "no cell of resolution 9"),
    ],
)
def test_a_list_the_contract_would_refuse_is_refused_with_a_reason(cells, says):
    with pytest.raises(BadInput, match=says):
        check_list(cells, 9, AREA)


def test_what_no_cell_holds_is_no_area():
    with pytest.raises(BadInput, match="no cell holds all"):
        around([AREA, h3.str_to_int(h3.latlng_to_cell(-30, -60, 7))])
