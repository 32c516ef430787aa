"""Sums in bulk are those of the pure twin, coordinate by coordinate, wherever a unit begins."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from thenar.adapters.compute.summing import coordinates
from thenar.domain.work.aggregates import evolution, moments
from thenar.domain.work.sums import Numbers

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(
    st.lists(INT64, min_size=1, max_size=9),
    st.lists(INT64, min_size=1, max_size=30),
    st.integers(0, 2**64 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 255),
    st.integers(0, 40),
    st.integers(1, 20),
)
def test_every_coordinate_of_an_update_is_its_twins(values, before, seed, rate, shift, first, count):
    told = evolution(seed, values, before, rate, shift)

    found = coordinates(Numbers(told, tuple(values), tuple(before)), first, count)

    starts = [before[at] if at < len(before) else 0 for at in range(first, first + count)]
    assert found == [told.coordinate(first + at, values, start) for at, start in enumerate(starts)]


@example([2**63 - 1] * 4_096)
@example([-(2**63)] * 4_096)
@given(st.lists(INT64, min_size=1, max_size=50))
def test_the_largest_numbers_are_exact(values):
    update, told = evolution(1, values, [5], 2**63 - 1, 0), moments(values)

    assert coordinates(Numbers(update, tuple(values), (5,)), 0, 1) == [update.coordinate(0, values, 5)]
    assert coordinates(Numbers(told, tuple(values), ()), 0, 5) == [
        *(sum(value**power for value in values) for power in (1, 2, 3)),
        0,
        0,
    ]
