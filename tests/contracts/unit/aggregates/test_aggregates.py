"""The Aggregates library against its Python twin."""

import hashlib
import random

import pytest
from brownie.test import given, strategy

from thenar.domain.keccak import keccak256
from thenar.domain.membertree import MemberTree
from thenar.domain.work.aggregates import (
    CLASS,
    MAX_COUNT,
    Aggregation,
    evolution,
    leaf,
    moments,
    noise,
    packed,
    word,
)

WORD = 2**64 - 1
ZERO_ADDRESS = "0x" + "00" * 20


def as_call(told: Aggregation):
    numbers = (int(told.kind), told.seed, told.count, told.width, told.rate, told.shift)
    return (*numbers, told.values, told.before, told.source)


def some_values(dice, most=24):
    edge = dice.choice([10, 2**31, 2**63])
    return [dice.choice([dice.randrange(-edge, edge), -edge, edge - 1]) for _ in range(dice.randint(1, most))]


@given(seed=strategy("uint64"), pair=strategy("uint32"), at=strategy("uint32"))
def test_noise_is_its_twins(doors, seed, pair, at):
    found = doors.noise(seed, pair, at)

    assert found == noise(seed, pair, at)
    assert -(2**15) <= found < 2**15


@given(seed=strategy("uint256"))
def test_coordinates_are_their_twins(doors, seed):
    dice = random.Random(seed)
    values = some_values(dice)
    before = [dice.randrange(-(2**63), 2**63) for _ in range(dice.randint(1, 9))]
    rate, shift = dice.choice([1, -1, -(2**63), dice.randrange(2**63)]), dice.choice([0, 1, 40, 255])
    update = evolution(dice.randrange(2**64), values, before, rate, shift)
    for told, starts in [(update, before), (moments(values), [0, 0, 0])]:
        at = dice.randrange(told.width + 1)
        start = [*starts, 0][at]

        assert doors.coordinateOf(as_call(told), packed(values), at, start) == told.coordinate(at, values, start)


def test_the_largest_sums_are_exact(doors):
    lowest = [-(2**63)] * 4_096
    told = evolution(1, lowest, [5], -(2**63), 0)

    assert doors.coordinateOf(as_call(told), packed(lowest), 0, 5) == told.coordinate(0, lowest, 5)
    for at in range(3):
        assert doors.coordinateOf(as_call(moments(lowest)), packed(lowest), at, 0) == 4_096 * (-(2**63)) ** (at + 1)


@given(seed=strategy("uint256"))
def test_leaves_are_their_twins(doors, seed):
    dice = random.Random(seed)
    values, before = some_values(dice, 6), [dice.randrange(-(2**40), 2**40) for _ in range(dice.randint(2, 12))]
    told = evolution(dice.randrange(2**64), values, before, 12_345, 20)
    segments, unit = 5, dice.randrange(3)
    leaves = list(told.leaves(unit, segments, values, before))
    place = dice.randrange(segments + 1)
    at = unit * segments + place - 1
    inside = 0 <= at < len(before)
    numbers = (before[at], MemberTree.build([word(one) for one in before]).prove(at)) if inside else (0, [])
    opening = (CLASS, told.digest, unit, segments, bytes(32), bytes(32), *[ZERO_ADDRESS] * 3)

    assert bytes(doors.aggregateLeaf(opening, place, as_call(told), packed(values), *numbers)) == leaves[place]
    if place and not inside:
        assert leaves[place] == leaf(at, 0)
    if place:
        wrong = (numbers[0] + 1, numbers[1])
        assert bytes(doors.aggregateLeaf(opening, place, as_call(told), packed(values), *wrong)) == bytes(32)


def test_every_word_of_a_block_is_its_twins(doors):
    found = [doors.noise(7, 3, at) for at in range(8)]

    assert found == [noise(7, 3, at) for at in range(8)]
    assert len(set(found)) == 8


def test_there_are_three_moments(doors):
    """The chain takes a spec that asks for more, and finds 0 for all beyond them."""
    values = [3, -5]
    told = (0, 0, 2, 5, 0, 0, keccak256(packed(values)), bytes(32), bytes(32))

    assert [doors.coordinateOf(told, packed(values), at, 0) for at in range(6)] == [-2, 34, -98, 0, 0, 0]


@pytest.mark.parametrize(("count", "judged"), [(MAX_COUNT, True), (MAX_COUNT + 1, False)])
def test_more_than_4096_numbers_are_not_summed(doors, count, judged):
    numbers = packed([1] * count)
    told = (0, 0, count, 3, 0, 0, keccak256(numbers), bytes(32), bytes(32))
    spec = hashlib.sha256(b"".join([*map(word, told[:6]), *told[6:]])).digest()
    opening = (CLASS, spec, 0, 3, bytes(32), bytes(32), *[ZERO_ADDRESS] * 3)

    found = bytes(doors.aggregateLeaf(opening, 1, told, numbers, 0, []))

    assert found == (leaf(0, count) if judged else bytes(32))
