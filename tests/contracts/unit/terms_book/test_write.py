"""TermsBook.write: the branches of write.tree."""

from dataclasses import astuple, replace

import pytest
from assets import ALL_PURPOSES, TRAIN, WHOLE, Terms, digest
from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with

valid = st.builds(
    Terms,
    purposes=st.integers(1, ALL_PURPOSES),
    derivative_share=st.integers(0, WHOLE),
    price_floor=st.integers(0, 2**96 - 1),
    notice=st.integers(0, 2**32 - 1),
    max_duration=st.integers(0, 2**40 - 1),
    exclusive=st.booleans(),
    territory=st.binary(min_size=32, max_size=32),
    text_digest=st.binary(min_size=32, max_size=32),
)


def stored(book, number):
    """The terms as the book gives them back, in Python's form."""
    return Terms(*(bytes(part) if isinstance(part, bytes) else part for part in book.termsOf(number)))


def test_terms_without_a_purpose_are_refused(book, alice):
    with reverts_with("TermsBook_NoPurpose"):
        book.write(Terms(purposes=0).call, {"from": alice})


@pytest.mark.parametrize("purposes", [128, 128 | TRAIN, 2**16 - 1])
def test_unknown_purposes_are_refused(book, alice, purposes):
    with reverts_with("TermsBook_UnknownPurpose", purposes):
        book.write(Terms(purposes=purposes).call, {"from": alice})


def test_a_share_above_the_whole_is_refused(book, alice):
    with reverts_with("TermsBook_ShareTooBig", WHOLE + 1):
        book.write(Terms(derivative_share=WHOLE + 1).call, {"from": alice})


def test_the_whole_can_be_shared(book, alice):
    number = book.write(Terms(derivative_share=WHOLE).call, {"from": alice}).return_value

    assert stored(book, number).derivative_share == WHOLE


def test_the_same_terms_are_written_once(book, alice, bob):
    terms = Terms(territory=digest("everywhere"))
    first = book.write(terms.call, {"from": alice}).return_value
    count = book.count()

    tx = book.write(terms.call, {"from": bob})

    assert tx.return_value == first
    assert book.count() == count
    assert "TermsWritten" not in tx.events


@pytest.mark.parametrize(
    "change",
    [
        {"purposes": 2},
        {"derivative_share": 1},
        {"price_floor": 1},
        {"notice": 1},
        {"max_duration": 1},
        {"exclusive": True},
        {"territory": digest("here")},
        {"text_digest": digest("text")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_makes_other_terms(book, alice, change):
    first = book.write(Terms().call, {"from": alice}).return_value

    second = book.write(replace(Terms(), **change).call, {"from": alice}).return_value

    assert second == first + 1


def test_new_terms_get_the_next_id(book, alice):
    count = book.count()
    terms = Terms(ALL_PURPOSES, 5, 6, 7, 8, True, digest("territory"), digest("text"))

    tx = book.write(terms.call, {"from": alice})

    assert tx.return_value == book.count() == count + 1
    assert stored(book, count + 1) == terms


def test_it_emits_terms_written(book, alice):
    terms = Terms(ALL_PURPOSES, 5, 6, 7, 8, True, digest("territory"), digest("text"))

    event = book.write(terms.call, {"from": alice}).events["TermsWritten"]

    assert event["id"] == book.count()
    assert event["contentHash"] == "0x" + terms.content_hash.hex()
    assert tuple(event["terms"])[:6] == astuple(terms)[:6]
    assert [bytes.fromhex(str(part)[2:]) for part in tuple(event["terms"])[6:]] == [terms.territory, terms.text_digest]


@given(terms=valid)
def test_terms_come_back_as_written(book, alice, terms):
    tx = book.write(terms.call, {"from": alice})

    number = tx.return_value
    assert stored(book, number) == terms
    assert book.find(terms.call) == number
    assert list(book.limitsOf(number)) == [
        terms.purposes,
        terms.derivative_share,
        terms.price_floor,
        terms.max_duration,
        tx.timestamp,
        terms.exclusive,
    ]
