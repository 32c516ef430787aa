"""Drawing without replacement, on chain and in the node."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from brownie.test import given, strategy

from thenar.domain.previews import number_at


@given(seed=strategy("bytes32"), size=strategy("uint32", min_value=1), place=strategy("uint32"))
def test_chain_and_node_draw_the_same(doors, seed, size, place):
    assert doors.numberAt(seed, size, place % size) == number_at(seed, size, place % size)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 15, 16, 17, 40])
def test_every_number_is_drawn_once(doors, size):
    seed = random.Random(size).randbytes(32)

    drawn = [doors.numberAt(seed, size, place) for place in range(size)]

    assert sorted(drawn) == list(range(size))


@pytest.mark.parametrize("size", [*range(1, 70), 255, 256, 257, 1000, 4097])
def test_every_number_is_drawn_once_for_any_seed(size):
    dice = random.Random(size)

    for _ in range(3):
        seed = dice.randbytes(32)
        assert sorted(number_at(seed, size, place) for place in range(size)) == list(range(size))


def test_every_chunk_is_as_likely_as_any_other():
    """6,000 draws of the first of ten positions: each number 600 times, within five standard deviations."""
    dice, size, rounds = random.Random(1), 10, 6_000

    seen = Counter(number_at(dice.randbytes(32), size, 0) for _ in range(rounds))

    assert set(seen) == set(range(size))
    assert all(abs(count - rounds / size) < 5 * (rounds * 0.1 * 0.9) ** 0.5 for count in seen.values())


def test_two_positions_are_drawn_independently():
    """9,000 draws of a pair out of 10: each of the 90 ordered pairs 100 times, within six standard deviations."""
    dice, rounds = random.Random(2), 9_000
    seeds = [dice.randbytes(32) for _ in range(rounds)]

    seen = Counter((number_at(seed, 10, 0), number_at(seed, 10, 1)) for seed in seeds)

    assert len(seen) == 90
    assert all(abs(count - 100) < 6 * 100**0.5 for count in seen.values())
