"""What coverage is worth and how it fades, on chain and in the node."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from brownie.test import given, strategy
from capture_town import CELL, COMMON, DAY, HOME, SPATIAL, STREET, WORKPLACE, spot_call

from thenar.domain.bounty.answers import score_leaf
from thenar.domain.bounty.coverage import BP, Spot, faded, half_life_of, worth

PRICE = strategy("uint96", min_value=1)
TARGET = strategy("uint32", min_value=BP, max_value=100 * BP)
AMOUNT = strategy("uint32", max_value=110 * BP)


@given(price=PRICE, target=TARGET, start=AMOUNT, gain=strategy("uint16", max_value=BP))
def test_chain_and_node_price_alike(doors, price, target, start, gain):
    assert doors.worth(price, target, start, start + gain) == worth(price, target, start, start + gain)


@given(price=PRICE, target=TARGET, cuts=strategy("uint32[6]", max_value=110 * BP))
def test_parts_of_a_raise_are_worth_what_the_whole_is(doors, price, target, cuts):
    steps = sorted(cuts)

    parts = [doors.worth(price, target, one, other) for one, other in pairwise(steps)]

    assert sum(parts) == doors.worth(price, target, steps[0], steps[-1])


@given(price=PRICE, target=TARGET, covered=AMOUNT)
def test_raising_nothing_is_worth_nothing(doors, price, target, covered):
    assert doors.worth(price, target, covered, covered) == 0


@given(price=PRICE, target=TARGET, gain=strategy("uint16", max_value=BP))
def test_a_full_spot_is_worth_nothing(doors, price, target, gain):
    assert doors.worth(price, target, target, target + gain) == 0


@given(target=TARGET, start=AMOUNT, more=AMOUNT, gain=strategy("uint16", min_value=1, max_value=BP))
def test_the_same_raise_is_worth_less_where_more_is_covered(doors, target, start, more, gain):
    """But for the last unit, which rounding moves."""
    price = 10**12

    earlier = doors.worth(price, target, start, start + gain)
    later = doors.worth(price, target, start + more, start + more + gain)

    assert later <= earlier + 1


def test_worth_is_the_integral_of_the_density():
    """The densities for a target of two captures, from 5 down to 0, and sums of them over single basis points."""
    target, price = 2 * BP, 10**15

    def density(covered: int) -> Fraction:
        gap = Fraction(max(0, target - covered), target)
        return gap * (1 + 4 * gap**2)

    assert [round(density(at) * BP) for at in (0, 2_500, 5_000, 10_000, 15_000, 20_000)] == [
        *(50_000, 35_547, 24_375, 10_000, 3_125, 0),
    ]
    for start, end in ((0, 400), (9_800, 10_200), (19_600, 20_100)):
        steps = [(density(at) + density(at + 1)) / 2 for at in range(start, end)]
        summed = price * sum(steps) / BP
        assert abs(summed - worth(price, target, start, end)) <= summed / 10**6 + 1


@given(amount=strategy("uint64"), age=strategy("uint40"), place_class=strategy("uint8", max_value=6))
def test_chain_and_node_fade_alike(doors, amount, age, place_class):
    half_life = half_life_of(place_class)

    assert doors.faded(amount, age, half_life) == faded(amount, age, half_life)


def test_coverage_halves_with_every_half_life(doors):
    half_life = half_life_of(COMMON)

    left = [doors.faded(20_000, number * half_life, half_life) for number in range(5)]

    assert left == [20_000, 10_000, 5_000, 2_500, 1_250]
    assert doors.faded(20_000, half_life // 2, half_life) == 15_000


@given(amount=strategy("uint32"), age=strategy("uint32"), more=strategy("uint32"))
def test_coverage_never_grows_with_time(doors, amount, age, more):
    half_life = half_life_of(STREET)

    assert doors.faded(amount, age + more, half_life) <= doors.faded(amount, age, half_life) <= amount


def test_nothing_is_left_after_thirteen_half_lives(doors):
    half_life = half_life_of(STREET)

    assert doors.faded(2**64 - 1, 13 * half_life, half_life) == 0
    assert doors.faded(2**64 - 1, 13 * half_life - 1, half_life) > 0


def test_streets_fade_fastest(doors):
    days = [doors.halfLifeOf(place_class) // DAY for place_class in range(7)]

    assert days == [730, 90, 90, 180, 180, 365, 365]
    assert days == [half_life_of(place_class) // DAY for place_class in range(7)]


@given(
    modality=strategy("uint8"),
    place_class=strategy("uint8"),
    cell=strategy("uint64"),
    level=strategy("int16"),
    subject=strategy("bytes32"),
)
def test_chain_and_node_name_spots_alike(doors, modality, place_class, cell, level, subject):
    spot = Spot(modality, place_class, cell, level, bytes(subject))

    assert bytes(doors.keyOf(spot_call(spot))) == spot.key


def test_levels_and_classes_of_a_cell_are_spots_of_their_own(doors):
    spots = [
        Spot(SPATIAL, COMMON, CELL, 0),
        Spot(SPATIAL, COMMON, CELL, -1),
        Spot(SPATIAL, WORKPLACE, CELL, 0),
        Spot(SPATIAL, HOME, CELL, 0),
    ]

    assert len({bytes(doors.keyOf(spot_call(spot))) for spot in spots}) == len(spots)


@given(quality=strategy("uint16"), novelty=strategy("uint16"))
def test_chain_and_node_vote_for_the_same_leaf(doors, quality, novelty):
    assert bytes(doors.leafOf(quality, novelty)) == score_leaf(quality, novelty)
