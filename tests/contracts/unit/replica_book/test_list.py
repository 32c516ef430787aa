"""ReplicaBook.list: the branches of list.tree."""

from assets import mint
from reverts import reverts_with
from storing import CID, REPLICA


def test_only_the_owner_lists(book, asset, bob):
    with reverts_with("ReplicaBook_NotOwner", asset, bob):
        book.list(asset, REPLICA, 7, CID, {"from": bob})


def test_nothing_is_no_replica(book, asset, alice):
    with reverts_with("ReplicaBook_NoLeaves"):
        book.list(asset, REPLICA, 0, CID, {"from": alice})


def test_a_cid_has_59_letters(book, asset, alice):
    for cid in ("", CID + "a"):
        with reverts_with("ReplicaBook_BadCid", len(cid)):
            book.list(asset, REPLICA, 7, cid, {"from": alice})


def test_a_replica_is_listed_once(book, asset, listed, alice):
    with reverts_with("ReplicaBook_AlreadyListed", listed, asset):
        book.list(asset, listed, 7, CID, {"from": alice})


def test_nobody_lists_anothers_ciphertext_as_his_own(world, book, asset, listed, bob):
    mine = mint(world.asset_registry, bob, "copied")

    with reverts_with("ReplicaBook_AlreadyListed", listed, asset):
        book.list(mine, listed, 7, CID, {"from": bob})


def test_a_listed_replica_waits_for_a_holder(book, asset, listed):
    found = book.replicaOf(listed).dict()

    assert (bytes(found["asset"]), int(found["holder"], 16), found["leaves"]) == (bytes(asset), 0, 7)


def test_it_emits_replica_listed(book, asset, alice):
    tx = book.list(asset, REPLICA, 7, CID, {"from": alice})

    event = tx.events["ReplicaListed"]
    assert (event["replica"], event["asset"]) == ("0x" + REPLICA.hex(), "0x" + bytes(asset).hex())
    assert (event["lister"], event["leaves"], event["cid"]) == (alice, 7, CID)
