"""Floats.areApart: the branches of are_apart.tree, against the node's twin and against numbers."""

from __future__ import annotations

import math
import struct

import pytest
from brownie.test import given, strategy

from thenar.domain.reflex.numbers import are_apart


def spelled(number: float) -> bytes:
    """A number as it travels."""
    return struct.pack("<f", number)


@given(one=strategy("bytes4"), other=strategy("bytes4"))
def test_the_chain_and_the_node_agree_on_any_two_numbers(doors, one, other):
    assert doors.areApart(one, other) == are_apart(one, other) == doors.areApart(other, one)


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("number", [0.0, -1.0, 3e38])
def test_what_is_no_number_is_apart_from_every_number(doors, nothing, number):
    assert doors.areApart(spelled(nothing), spelled(number))
    assert doors.areApart(spelled(number), spelled(nothing))


def test_two_that_are_no_numbers_are_the_same(doors):
    assert not doors.areApart(spelled(math.nan), spelled(-math.inf))


@pytest.mark.parametrize("number", [0.0, 1e-40, 2e-38, -0.75, 12.5, -3e20])
def test_what_a_machine_rounds_is_not_apart(doors, number):
    assert not doors.areApart(spelled(number), spelled(number * (1 + 2**-20)))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (0.5, 0.5 + 2**-8, False),
        (0.5, 0.5 + 2**-8 + 2**-20, True),
        (-(2**-9), 2**-9, False),
        (-(2**-9), 2**-9 + 2**-20, True),
        (-0.0, 0.0, False),
        (256.0, 255.0, False),
        (256.0, 254.9, True),
        (-256.0, 256.0, True),
    ],
)
def test_a_256th_is_the_bound(doors, one, other, apart):
    assert doors.areApart(spelled(one), spelled(other)) == apart
