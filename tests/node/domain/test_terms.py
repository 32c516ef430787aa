"""Terms as a lattice: the laws, on terms drawn so that fields collide often."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.assets import Purpose, Terms
from thenar.domain.keccak import keccak256
from thenar.domain.terms import meet, territory_of, within
from thenar.errors import BadInput

few = st.sampled_from([bytes(32), b"\1" * 32, b"\2" * 32])
terms = st.builds(
    Terms,
    purposes=st.integers(1, 127).map(Purpose),
    derivative_share=st.integers(0, 3) | st.integers(0, 1_000_000),
    price_floor=st.integers(0, 3) | st.integers(0, 2**96 - 1),
    notice=st.integers(0, 3) | st.integers(0, 2**32 - 1),
    max_duration=st.integers(0, 3) | st.integers(0, 2**40 - 1),
    exclusive=st.booleans(),
    territory=few,
    text_digest=few,
)


def under(a: Terms | None, b: Terms | None) -> Terms | None:
    """The meet with the bottom in it."""
    return None if a is None or b is None else meet(a, b)


@given(a=terms, b=terms)
def test_meeting_is_commutative(a, b):
    assert meet(a, b) == meet(b, a)


@given(a=terms, b=terms, c=terms)
def test_meeting_is_associative(a, b, c):
    assert under(under(a, b), c) == under(a, under(b, c))


@given(a=terms)
def test_meeting_is_idempotent(a):
    assert meet(a, a) == a and within(a, a)


@given(a=terms, b=terms)
def test_a_meet_is_within_both(a, b):
    met = meet(a, b)

    assert met is None or (within(met, a) and within(met, b))


@given(a=terms, b=terms, c=terms)
def test_a_meet_is_the_largest_within_both(a, b, c):
    below = under(under(c, a), b)
    met = meet(a, b)

    assert below is None or (met is not None and within(below, met))


@given(a=terms, b=terms, c=terms)
def test_meeting_is_monotone(a, b, c):
    smaller = under(a, b)  # smaller <= b by construction
    left, right = under(smaller, c), under(b, c)

    assert left is None or (right is not None and within(left, right))


def test_the_stricter_value_wins_in_every_field():
    loose = Terms(Purpose(127), 0, 0, 30, 0, False, bytes(32), b"\1" * 32)
    strict = Terms(Purpose(1), 5, 7, 2, 9, True, b"\2" * 32, b"\3" * 32)

    assert meet(loose, strict) == replace(strict, text_digest=bytes(32))


def test_two_territories_have_nothing_in_common():
    here, there = (Terms(Purpose(1), 0, 0, 0, 0, territory=bytes([place]) * 32) for place in (1, 2))

    assert meet(here, there) is None


def test_terms_without_a_common_purpose_allow_nothing_together():
    assert meet(Terms(Purpose.TRAIN, 0, 0, 0, 0), Terms(Purpose.EVAL, 0, 0, 0, 0)) is None


def test_a_territory_is_one_hash_however_its_list_is_written():
    assert territory_of("de, FR") == territory_of("FR,DE,DE") == keccak256(b"DE,FR")
    assert territory_of("US-CA") != territory_of("US")


@pytest.mark.parametrize("listed", ["", "DE,", "Germany", "D", "DE;FR", "US-CALI"])
def test_what_is_no_list_of_countries_is_refused(listed):
    with pytest.raises(BadInput):
        territory_of(listed)
