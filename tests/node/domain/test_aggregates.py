"""Sums that the chain computes itself."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.work.aggregates import (
    CLASS,
    Aggregation,
    Kind,
    evolution,
    leaf,
    moments,
    noise,
    packed,
    philox,
    word,
)
from thenar.errors import BadInput

VALUES = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=12)


def test_philox_is_numpys() -> None:
    """The first two blocks of numpy.random.Philox(key=[5, 4], counter=[0, 0, 7, 0])."""
    np = pytest.importorskip("numpy")
    drawn = np.random.Philox(
        key=np.array([5, 4], dtype=np.uint64), counter=np.array([0, 0, 7, 0], dtype=np.uint64)
    ).random_raw(8)

    assert [*philox((5, 4), (1, 0, 7, 0)), *philox((5, 4), (2, 0, 7, 0))] == [int(one) for one in drawn]
    assert [noise(5, 7, at) for at in range(8)] == [(int(one) >> 48) - 32_768 for one in drawn]


@given(VALUES, st.integers(0, 2))
def test_moments_are_sums_of_powers(values: list[int], at: int) -> None:
    assert moments(values).coordinate(at, values) == sum(value ** (at + 1) for value in values)
    assert moments(values).coordinate(3, values) == 0


@given(VALUES, st.permutations(range(12)))
def test_an_update_is_the_same_in_any_order(values: list[int], order: list[int]) -> None:
    update = evolution(9, values, [100, -100], 3, 4)
    total = sum(values[at] * noise(9, at, 1) for at in order if at < len(values))

    assert update.coordinate(1, values, -100) == -100 + (total * 3 >> 4)


@given(VALUES)
def test_a_trace_begins_with_the_spec_and_ends_with_zeros(values: list[int]) -> None:
    update = evolution(9, values, [100, -100, 7], 3, 4)
    leaves = list(update.leaves(1, 2, values, [100, -100, 7]))

    assert leaves[0] == update.digest == hashlib.sha256(update.encode()).digest()
    assert leaves[1:] == [leaf(2, update.coordinate(2, values, 7)), leaf(3, 0)]


def test_other_values_make_no_trace() -> None:
    with pytest.raises(BadInput):
        list(moments([1, 2]).leaves(0, 3, [2, 1]))


def test_what_the_chain_cannot_sum_is_refused() -> None:
    values = packed([1])
    for kind, seed, count, width, rate, shift in [
        (Kind.MOMENTS, 0, 1, 4, 0, 0),
        (Kind.EVOLUTION, 2**64, 1, 1, 0, 0),
        (Kind.EVOLUTION, 0, 4_097, 1, 0, 0),
        (Kind.EVOLUTION, 0, 1, 0, 0, 0),
        (Kind.EVOLUTION, 0, 1, 1, 2**63, 0),
        (Kind.EVOLUTION, 0, 1, 1, 0, 256),
    ]:
        with pytest.raises(BadInput):
            Aggregation(kind, seed, count, width, rate, shift, values.ljust(32))
    with pytest.raises(BadInput):
        packed([2**63])


def test_the_class_is_a_tag() -> None:
    assert b"thenar.aggregate/1".ljust(32, b"\0") == CLASS
    assert word(-1) == b"\xff" * 32


@given(VALUES)
def test_an_aggregation_reads_back_and_has_one_spelling(values: list[int]) -> None:
    update = replace(evolution(9, values, [100, -100, 7], -3, 4), source=bytes(range(32)))

    assert Aggregation.decode(update.encode()) == update
    assert len(update.encode()) == 288
    for wrong in (b"", update.encode()[:-1], update.encode() + b"\0", word(2) + update.encode()[32:]):
        with pytest.raises(BadInput):
            Aggregation.decode(wrong)
