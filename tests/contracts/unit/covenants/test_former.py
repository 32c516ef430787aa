"""Covenants.noteFormer and formerOf: the branches of former.tree."""

import pytest
from assets import EVAL, TRAIN, write_terms
from reverts import reverts_with
from sales import licensed_id


@pytest.fixture(scope="module")
def train(system, alice):
    return write_terms(system.terms_book, alice, purposes=TRAIN, price_floor=7)


@pytest.fixture(scope="module")
def look(system, alice):
    """Terms that permit evaluation alone."""
    return write_terms(system.terms_book, alice, purposes=EVAL, price_floor=9)


def test_a_stranger_notes_nothing(covenants, capture, train, bob, mallory):
    with reverts_with("Covenants_NotSaleModule", mallory):
        covenants.noteFormer(capture, bob, train, 1, {"from": mallory})


def test_nobody_had_anything(covenants, capture, bob):
    assert tuple(covenants.formerOf(capture, bob)) == (0, 0, 0)


@pytest.mark.parametrize("times", [(5, 8, 6), (8, 5, 6), (6, 8, 5)])
def test_when_training_was_first_paid_for_is_kept(covenants, capture, train, desk, exchange, bob, times):
    for module, since in zip((desk, exchange, desk), times, strict=True):
        covenants.noteFormer(capture, bob, train, since, module)

    assert covenants.formerOf(capture, bob)["trainedSince"] == 5


def test_what_did_not_permit_training_is_no_license_to_train(covenants, capture, train, look, desk, bob):
    covenants.noteFormer(capture, bob, look, 5, desk)
    assert covenants.formerOf(capture, bob)["trainedSince"] == 0

    covenants.noteFormer(capture, bob, train, 6, desk)
    covenants.noteFormer(capture, bob, look, 7, desk)
    assert covenants.formerOf(capture, bob)["trainedSince"] == 6


def test_when_a_key_was_first_sold_is_kept(covenants, capture, look, desk, exchange, bob):
    for module, since, kept in ((desk, 3, 0), (exchange, 5, 5), (exchange, 8, 5), (desk, 9, 5)):
        covenants.noteFormer(capture, bob, look, since, module)

        assert covenants.formerOf(capture, bob)["soldSince"] == kept


def test_the_largest_floor_is_kept(covenants, capture, train, look, desk, bob):
    for terms, floor in ((train, 7), (look, 9), (train, 9)):
        covenants.noteFormer(capture, bob, terms, 5, desk)

        assert covenants.formerOf(capture, bob)["floor"] == floor


def test_nobody_elses_is_touched(covenants, capture, train, exchange, bob, carol):
    covenants.noteFormer(licensed_id(capture, 5), bob, train, 5, exchange)

    assert tuple(covenants.formerOf(licensed_id(capture, 5), bob)) == (5, 5, 7)
    for licensed, who in ((capture, bob), (licensed_id(capture, 5), carol), (licensed_id(capture, 4), bob)):
        assert tuple(covenants.formerOf(licensed, who)) == (0, 0, 0)
