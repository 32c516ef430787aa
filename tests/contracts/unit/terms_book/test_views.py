"""TermsBook's views: the branches of views.tree."""

from assets import ALL_PURPOSES, BIOMETRIC_ID, Terms, write_terms
from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with


def test_unknown_terms_are_not_answered_for(book):
    for unknown in (0, book.count() + 1, 2**32 - 1):
        with reverts_with("TermsBook_Unknown", unknown):
            book.termsOf(unknown)


def test_unwritten_terms_are_not_found(book, alice):
    write_terms(book, alice, notice=1)

    assert book.find(Terms(notice=2).call) == 0


def test_terms_that_cannot_be_written_are_not_found(book):
    assert book.find(Terms(purposes=0).call) == 0


@given(named=st.integers(1, ALL_PURPOSES), asked=st.integers(1, 2**16 - 1))
def test_every_purpose_asked_for_must_be_named(book, alice, named, asked):
    number = write_terms(book, alice, purposes=named)

    assert book.permits(number, asked) == (asked & ~named == 0)


def test_no_purpose_is_not_permitted(book, alice):
    assert not book.permits(write_terms(book, alice, purposes=ALL_PURPOSES), 0)


def test_unknown_terms_permit_nothing(book):
    assert not any(book.permits(unknown, 1) for unknown in (0, book.count() + 1))


def test_identification_is_permitted_only_by_name(book, alice):
    everything_else = write_terms(book, alice, purposes=ALL_PURPOSES & ~BIOMETRIC_ID)
    by_name = write_terms(book, alice, purposes=BIOMETRIC_ID)

    assert not book.permits(everything_else, BIOMETRIC_ID)
    assert book.permits(by_name, BIOMETRIC_ID)


def test_unknown_terms_have_no_limits(book):
    assert list(book.limitsOf(book.count() + 1)) == [0, 0, 0, 0, 0, False]


def test_an_empty_book_counts_nothing(book):
    assert book.count() == 0
