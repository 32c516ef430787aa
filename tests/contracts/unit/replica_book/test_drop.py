"""ReplicaBook.drop: the branches of drop.tree."""

import pytest
from reverts import reverts_with


@pytest.fixture
def taken(book, listed, bob):
    book.take([listed], {"from": bob})
    return listed


def test_what_nobody_keeps_is_not_dropped(book, listed, bob):
    with reverts_with("ReplicaBook_NotTaken", listed):
        book.drop([listed], {"from": bob})


def test_a_stranger_drops_nothing(book, taken, carol):
    with reverts_with("ReplicaBook_NotHolder", taken, carol):
        book.drop([taken], {"from": carol})


def test_what_was_dropped_can_be_taken_by_another(book, taken, bob, carol):
    book.drop([taken], {"from": bob})

    book.take([taken], {"from": carol})

    assert book.replicaOf(taken)["holder"] == carol


def test_an_owner_dismisses_a_holder(book, asset, taken, alice, bob):
    tx = book.drop([taken], {"from": alice})

    event = tx.events["ReplicaDropped"]
    assert (event["replica"], event["asset"]) == ("0x" + taken.hex(), "0x" + bytes(asset).hex())
    assert event["holder"] == bob
    assert int(book.replicaOf(taken)["holder"], 16) == 0
