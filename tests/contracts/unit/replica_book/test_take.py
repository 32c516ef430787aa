"""ReplicaBook.take: the branches of take.tree."""

from reverts import reverts_with
from storing import CID, OTHER_REPLICA


def test_what_is_not_listed_is_not_taken(book, listed, bob):
    with reverts_with("ReplicaBook_NotListed", OTHER_REPLICA):
        book.take([listed, OTHER_REPLICA], {"from": bob})


def test_two_nodes_never_keep_the_same_bytes(book, listed, bob, carol):
    book.take([listed], {"from": bob})

    with reverts_with("ReplicaBook_Taken", listed, bob):
        book.take([listed], {"from": carol})


def test_an_owner_is_not_paid_for_keeping_his_own(book, listed, alice):
    with reverts_with("ReplicaBook_OwnReplica", listed, alice):
        book.take([listed], {"from": alice})


def test_a_node_takes_what_it_will_keep(book, asset, listed, alice, bob):
    book.list(asset, OTHER_REPLICA, 9, CID, {"from": alice})

    tx = book.take([listed, OTHER_REPLICA], {"from": bob})

    assert [book.replicaOf(root)["holder"] for root in (listed, OTHER_REPLICA)] == [bob, bob]
    assert [event["holder"] for event in tx.events["ReplicaTaken"]] == [bob, bob]
    assert tx.events["ReplicaTaken"][1]["replica"] == "0x" + OTHER_REPLICA.hex()
