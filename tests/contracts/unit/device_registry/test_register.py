"""DeviceRegistry.register: the branches of register.tree."""

from dataclasses import replace

import pytest
from assets import sign, signed_digest
from devices import HAND, ZERO_ADDRESS, Claim, device_key, register
from reverts import reverts_with
from system import contract

NEVER = 2**40 - 1


def test_only_the_owner_in_the_claim_registers(registry, where, alice, bob, patch):
    claim = Claim(patch.address, str(alice))

    with reverts_with("DeviceRegistry_NotOwner", alice, bob):
        registry.register(claim.call, sign(patch.key, claim.message(where)), b"", {"from": bob})


def test_a_key_is_registered_once_for_ever(registry, where, alice, bob, patch):
    register(registry, alice, patch, where)
    registry.retire(patch.address, {"from": alice})

    for owner in (alice, bob):
        with reverts_with("DeviceRegistry_Registered", patch.address):
            register(registry, owner, patch, where)


@pytest.mark.parametrize("change", [{"owner": "0x" + "0b" * 20}, {"kind": HAND}, {"digest": bytes(32)}], ids=str)
def test_the_devices_signature_binds_every_field(registry, where, alice, patch, change):
    claim = Claim(patch.address, str(alice))
    signed = replace(claim, **change)

    with reverts_with("DeviceRegistry_BadSignature", patch.address):
        registry.register(claim.call, sign(patch.key, signed.message(where)), b"", {"from": alice})


def test_the_devices_signature_binds_its_parent(registry, where, alice, patch, hand):
    register(registry, alice, hand, where)
    claim = Claim(patch.address, str(alice), hand.address)
    alone = sign(patch.key, replace(claim, parent=ZERO_ADDRESS).message(where))

    with reverts_with("DeviceRegistry_BadSignature", patch.address):
        registry.register(claim.call, alone, sign(hand.key, claim.message(where)), {"from": alice})


@pytest.mark.parametrize("change", [{"chainId": 1}, {"verifyingContract": "0x" + "0c" * 20}, {"version": "2"}], ids=str)
def test_a_signature_for_elsewhere_is_refused(registry, where, alice, patch, change):
    claim = Claim(patch.address, str(alice))

    with reverts_with("DeviceRegistry_BadSignature", patch.address):
        registry.register(claim.call, sign(patch.key, claim.message(where | change)), b"", {"from": alice})


@pytest.mark.parametrize("signature", [b"", bytes(65), bytes(64) + b"\x1b"], ids=len)
def test_nobody_is_no_device(registry, alice, signature):
    with reverts_with("DeviceRegistry_BadSignature", ZERO_ADDRESS):
        registry.register(Claim(ZERO_ADDRESS, str(alice)).call, signature, b"", {"from": alice})


def test_a_parent_must_be_good_now(registry, where, alice, patch, hand):
    with reverts_with("DeviceRegistry_ParentNotGood", hand.address):
        register(registry, alice, patch, where, parent=hand)
    register(registry, alice, hand, where)
    registry.retire(hand.address, {"from": alice})

    with reverts_with("DeviceRegistry_ParentNotGood", hand.address):
        register(registry, alice, patch, where, parent=hand)


def test_all_above_a_parent_must_be_good_now(registry, where, alice, mounted, hand):
    registry.retire(hand.address, {"from": alice})

    with reverts_with("DeviceRegistry_ParentNotGood", mounted.address):
        register(registry, alice, device_key("taxel"), where, parent=mounted)


def test_a_parent_must_sign(registry, where, alice, patch, hand):
    register(registry, alice, hand, where)
    claim = Claim(patch.address, str(alice), hand.address)
    own = sign(patch.key, claim.message(where))

    for above in (b"", own):
        with reverts_with("DeviceRegistry_BadSignature", hand.address):
            registry.register(claim.call, own, above, {"from": alice})


def test_eight_devices_stand_on_each_other_and_no_more(registry, where, alice):
    keys = [device_key(f"level {level}") for level in range(9)]
    for above, device in zip([None, *keys], keys[:8], strict=False):
        register(registry, alice, device, where, parent=above)

    with reverts_with("DeviceRegistry_TooDeep", keys[7].address):
        register(registry, alice, keys[8], where, parent=keys[7])

    assert list(registry.parentsOf(keys[7].address)) == [key.address for key in reversed(keys[:7])]
    assert registry.deviceOf(keys[7].address).dict()["depth"] == 7


def test_a_parent_may_be_somebody_elses(registry, where, alice, bob, patch, hand):
    register(registry, bob, hand, where)

    register(registry, alice, patch, where, parent=hand)

    assert list(registry.parentsOf(patch.address)) == [hand.address]


def test_a_signature_without_a_parent_is_refused(registry, where, alice, patch, hand):
    claim = Claim(patch.address, str(alice))
    own = sign(patch.key, claim.message(where))

    with reverts_with("DeviceRegistry_BadSignature", ZERO_ADDRESS):
        registry.register(claim.call, own, sign(hand.key, claim.message(where)), {"from": alice})


def test_a_device_is_kept_with_its_parent(registry, where, alice, patch, hand):
    register(registry, alice, hand, where, kind=HAND)

    tx = register(registry, alice, patch, where, parent=hand)

    assert registry.deviceOf(patch.address).dict() == {
        "owner": alice,
        "since": tx.timestamp,
        "until": NEVER,
        "depth": 1,
        "kind": 1,
        "parent": hand.address,
        "compromised": False,
    }


def test_it_emits_device_registered(registry, where, alice, patch, hand):
    register(registry, alice, hand, where)

    tx = register(registry, alice, patch, where, parent=hand)

    assert dict(tx.events["DeviceRegistered"]) == {
        "device": patch.address,
        "owner": alice,
        "parent": hand.address,
        "kind": 1,
        "depth": 1,
        "since": tx.timestamp,
        "digest": "0x" + "00" * 31 + "07",
    }


def test_a_device_made_of_code_signs(registry, where, deployer, alice):
    wallet = contract("SignatureWallet").deploy({"from": deployer})
    claim = Claim(str(wallet), str(alice))
    wallet.approveDigest(signed_digest(claim.message(where)), {"from": deployer})

    registry.register(claim.call, b"", b"", {"from": alice})

    assert registry.deviceOf(wallet).dict()["owner"] == alice
