"""Amounts and shares as people write them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.money import parse_amount, parse_share, show_amount, show_share
from thenar.errors import BadInput


@given(st.integers(0, 10**30), st.integers(0, 18))
def test_what_is_shown_is_read_back_to_the_last_unit(units, decimals):
    assert parse_amount(show_amount(units, decimals), decimals) == units


@given(st.integers(0, 1_000_000))
def test_a_share_is_shown_and_read_back_exactly(ppm):
    assert parse_share(show_share(ppm)) == ppm


@pytest.mark.parametrize("text", ["", "-1", "1.", ".5", "1e6", "1,5", "٣", "1.0000001", "nan", "0x10", "1" * 40])
def test_anything_inexact_or_odd_is_no_amount(text):
    with pytest.raises(BadInput):
        parse_amount(text, 6)


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_refused(text):
    with contextlib.suppress(BadInput):
        assert parse_amount(text, 6) >= 0


@pytest.mark.parametrize("text", ["101%", "-1", "1.23456", "half", "100.0001"])
def test_a_share_outside_the_whole_is_refused(text):
    with pytest.raises(BadInput):
        parse_share(text)


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [(0, 6, "0.00"), (12_500_000, 6, "12.50"), (1, 6, "0.000001"), (-5, 1, "-0.5"), (7, 0, "7"), (-7, 0, "-7")],
)
def test_amounts_are_shown_as_people_write_them(units, decimals, text):
    assert show_amount(units, decimals) == text


@pytest.mark.parametrize(("text", "ppm"), [("0%", 0), ("100%", 1_000_000), ("0.0001%", 1), ("12.5", 125_000)])
def test_both_ends_of_a_share_are_shares(text, ppm):
    assert parse_share(text) == ppm
