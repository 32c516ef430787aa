"""Devices: what they sign is what wallets sign, and the catalog judges them as the contract does."""

from __future__ import annotations

from assets import Commitment as Committed
from assets import device_message, domain, signed_digest
from chain_facts import ANA, BEN, NOBODY, at, commitment
from devices import Claim, device_domain

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog, apply
from thenar.domain.catalog.devices import chain_of, is_good
from thenar.domain.devices import GOOD, NO_DEVICE, DeviceClaim, DeviceKind, answer_signed, capture_signed
from thenar.domain.ids import Address, AskId, AssetId

HAND, PATCH = Address("0x" + "1" * 40), Address("0x" + "2" * 40)
REGISTRY = Address("0x" + "9" * 40)


def mounted() -> Catalog:
    """A patch registered at 200 on a hand registered at 100."""
    catalog = Catalog()
    apply(catalog, f.DeviceRegistered(at(1), HAND, ANA, NO_DEVICE, DeviceKind.HAND, 0, 100, bytes(32)))
    apply(catalog, f.DeviceRegistered(at(2), PATCH, BEN, HAND, DeviceKind.PATCH, 1, 200, bytes(32)))
    return catalog


def test_claim_is_signed_as_eip_712_says() -> None:
    theirs = Claim(PATCH, ANA, HAND, DeviceKind.PATCH, b"\x07" * 32).message(device_domain(31337, REGISTRY))

    ours = DeviceClaim(PATCH, ANA, HAND, DeviceKind.PATCH, b"\x07" * 32).signed(31337, REGISTRY)

    assert ours == signed_digest(theirs)


def test_capture_is_signed_as_eip_712_says() -> None:
    made = commitment(ANA)
    same = Committed(
        made.author,
        made.kind,
        made.size,
        made.cipher_root,
        made.plain_root,
        made.key_commit,
        made.manifest_digest,
        made.manifest_hash,
    )

    assert capture_signed(made, 31337, REGISTRY) == signed_digest(device_message(same, domain(31337, REGISTRY)))


def test_patch_is_part_of_its_hand_and_good_while_both_are() -> None:
    catalog = mounted()

    assert [record.device for record in chain_of(catalog, PATCH)] == [PATCH, HAND]
    assert [is_good(catalog, PATCH, moment) for moment in (99, 199, 200, GOOD - 1)] == [False, False, True, True]


def test_patch_falls_with_its_hand_from_that_time_on() -> None:
    catalog = mounted()

    apply(catalog, f.DeviceEnded(at(3), HAND, 300, True))

    assert is_good(catalog, PATCH, 299)
    assert not is_good(catalog, PATCH, 300)
    assert catalog.devices[HAND].compromised
    assert catalog.devices[PATCH].until == GOOD


def test_nobody_and_strangers_are_never_good() -> None:
    assert not is_good(mounted(), NOBODY, 250)
    assert chain_of(mounted(), NOBODY) == ()


def test_a_devices_word_for_an_answer_is_signed_as_eip_712_says() -> None:
    bounties, asset = Address("0x" + "b" * 40), AssetId("0x" + "a5" * 32)
    fields = [("bounty", "uint32"), ("asset", "bytes32"), ("contributor", "address")]
    theirs = {
        "types": {
            "EIP712Domain": device_message(Committed(ANA, 0), domain(31337, REGISTRY))["types"]["EIP712Domain"],
            "CaptureAnswer": [{"name": name, "type": kind} for name, kind in fields],
        },
        "primaryType": "CaptureAnswer",
        "domain": {**domain(31337, bounties), "name": "Thenar CaptureBounties"},
        "message": {"bounty": 7, "asset": bytes.fromhex(asset[2:]), "contributor": ANA},
    }

    assert answer_signed(AskId(7), asset, ANA, 31337, bounties) == signed_digest(theirs)
