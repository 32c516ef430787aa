"""LicenseSet: the branches of license_set.tree, against the twin in thenar.domain.statements."""

import random
from dataclasses import replace

from brownie.test import given, strategy
from omissions import places
from payouts import as_asset

from thenar.domain.statements import LicenseSet

SIZES = (1, 2, 3, 5, 8, 9)


def ids(*numbers):
    return [as_asset(number.to_bytes(32, "big")) for number in numbers]


def made(size):
    """A set of even numbers from 2 on, so that every odd number is missing."""
    return LicenseSet.of(ids(*range(2, 2 * size + 2, 2)))


def lacks(doors, licenses, asset, *beside):
    return doors.lacks(licenses.root, len(licenses.assets), asset, places(*beside))


@given(seed=strategy("uint256"))
def test_what_is_missing_is_shown_whatever_the_order(doors, seed):
    dice = random.Random(seed)
    assets = ids(*dice.sample(range(2, 60, 2), dice.choice(SIZES)))
    asset = ids(dice.choice(range(1, 61, 2)))[0]
    licenses = LicenseSet.as_written(dice.choice([assets, sorted(assets)]))

    assert lacks(doors, licenses, asset, *licenses.beside(asset))


@given(seed=strategy("uint256"))
def test_what_is_listed_is_never_shown_to_be_missing(doors, seed):
    dice = random.Random(seed)
    licenses = made(dice.choice(SIZES))
    asset = dice.choice(licenses.assets)
    beside = [licenses.prove(dice.randrange(len(licenses.assets))) for _ in range(dice.randint(0, 2))]

    assert not lacks(doors, licenses, asset, *beside)


def test_places_apart_show_nothing(doors):
    licenses, asset = made(5), ids(5)[0]

    assert lacks(doors, licenses, asset, licenses.prove(1), licenses.prove(2))
    assert not lacks(doors, licenses, asset, licenses.prove(0), licenses.prove(2))
    assert not lacks(doors, licenses, asset, licenses.prove(2), licenses.prove(1))
    assert not lacks(doors, licenses, asset, licenses.prove(2), licenses.prove(3))
    assert not lacks(doors, licenses, asset, licenses.prove(0), licenses.prove(1))
    assert not lacks(doors, licenses, asset, replace(licenses.prove(1), asset=ids(3)[0]), licenses.prove(2))


def test_an_edge_shows_only_what_lies_beyond(doors):
    licenses, (before, within, after) = made(5), ids(1, 5, 11)
    first, last = licenses.prove(0), licenses.prove(4)

    assert lacks(doors, licenses, before, first)
    assert lacks(doors, licenses, after, last)
    for asset, edge in ((within, first), (within, last), (before, last), (after, first), (before, licenses.prove(1))):
        assert not lacks(doors, licenses, asset, edge)


def test_no_places_show_something_only_of_an_empty_set(doors):
    assert lacks(doors, LicenseSet.of(()), ids(1)[0])
    assert not lacks(doors, made(1), ids(1)[0])


def test_three_places_show_nothing(doors):
    licenses = made(5)

    assert not lacks(doors, licenses, ids(5)[0], *(licenses.prove(index) for index in (1, 2, 3)))
