"""AssetRegistry.mint: the branches of mint.tree."""

from dataclasses import replace

import pytest
from assets import (
    BATCH,
    CAPTURE,
    DATASET,
    MODEL,
    RESULT,
    ZERO,
    commitment,
    device_message,
    digest,
    domain,
    mint,
    sign,
    signed_digest,
)
from brownie import ZERO_ADDRESS
from reverts import reverts_with
from system import contract

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
NOTHING = {"size": 0}
OTHER = {
    "author": "0x" + "0b" * 20,
    "kind": RESULT,
    "size": 1001,
    "cipher_root": digest("other"),
    "plain_root": digest("other"),
    "key_commit": digest("other"),
    "manifest_digest": digest("other"),
    "manifest_hash": digest("other"),
    "batch": digest("other"),
}


def send(registry, made, sender, terms=0, royalty=0, device=ZERO_ADDRESS, signature=b""):
    return registry.mint(made.call, terms, royalty, device, signature, {"from": sender})


def test_copied_calldata_gives_the_copier_nothing(registry, alice, mallory):
    made = commitment(alice)

    with reverts_with("AssetRegistry_NotAuthor", alice, mallory):
        send(registry, made, mallory)


def test_a_copier_who_names_itself_gets_another_asset(registry, alice, mallory):
    made = commitment(alice)
    copied = replace(made, author=mallory.address)
    send(registry, copied, mallory)

    send(registry, made, alice)

    assert made.id != copied.id
    assert registry.ownerOfAsset(made.id) == alice
    assert registry.ownerOfAsset(copied.id) == mallory


def test_an_asset_is_minted_once(registry, alice):
    made = commitment(alice)
    send(registry, made, alice)

    with reverts_with("AssetRegistry_Exists", made.id):
        send(registry, made, alice)


def test_an_asset_that_was_sold_is_not_minted_again(registry, alice, bob):
    made = commitment(alice)
    send(registry, made, alice)
    registry.transferFrom(alice, bob, int.from_bytes(made.id, "big"), {"from": alice})

    with reverts_with("AssetRegistry_Exists", made.id):
        send(registry, made, alice)


@pytest.mark.parametrize("kind", [CAPTURE, MODEL])
@pytest.mark.parametrize("field", ["manifest_digest", "manifest_hash"])
def test_a_manifest_hash_is_needed(registry, alice, kind, field):
    made = replace(commitment(alice, kind=kind), **{field: ZERO})

    with reverts_with("AssetRegistry_EmptyRoot"):
        send(registry, made, alice)


@pytest.mark.parametrize(
    "missing",
    [["cipher_root"], ["plain_root"], ["key_commit"], ["size"], ["size", "cipher_root", "plain_root", "key_commit"]],
)
def test_a_capture_is_sealed(registry, alice, missing):
    made = replace(commitment(alice), **{field: NOTHING.get(field, ZERO) for field in missing})

    with reverts_with("AssetRegistry_EmptyRoot"):
        send(registry, made, alice)


def test_a_batch_is_not_minted_alone(registry, alice):
    open_ = replace(commitment(alice, kind=BATCH), size=0, cipher_root=ZERO, plain_root=ZERO, key_commit=ZERO)

    for made in (commitment(alice, kind=BATCH), open_):
        with reverts_with("AssetRegistry_EmptyRoot"):
            send(registry, made, alice)


def test_a_member_of_a_batch_is_not_minted_alone(registry, alice):
    made = replace(commitment(alice), batch=digest("batch"))

    with reverts_with("AssetRegistry_OfBatch", made.batch):
        send(registry, made, alice)


@pytest.mark.parametrize("present", ["size", "cipher_root", "plain_root", "key_commit"])
def test_half_a_seal_is_refused(registry, alice, present):
    missing = {"size", "cipher_root", "plain_root", "key_commit"} - {present}
    made = replace(commitment(alice, kind=MODEL), **{field: NOTHING.get(field, ZERO) for field in missing})

    with reverts_with("AssetRegistry_EmptyRoot"):
        send(registry, made, alice)


@pytest.mark.parametrize("kind", [DATASET, MODEL, RESULT])
def test_a_derived_asset_may_be_open(registry, alice, kind):
    made = replace(commitment(alice, kind=kind), size=0, cipher_root=ZERO, plain_root=ZERO, key_commit=ZERO)

    send(registry, made, alice)

    assert registry.assetOf(made.id).dict()["kind"] == kind


def test_a_royalty_above_the_whole_is_refused(registry, alice):
    with reverts_with("AssetRegistry_RoyaltyTooBig", 10_001):
        send(registry, commitment(alice), alice, royalty=10_001)


def test_unwritten_terms_are_refused(registry, book, alice):
    unwritten = book.count() + 1

    with reverts_with("AssetRegistry_UnknownTerms", unwritten):
        send(registry, commitment(alice), alice, terms=unwritten)


def test_a_signature_of_nobody_is_refused(registry, alice, device, here):
    made = commitment(alice)

    with reverts_with("AssetRegistry_BadSignature", ZERO_ADDRESS):
        send(registry, made, alice, signature=sign(device.key, device_message(made, here)))


