"""A place is published no finer than its class allows; what is finer only as a commitment nobody can guess."""

from __future__ import annotations

import pytest
from captures import STREET_CELL
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.keccak import keccak256
from thenar.domain.place import FINEST, ExactPlace, Place, cell_resolution, coarser, lies_in, parse_cell, place_commit
from thenar.errors import BadInput

EXACT = 0x8F1FB46741AE4D3  # an H3 cell of resolution 15
SALT = bytes(range(32))


@pytest.mark.parametrize("kind", FINEST)
def test_exact_place_shows_the_finest_parent_its_class_allows_and_nothing_else(kind: str) -> None:
    shown = ExactPlace(kind, EXACT, level=3).hidden(SALT)

    assert shown.disclosed == coarser(EXACT, FINEST[kind])
    assert (shown.cell, shown.level, shown.z_mm) == (None, None, None)
    assert cell_resolution(shown.disclosed or 0) == FINEST[kind]


def test_place_coarser_than_its_class_allows_is_shown_as_it_is() -> None:
    assert ExactPlace("private_home", coarser(EXACT, 5)).hidden(SALT).disclosed == coarser(EXACT, 5)


def test_commitment_is_the_documented_hash() -> None:
    body = b"thenar.place/1".ljust(32, b"\0") + EXACT.to_bytes(8, "big")

    assert place_commit(EXACT, -1, SALT) == "0x" + keccak256(body + b"\xff\xff" + SALT).hex()
    assert place_commit(EXACT, None, SALT) == "0x" + keccak256(body + b"\x80\x00" + SALT).hex()


@given(st.binary(min_size=32, max_size=32), st.integers(-50, 300), st.integers(-50, 300))
def test_commitment_binds_cell_level_and_salt(salt: bytes, one: int, other: int) -> None:
    same = place_commit(EXACT, one, salt) == place_commit(EXACT, other, salt)

    assert same == (one == other)
    assert place_commit(coarser(EXACT, 14), one, salt) != place_commit(EXACT, one, salt)
    assert (place_commit(EXACT, one, salt) == place_commit(EXACT, one, SALT)) == (salt == SALT)


@pytest.mark.parametrize("kind", ["restricted", "castle", ""])
def test_exact_place_of_no_accepted_class_is_refused(kind: str) -> None:
    with pytest.raises(BadInput):
        ExactPlace(kind, EXACT)


def test_short_salts_and_impossible_levels_are_refused() -> None:
    with pytest.raises(BadInput, match="salt"):
        place_commit(EXACT, None, b"short")
    with pytest.raises(BadInput, match="floor"):
        ExactPlace("public_interior", EXACT, level=999)


@pytest.mark.parametrize("text", [f"{STREET_CELL:x}", f"{STREET_CELL:#x}", str(STREET_CELL), f"{STREET_CELL:X}"])
def test_cells_are_read_in_every_usual_spelling(text: str) -> None:
    assert parse_cell(text) == STREET_CELL


@pytest.mark.parametrize("text", ["", "home", "0x", "12", "8c2a1072b59d1fg"])
def test_what_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_cell(text)


@pytest.mark.parametrize("kind", FINEST)
def test_public_cell_finer_than_its_class_allows_is_refused(kind: str) -> None:
    finer = coarser(EXACT, FINEST[kind] + 1)

    with pytest.raises(BadInput, match="at most"):
        Place(kind=kind, cell=finer, res=FINEST[kind] + 1)


@given(st.integers(0, 7**5 - 1), st.integers(5, 12), st.integers(5, 12))
def test_a_cell_lies_in_an_area_exactly_when_the_area_is_its_parent(digits: int, resolution: int, grain: int) -> None:
    cell = 0x8C1F8D7A5FFFFFF & ~(0o77777 << 9)
    for step in range(5):
        shift = 3 * (15 - (12 - step))
        cell = cell & ~(7 << shift) | (digits // 7**step % 7) << shift
    area, cell = coarser(0x8C1F8D7A5FFFFFF & ~(0o77777 << 9), resolution), coarser(cell, grain)

    parent = resolution <= grain and coarser(cell, resolution) == area
    assert lies_in(cell, grain, area) == parent
    assert not lies_in(cell, grain + 1, area)
