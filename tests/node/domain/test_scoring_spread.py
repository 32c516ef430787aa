"""How points are spread: the same in a copy, whatever was left out at random; never more alike than entirely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.signals import Ints
from thenar.domain.scoring.spread import Spread, agreement

RULE = RULES.spatial
CELLS = st.dictionaries(st.tuples(*[st.integers(-40, 40)] * 3), st.integers(1, 60), min_size=1, max_size=60)


def spread(cells: dict[tuple[int, int, int], int]) -> Spread:
    places = np.array(list(cells), dtype=np.int64)
    counts = np.array(list(cells.values()), dtype=np.int64)
    return Spread(places * RULE.cell_mm + RULE.cell_mm // 2, counts, places)


def floor(counts: Ints) -> Spread:
    """A level floor of cells, with so many points in each."""
    size = len(counts)
    x, y = (a.reshape(-1) for a in np.meshgrid(np.arange(size), np.arange(size), indexing="ij"))
    return spread({(int(a), int(b), 0): int(counts[a, b]) for a, b in zip(x, y, strict=True)})


@settings(deadline=None, max_examples=100)
@given(CELLS)
def test_a_spread_agrees_with_itself_entirely_and_with_its_multiple(cells: dict[tuple[int, int, int], int]) -> None:
    one, three = spread(cells), spread({cell: 3 * count for cell, count in cells.items()})

    assert agreement(one, one, RULE) == BP
    assert agreement(one, three, RULE) == BP


@settings(deadline=None, max_examples=100)
@given(CELLS, CELLS)
def test_agreement_lies_between_nothing_and_all_and_does_not_depend_on_order(
    one: dict[tuple[int, int, int], int], other: dict[tuple[int, int, int], int]
) -> None:
    found = agreement(spread(one), spread(other), RULE)

    assert 0 <= found <= BP
    assert found == agreement(spread(dict(reversed(one.items()))), spread(dict(reversed(other.items()))), RULE)


def test_nothing_agrees_with_nothing() -> None:
    none = Spread(np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((0, 3), dtype=np.int64))

    assert agreement(none, none, RULE) == 0


@pytest.mark.parametrize("most", [*RULE.thinned_points, None], ids=str)
def test_an_evenly_thinned_copy_is_compared_with_the_older_thinned_alike(most: int | None) -> None:
    """Points lie a hundred times denser near a stand; thinned they lie evenly, and the older does when thinned too."""
    far = np.abs(np.arange(48)[:, None] - 6) + np.abs(np.arange(48)[None, :] - 6)
    older = floor(np.maximum(1, 400 // (1 + far**2)))
    newer = older.once(RULE.thinned_mm) if most is None else older.capped(most)
    raw = floor(np.maximum(1, 400 // (1 + far[::-1, ::-1] ** 2)))

    assert agreement(newer, older, RULE) == BP
    assert agreement(raw, older, RULE) < RULE.copy.copy_agreement_bp


def test_a_scan_that_is_not_thinned_is_compared_as_it_is() -> None:
    """Else two thorough scans, dense everywhere, would be alike wherever somebody stood."""
    far = np.abs(np.arange(48)[:, None] - 6) + np.abs(np.arange(48)[None, :] - 6)
    one, other = floor(np.maximum(20, 900 // (1 + far))), floor(np.maximum(20, 900 // (1 + far[::-1, ::-1])))

    assert agreement(one, other, RULE) < 8_500
    assert agreement(one.capped(1), other, RULE) == BP