def test_a_device_vouches_for_a_capture(registry, alice, device, here):
    made = commitment(alice)

    tx = send(registry, made, alice, device=device.address, signature=sign(device.key, device_message(made, here)))

    assert tx.events["AssetMinted"]["device"] == device.address


def test_another_keys_signature_is_refused(registry, alice, device, author, here):
    made = commitment(alice)

    with reverts_with("AssetRegistry_BadSignature", device.address):
        send(registry, made, alice, device=device.address, signature=sign(author.key, device_message(made, here)))


@pytest.mark.parametrize("field", OTHER)
def test_a_device_signature_binds_every_field(registry, alice, device, here, field):
    made = commitment(alice)
    signature = sign(device.key, device_message(replace(made, **{field: OTHER[field]}), here))

    with reverts_with("AssetRegistry_BadSignature", device.address):
        send(registry, made, alice, device=device.address, signature=signature)


def test_a_device_signature_of_another_chain_is_refused(registry, alice, device, here):
    made = commitment(alice)
    elsewhere = here | {"chainId": here["chainId"] + 1}

    with reverts_with("AssetRegistry_BadSignature", device.address):
        send(registry, made, alice, device=device.address, signature=sign(device.key, device_message(made, elsewhere)))


def test_a_device_signature_of_another_registry_is_refused(registry, book, deployer, alice, device, chain):
    twin = contract("AssetRegistry").deploy(book, deployer, {"from": deployer})
    made = commitment(alice)
    signature = sign(device.key, device_message(made, domain(chain.id, twin)))

    with reverts_with("AssetRegistry_BadSignature", device.address):
        send(registry, made, alice, device=device.address, signature=signature)


def test_a_malleated_device_signature_is_refused(registry, alice, device, here):
    made = commitment(alice)
    signature = sign(device.key, device_message(made, here))
    s = SECP256K1_ORDER - int.from_bytes(signature[32:64], "big")
    mirrored = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])

    with reverts_with("AssetRegistry_BadSignature", device.address):
        send(registry, made, alice, device=device.address, signature=mirrored)


def test_a_device_made_of_code_vouches(registry, deployer, alice, here):
    wallet = contract("SignatureWallet").deploy({"from": deployer})
    made = commitment(alice)
    wallet.approveDigest(signed_digest(device_message(made, here)), {"from": deployer})

    tx = send(registry, made, alice, device=wallet, signature=b"")

    assert tx.events["AssetMinted"]["device"] == wallet


def test_a_device_made_of_code_that_did_not_sign_is_refused(registry, deployer, alice):
    wallet = contract("SignatureWallet").deploy({"from": deployer})

    with reverts_with("AssetRegistry_BadSignature", wallet):
        send(registry, commitment(alice), alice, device=wallet, signature=b"")


def test_the_author_owns_the_asset(registry, alice):
    held = registry.balanceOf(alice)

    identity = mint(registry, alice)

    assert registry.ownerOf(int.from_bytes(identity, "big")) == alice
    assert registry.balanceOf(alice) == held + 1


def test_the_record_holds_what_was_given(registry, alice, train, chain):
    made = commitment(alice, kind=DATASET)

    tx = send(registry, made, alice, terms=train, royalty=10_000)

    assert registry.assetOf(made.id).dict() == {
        "owner": alice,
        "consentEpoch": 0,
        "serial": registry.count(),
        "revokedAt": 0,
        "kind": DATASET,
        "exclusive": False,
        "manifestDigest": "0x" + made.manifest_digest.hex(),
        "terms": train,
        "mintedAt": tx.timestamp,
        "royaltyBps": 10_000,
    }


def test_it_emits_asset_minted(registry, alice, train):
    made = commitment(alice)

    tx = send(registry, made, alice, terms=train, royalty=250)

    event = tx.events["AssetMinted"]
    assert tx.return_value == event["id"] == "0x" + made.id.hex()
    assert event["author"] == alice
    assert event["device"] == ZERO_ADDRESS
    assert event["serial"] == registry.count()
    assert event["terms"] == train
    assert event["royaltyBps"] == 250
    assert tuple(event["commitment"])[:3] == (alice, CAPTURE, made.size)
    assert [bytes.fromhex(str(root)[2:]) for root in tuple(event["commitment"])[3:]] == list(made.call[3:])


def test_it_emits_a_transfer_from_nobody(registry, alice):
    made = commitment(alice)

    tx = send(registry, made, alice)

    assert dict(tx.events["Transfer"]) == {
        "from": ZERO_ADDRESS,
        "to": alice,
        "tokenId": int.from_bytes(made.id, "big"),
    }


def test_serials_count_up(registry, alice, bob):
    before = registry.count()
    first, second = mint(registry, alice, "one"), mint(registry, bob, "two")

    assert registry.assetOf(first).dict()["serial"] == before + 1
    assert registry.assetOf(second).dict()["serial"] == before + 2
    assert registry.count() == before + 2


def test_a_contract_author_is_not_called(registry, deployer):
    actor = contract("Actor").deploy({"from": deployer})  # would refuse ERC-721's receiver question
    made = commitment(actor)
    call = registry.mint.encode_input(made.call, 0, 0, ZERO_ADDRESS, b"")

    actor.run(registry, call, {"from": deployer})

    assert registry.ownerOfAsset(made.id) == actor
