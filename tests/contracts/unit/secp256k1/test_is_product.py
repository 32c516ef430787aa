"""Secp256k1.isProduct against coincurve, at random and at every edge."""

import pytest
from brownie.test import given, strategy
from sales import FIELD, ORDER, point, product

scalar = strategy("uint256", min_value=1, max_value=ORDER - 1)


@given(k=scalar, secret=scalar)
def test_the_right_product_is_accepted(doors, k, secret):
    base = point(secret)

    assert doors.isProduct(k, *base, *product(k, base))


@given(k=scalar, other=scalar, secret=scalar)
def test_the_product_of_another_scalar_is_refused(doors, k, other, secret):
    base = point(secret)

    assert doors.isProduct(k, *base, *product(other, base)) == (k == other)


@given(k=scalar, secret=scalar)
def test_the_mirror_image_is_refused(doors, k, secret):
    base = point(secret)
    x, y = product(k, base)

    assert not doors.isProduct(k, *base, x, FIELD - y)
    assert not doors.isProduct(k, base[0], FIELD - base[1], x, y)


@pytest.mark.parametrize("k", [1, 2, ORDER - 1])
def test_small_and_large_scalars_work(doors, k):
    assert doors.isProduct(k, *point(1), *point(k))


@pytest.mark.parametrize("k", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_scalars_out_of_range_are_refused(doors, k):
    reduced = k % ORDER or 1

    assert not doors.isProduct(k, *point(1), *point(reduced))


def test_no_claimed_product_of_a_point_off_the_curve_is_accepted(doors):
    x = next(x for x in range(1, 100) if pow(x**3 + 7, (FIELD - 1) // 2, FIELD) != 1)

    assert not doors.isProduct(5, x, 1, *point(5))


def test_the_zero_address_is_nobodys_product(doors):
    assert not doors.isProduct(5, 0, 0, 0, 0)
