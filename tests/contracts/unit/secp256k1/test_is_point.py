"""Secp256k1.isPoint against coincurve, at random and at every edge."""

import pytest
from brownie.test import given, strategy
from sales import FIELD, ORDER, point


def test_the_generator_is_a_point(doors):
    assert doors.isPoint(*point(1))


@given(secret=strategy("uint256", min_value=1, max_value=ORDER - 1))
def test_every_multiple_of_the_generator_is_a_point(doors, secret):
    x, y = point(secret)

    assert doors.isPoint(x, y)
    assert doors.isPoint(x, FIELD - y)


@given(x=strategy("uint256"), y=strategy("uint256"))
def test_numbers_off_the_curve_are_no_point(doors, x, y):
    on_curve = x < ORDER and y < FIELD and (y * y - x**3 - 7) % FIELD == 0

    assert doors.isPoint(x, y) == on_curve


@pytest.mark.parametrize(("x", "y"), [(0, 0), (0, 1), (FIELD, 7), (ORDER, 1), (2**256 - 1, 2**256 - 1)])
def test_edges_are_no_points(doors, x, y):
    assert not doors.isPoint(x, y)


def test_a_point_has_one_spelling(doors):
    y_that_fits_twice = next(y for y in range(1, 2**32) if _x_for(y) is not None)
    x = _x_for(y_that_fits_twice)

    assert doors.isPoint(x, y_that_fits_twice)
    assert not doors.isPoint(x, y_that_fits_twice + FIELD)


def _x_for(y):
    """Return an x below the order with y² = x³ + 7, or None; p ≡ 7 (mod 9) gives cube roots by one power."""
    cube = (y * y - 7) % FIELD
    x = pow(cube, (FIELD + 2) // 9, FIELD)
    return x if pow(x, 3, FIELD) == cube and x < ORDER else None
