"""AssetRegistry.mintFor: the branches of mint_for.tree."""

from dataclasses import replace

import pytest
from assets import RESULT, commitment, device_message, digest, mint_message, sign, signed_digest
from brownie import ZERO_ADDRESS
from reverts import reverts_with
from system import contract

FAR = 2**64


def send(registry, made, sender, signature, terms=0, royalty=0, deadline=FAR):
    return registry.mintFor(made.call, terms, royalty, deadline, signature, {"from": sender})


def test_a_late_signature_is_refused(registry, author, bob, here, chain):
    made = commitment(author.address)
    deadline = chain[-1].timestamp - 1
    signature = sign(author.key, mint_message(made, 0, 0, deadline, here))

    with reverts_with("AssetRegistry_SignatureExpired", deadline):
        send(registry, made, bob, signature, deadline=deadline)


def test_the_deadline_itself_is_in_time(registry, author, bob, here, chain, web3):
    made = commitment(author.address)
    deadline = chain[-1].timestamp + 100
    signature = sign(author.key, mint_message(made, 0, 0, deadline, here))
    web3.provider.make_request("evm_setNextBlockTimestamp", [deadline])

    tx = send(registry, made, bob, signature, deadline=deadline)

    assert tx.timestamp == deadline
    assert registry.ownerOfAsset(made.id) == author.address


def test_a_strangers_signature_is_refused(registry, author, device, bob, here):
    made = commitment(author.address)

    with reverts_with("AssetRegistry_BadSignature", author.address):
        send(registry, made, bob, sign(device.key, mint_message(made, 0, 0, FAR, here)))


@pytest.mark.parametrize("signature", [b"", bytes(65), bytes(64) + b"\x1b"])
def test_nobody_signs_for_nobody(registry, bob, signature):
    with reverts_with("AssetRegistry_BadSignature", ZERO_ADDRESS):
        send(registry, commitment(ZERO_ADDRESS), bob, signature)


@pytest.mark.parametrize(
    "change",
    [
        {"author": "0x" + "0b" * 20},
        {"kind": RESULT},
        {"size": 1001},
        {"cipher_root": digest("other")},
        {"plain_root": digest("other")},
        {"key_commit": digest("other")},
        {"manifest_digest": digest("other")},
        {"manifest_hash": digest("other")},
        {"batch": digest("other")},
        {"terms": 1},
        {"royalty": 1},
        {"deadline": FAR + 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_signature_binds_every_field(registry, author, bob, here, train, change):
    made = commitment(author.address)
    signed = {"terms": 0, "royalty": 0, "deadline": FAR} | {
        k: v for k, v in change.items() if hasattr(made, k) is False
    }
    other = replace(made, **{k: v for k, v in change.items() if hasattr(made, k)})
    signature = sign(author.key, mint_message(other, signed["terms"], signed["royalty"], signed["deadline"], here))

    with reverts_with("AssetRegistry_BadSignature", author.address):
        send(registry, made, bob, signature)


@pytest.mark.parametrize("change", [{"chainId": 1}, {"verifyingContract": "0x" + "0c" * 20}, {"version": "2"}])
def test_a_signature_for_elsewhere_is_refused(registry, author, bob, here, change):
    made = commitment(author.address)

    with reverts_with("AssetRegistry_BadSignature", author.address):
        send(registry, made, bob, sign(author.key, mint_message(made, 0, 0, FAR, here | change)))


def test_a_device_statement_is_no_order_to_mint(registry, author, bob, here):
    made = commitment(author.address)

    with reverts_with("AssetRegistry_BadSignature", author.address):
        send(registry, made, bob, sign(author.key, device_message(made, here)))


def test_a_signature_works_once(registry, author, bob, here):
    made = commitment(author.address)
    signature = sign(author.key, mint_message(made, 0, 0, FAR, here))
    send(registry, made, bob, signature)

    with reverts_with("AssetRegistry_Exists", made.id):
        send(registry, made, bob, signature)


def test_anybody_may_mint_for_the_author(registry, author, bob, here, train):
    made = commitment(author.address)

    tx = send(registry, made, bob, sign(author.key, mint_message(made, train, 9, FAR, here)), terms=train, royalty=9)

    record = registry.assetOf(made.id).dict()
    assert tx.return_value == "0x" + made.id.hex()
    assert (record["owner"], record["terms"], record["royaltyBps"]) == (author.address, train, 9)


def test_it_emits_asset_minted_without_a_device(registry, author, bob, here):
    made = commitment(author.address)

    tx = send(registry, made, bob, sign(author.key, mint_message(made, 0, 0, FAR, here)))

    assert tx.events["AssetMinted"]["device"] == ZERO_ADDRESS
    assert tx.events["AssetMinted"]["author"] == author.address


def test_an_author_made_of_code_signs(registry, deployer, bob, here):
    wallet = contract("SignatureWallet").deploy({"from": deployer})
    made = commitment(wallet)
    wallet.approveDigest(signed_digest(mint_message(made, 0, 0, FAR, here)), {"from": deployer})

    send(registry, made, bob, b"")

    assert registry.ownerOfAsset(made.id) == wallet
