"""AssetRegistry.commitBatch: the branches of commit_batch.tree."""

from dataclasses import replace

import pytest
from assets import BATCH, CAPTURE, MODEL, ZERO, commitment, digest
from batches import batch_of, commit
from brownie import ZERO_ADDRESS
from reverts import reverts_with


def send(registry, made, sender):
    return registry.commitBatch(made.call, {"from": sender})


def test_a_copied_batch_gives_the_copier_nothing(registry, alice, mallory):
    with reverts_with("AssetRegistry_NotAuthor", alice, mallory):
        send(registry, batch_of(alice, 3).made, mallory)


def test_a_batch_is_committed_once(registry, alice, bob):
    batch = commit(registry, alice)
    registry.transferFrom(alice, bob, int.from_bytes(batch.id, "big"), {"from": alice})

    with reverts_with("AssetRegistry_Exists", batch.id):
        send(registry, batch.made, alice)


@pytest.mark.parametrize("kind", [CAPTURE, MODEL])
def test_a_single_asset_is_no_batch(registry, alice, kind):
    with reverts_with("AssetRegistry_NotBatch"):
        send(registry, replace(batch_of(alice, 3).made, kind=kind), alice)


def test_a_batch_has_1_to_2_to_the_32_less_1_members(registry, alice):
    made = batch_of(alice, 3).made

    for size in (0, 2**32):
        with reverts_with("AssetRegistry_NotBatch"):
            send(registry, replace(made, size=size), alice)
    for size in (1, 2**32 - 1):
        send(registry, replace(made, size=size), alice)


@pytest.mark.parametrize("field", ["plain_root", "manifest_digest", "manifest_hash"])
def test_members_and_manifest_are_needed(registry, alice, field):
    with reverts_with("AssetRegistry_NotBatch"):
        send(registry, replace(batch_of(alice, 3).made, **{field: ZERO}), alice)


@pytest.mark.parametrize("field", ["cipher_root", "key_commit", "batch"])
def test_a_batch_seals_nothing_and_is_in_no_batch(registry, alice, field):
    with reverts_with("AssetRegistry_NotBatch"):
        send(registry, replace(batch_of(alice, 3).made, **{field: digest("other")}), alice)


def test_the_author_owns_the_batch(registry, alice):
    before = registry.count()

    batch = commit(registry, alice)

    kept = registry.assetOf(batch.id).dict()
    assert (kept["owner"], kept["kind"], kept["serial"]) == (alice, BATCH, before + 1)
    assert (kept["consentEpoch"], kept["revokedAt"], kept["exclusive"]) == (0, 0, False)
    assert (kept["terms"], kept["mintedAt"], kept["royaltyBps"]) == (0, 0, 0)
    assert bytes(kept["manifestDigest"]) == ZERO
    assert registry.balanceOf(alice) == 1


def test_it_emits_asset_minted_for_the_batch(registry, alice):
    batch = batch_of(alice, 5)

    event = send(registry, batch.made, alice).events["AssetMinted"]

    assert event["id"] == "0x" + batch.id.hex()
    assert (event["author"], event["device"], event["serial"]) == (alice, ZERO_ADDRESS, registry.count())
    assert (event["terms"], event["royaltyBps"]) == (0, 0)
    assert tuple(event["commitment"])[:3] == (alice, BATCH, 5)
    assert [bytes.fromhex(str(word)[2:]) for word in tuple(event["commitment"])[3:]] == list(batch.made.call[3:])


def test_a_batch_has_no_uri_and_no_royalty(registry, alice):
    token = int.from_bytes(commit(registry, alice).id, "big")

    assert registry.tokenURI(token) == ""
    assert registry.royaltyInfo(token, 10**18) == (alice, 0)


def test_a_batch_is_sold_like_any_asset(registry, alice, bob):
    batch = commit(registry, alice)

    registry.transferFrom(alice, bob, int.from_bytes(batch.id, "big"), {"from": alice})

    assert registry.ownerOfAsset(batch.id) == bob


def test_ten_thousand_members_cost_one_slot(registry, alice):
    commit(registry, alice, label="first")
    made = replace(batch_of(alice, 1).made, size=10_000)

    assert send(registry, made, alice).gas_used <= 80_000


def test_a_commitment_of_its_members_is_another_asset(registry, alice):
    """A member minted alone, without its batch, has another id: the batch's member stays the batch owner's."""
    batch = commit(registry, alice)
    alone = replace(batch.members[0], batch=ZERO)
    registry.mint(alone.call, 0, 0, ZERO_ADDRESS, b"", {"from": alice})

    assert alone.id != batch.members[0].id
    assert alone == commitment(alice, "batch/0")
