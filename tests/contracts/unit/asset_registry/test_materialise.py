"""AssetRegistry.materialise: the branches of materialise.tree."""

from dataclasses import replace

import pytest
from assets import CAPTURE, ZERO
from batches import batch_of, commit
from brownie import ZERO_ADDRESS
from reverts import reverts_with

from thenar.domain.ids import RAW, Cid


def materialise(registry, batch, index, sender):
    return registry.materialise(batch.leaf(index), {"from": sender})


def token(asset):
    return int.from_bytes(asset, "big")


def test_members_of_no_batch_are_not_materialised(registry, alice):
    batch = batch_of(alice, 3)

    with reverts_with("AssetRegistry_Unknown", batch.id):
        materialise(registry, batch, 0, alice)


def test_only_members_are_materialised(registry, alice):
    batch = commit(registry, alice)
    stranger = replace(batch.members[1], manifest_hash=b"\x01" * 32)

    with reverts_with("AssetRegistry_NotMember", batch.id, 1):
        registry.materialise(batch.leaf(1, leaf=stranger), {"from": alice})


def test_a_stranger_cannot_materialise(registry, alice, mallory):
    batch = commit(registry, alice)

    with reverts_with("AssetRegistry_NotOwner", batch.id, mallory):
        materialise(registry, batch, 0, mallory)


def test_an_operator_cannot_materialise(registry, alice, bob):
    batch = commit(registry, alice)
    registry.setApprovalForAll(bob, True, {"from": alice})

    with reverts_with("AssetRegistry_NotOwner", batch.id, bob):
        materialise(registry, batch, 0, bob)


def test_the_author_who_sold_the_batch_cannot_materialise(registry, alice, bob):
    batch = commit(registry, alice)
    registry.transferFrom(alice, bob, token(batch.id), {"from": alice})

    with reverts_with("AssetRegistry_NotOwner", batch.id, alice):
        materialise(registry, batch, 0, alice)
    materialise(registry, batch, 0, bob)

    assert registry.ownerOfAsset(batch.members[0].id) == bob


def test_a_member_is_materialised_once(registry, alice):
    batch = commit(registry, alice)
    materialise(registry, batch, 2, alice)

    with reverts_with("AssetRegistry_Exists", batch.members[2].id):
        materialise(registry, batch, 2, alice)


def test_a_member_that_was_sold_is_not_materialised_again(registry, alice, bob):
    batch = commit(registry, alice)
    materialise(registry, batch, 2, alice)
    registry.transferFrom(alice, bob, token(batch.members[2].id), {"from": alice})

    with reverts_with("AssetRegistry_Exists", batch.members[2].id):
        materialise(registry, batch, 2, alice)


@pytest.mark.parametrize("index", [0, 4])
def test_a_member_takes_owner_consent_and_terms(registry, alice, train, chain, index):
    batch = commit(registry, alice)
    registry.setTerms(batch.id, train, {"from": alice})
    revoked = registry.revokeAll(batch.id, ZERO, {"from": alice})

    made = materialise(registry, batch, index, alice)

    kept = registry.assetOf(batch.members[index].id).dict()
    assert (kept["owner"], kept["kind"], kept["serial"]) == (alice, CAPTURE, registry.count())
    assert (kept["consentEpoch"], kept["revokedAt"]) == (1, revoked.timestamp)
    assert (kept["terms"], kept["royaltyBps"], kept["mintedAt"]) == (train, 0, made.timestamp)
    assert bytes(kept["manifestDigest"]) == batch.members[index].manifest_digest
    assert registry.balanceOf(alice) == 2


def test_it_emits_materialised(registry, alice, train):
    batch = commit(registry, alice)
    registry.setTerms(batch.id, train, {"from": alice})

    tx = materialise(registry, batch, 3, alice)

    event, moved = tx.events["Materialised"], tx.events["Transfer"]
    assert tx.return_value == event["id"] == "0x" + batch.members[3].id.hex()
    assert event["batch"] == "0x" + batch.id.hex()
    assert (event["owner"], event["index"], event["serial"]) == (alice, 3, registry.count())
    assert (event["terms"], event["consentEpoch"]) == (train, 0)
    words = [bytes.fromhex(str(word)[2:]) for word in tuple(event["commitment"])[3:]]
    assert words == list(batch.members[3].call[3:])
    assert (moved["from"], moved["to"], moved["tokenId"]) == (ZERO_ADDRESS, alice, token(batch.members[3].id))


def test_a_member_has_a_uri_of_its_own(registry, alice):
    batch = commit(registry, alice)
    materialise(registry, batch, 1, alice)

    member = batch.members[1]

    assert registry.tokenURI(token(member.id)) == f"ipfs://{Cid.of(RAW, member.manifest_digest)}"


def test_a_materialised_member_has_consent_of_its_own(registry, alice):
    batch = commit(registry, alice)
    materialise(registry, batch, 1, alice)
    registry.revokeAll(batch.id, ZERO, {"from": alice})

    assert registry.consentOf(batch.members[1].id, batch.id)[0] == 0
    assert registry.consentOf(batch.members[2].id, batch.id)[0] == 1
    registry.revokeAll(batch.members[1].id, ZERO, {"from": alice})
    registry.revokeAll(batch.members[1].id, ZERO, {"from": alice})

    assert registry.consentOf(batch.members[1].id, batch.id)[0] == 2


def test_a_materialised_member_does_not_follow_its_batch(registry, alice, bob):
    batch = commit(registry, alice)
    materialise(registry, batch, 1, alice)

    registry.transferFrom(alice, bob, token(batch.id), {"from": alice})

    assert registry.ownerOfLeaf(batch.leaf(1)) == ("0x" + batch.members[1].id.hex(), alice)
    assert registry.ownerOfLeaf(batch.leaf(2)) == ("0x" + batch.members[2].id.hex(), bob)
