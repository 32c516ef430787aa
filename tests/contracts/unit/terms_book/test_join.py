"""TermsBook.join and meet: the branches of join.tree. The twin is thenar.domain.terms."""

from dataclasses import astuple, replace

import pytest
from assets import ALL_PURPOSES, EVAL, SIM, TRAIN, WHOLE, Terms, digest, write_terms
from brownie.exceptions import VirtualMachineError
from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with

from thenar.domain import assets as node
from thenar.domain.terms import meet as twin

few = st.sampled_from([bytes(32), digest("here"), digest("there")])
terms = st.builds(
    Terms,
    purposes=st.integers(1, ALL_PURPOSES),
    derivative_share=st.integers(0, 3) | st.integers(0, WHOLE),
    price_floor=st.integers(0, 3) | st.integers(0, 2**96 - 1),
    notice=st.integers(0, 3) | st.integers(0, 2**32 - 1),
    max_duration=st.integers(0, 3) | st.integers(0, 2**40 - 1),
    exclusive=st.booleans(),
    territory=few,
    text_digest=few,
)


def meet(book, a, b):
    """The meet on the chain; None is the bottom, and what reverts."""
    if a is None or b is None:
        return None
    try:
        found = book.meet(a.call, b.call)
    except VirtualMachineError:
        return None
    return Terms(*(bytes(part) if isinstance(part, bytes) else part for part in found))


def test_unknown_terms_are_not_joined(book, alice):
    known = write_terms(book, alice)

    for pair in ((known, 99), (99, known)):
        with reverts_with("TermsBook_Unknown", 99):
            book.join(*pair, {"from": alice})


def test_terms_without_a_common_purpose_are_incompatible(book, alice):
    train, evaluate = Terms(TRAIN | SIM), Terms(EVAL)

    with reverts_with("TermsBook_Incompatible", train.content_hash, evaluate.content_hash):
        book.join(*(write_terms(book, alice, purposes=one.purposes) for one in (train, evaluate)), {"from": alice})


def test_two_territories_are_incompatible(book):
    here, there = (Terms(territory=digest(place)) for place in ("here", "there"))

    with reverts_with("TermsBook_Incompatible", here.content_hash, there.content_hash):
        book.meet(here.call, there.call)


@pytest.mark.parametrize("turned", [False, True])
def test_everywhere_gives_way(book, turned):
    pair = [Terms(), Terms(territory=digest("here"))]

    met = meet(book, *(reversed(pair) if turned else pair))

    assert met.territory == digest("here")


@pytest.mark.parametrize("turned", [False, True])
def test_the_stricter_value_wins(book, turned):
    loose = Terms(ALL_PURPOSES, 0, 0, 30, 0, False, bytes(32), digest("one text"))
    strict = Terms(TRAIN, 5, 7, 2, 9, True, digest("here"), digest("another"))

    met = meet(book, *((strict, loose) if turned else (loose, strict)))

    assert met == replace(strict, text_digest=bytes(32))
    assert meet(book, replace(loose, max_duration=8), strict).max_duration == 8


@given(a=terms, b=terms)
def test_any_two_meet_as_the_twin_says(book, a, b):
    ours = twin(*(node.Terms(node.Purpose(one.purposes), *astuple(one)[1:]) for one in (a, b)))

    assert meet(book, a, b) == (None if ours is None else Terms(int(ours.purposes), *astuple(ours)[1:]))


@given(a=terms, b=terms)
def test_the_meet_is_commutative(book, a, b):
    assert meet(book, a, b) == meet(book, b, a)


@given(a=terms, b=terms, c=terms)
def test_the_meet_is_associative(book, a, b, c):
    assert meet(book, meet(book, a, b), c) == meet(book, a, meet(book, b, c))


@given(a=terms)
def test_the_meet_is_idempotent(book, a):
    assert meet(book, a, a) == a


@given(a=terms, b=terms, c=terms)
def test_the_meet_is_monotone(book, a, b, c):
    left, right = meet(book, meet(book, a, b), c), meet(book, b, c)

    assert left is None or meet(book, left, right) == left


def test_the_meet_is_written_once(book, alice, bob):
    cheap = write_terms(book, alice, purposes=TRAIN | EVAL, notice=9)
    dear = write_terms(book, alice, purposes=TRAIN | SIM, price_floor=5, notice=3)

    joined = book.join(cheap, dear, {"from": bob}).return_value
    count = book.count()

    assert book.join(dear, cheap, {"from": alice}).return_value == joined == count == book.count()
    assert book.find(Terms(TRAIN, price_floor=5, notice=3).call) == joined


def test_the_stricter_of_two_is_found(book, alice):
    loose, strict = write_terms(book, alice, notice=30), write_terms(book, alice, notice=3)

    assert book.join(loose, strict, {"from": alice}).return_value == strict
    assert book.join(loose, loose, {"from": alice}).return_value == loose


def test_it_emits_terms_written_for_the_meet(book, alice):
    pair = (write_terms(book, alice, notice=30), write_terms(book, alice, max_duration=3, notice=40))

    event = book.join(*pair, {"from": alice}).events["TermsWritten"]

    assert event["id"] == book.count()
    assert event["contentHash"] == "0x" + Terms(notice=30, max_duration=3).content_hash.hex()
