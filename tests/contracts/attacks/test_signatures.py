"""Edges of ecrecover, at every door that trusts it: signatures, and products of curve points checked through it.

Precedents: ecrecover answers the zero address for anything malformed, and contracts that compared it with an unset
signer let everybody in; OpenZeppelin GHSA-4h98-2769-gh6h took two spellings of a signature for two; ethresear.ch
2384/19 names the scalars and coordinates for which recovering is no multiplication.
"""

import pytest
from assets import commitment, device_message, domain, mint_message, sign
from brownie import ZERO_ADDRESS, accounts, chain
from devices import Claim, device_domain, device_key
from permits import sign_permit
from previews import prepare
from reverts import reverts_with
from sales import FIELD, ORDER, deliver, open_sale, product, put_on_sale, seeded
from sealed_bytes import SealedBytes

LATE = 2**40
SECRET = seeded("edges")
DEVICE = device_key("edges")


def word(number):
    """32 bytes of a number."""
    return number.to_bytes(32, "big")


def spoiled(signature):
    """Every way in which a good signature, and nothing at all, can be misspelt."""
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    return {
        "nothing": b"",
        "zeros": bytes(65),
        "r = 0": word(0) + word(s) + bytes([v]),
        "s = 0": word(r) + word(0) + bytes([v]),
        "r = n": word(ORDER) + word(s) + bytes([v]),
        "r + n": word(min(r + ORDER, 2**256 - 1)) + word(s) + bytes([v]),
        "s = n": word(r) + word(ORDER) + bytes([v]),
        "mirrored s": word(r) + word(ORDER - s) + bytes([55 - v]),
        "s + n": word(r) + word(min(s + ORDER, 2**256 - 1)) + bytes([v]),
        "other v": signature[:64] + bytes([55 - v]),
        "v = 0 or 1": signature[:64] + bytes([v - 27]),
        "v = 29": signature[:64] + b"\x1d",
        "compact": word(r) + word(s | (v - 27) << 255),
        "one byte more": signature + b"\x00",
    }


SPOILS = tuple(spoiled(bytes(64) + b"\x1b"))


@pytest.mark.parametrize("how", SPOILS)
def test_a_misspelt_device_signature_vouches_for_nothing(system, alice, how):
    registry, made = system.asset_registry, commitment(alice, "edges")
    good = sign(DEVICE.key, device_message(made, domain(chain.id, registry)))

    for device, spelling in ((DEVICE.address, spoiled(good)[how]), (ZERO_ADDRESS, spoiled(good)[how] or b"\x00")):
        with reverts_with("AssetRegistry_BadSignature", device):
            registry.mint(made.call, 0, 0, device, spelling, {"from": alice})


@pytest.mark.parametrize("how", SPOILS)
def test_a_misspelt_signature_mints_for_nobody(system, mallory, how):
    """The zero address as an author, whom ecrecover seems to name, included."""
    registry, where = system.asset_registry, domain(chain.id, system.asset_registry)

    for author in (DEVICE.address, ZERO_ADDRESS):
        made = commitment(author, "edges")
        good = sign(DEVICE.key, mint_message(made, 0, 0, LATE, where))
        with reverts_with("AssetRegistry_BadSignature", author):
            registry.mintFor(made.call, 0, 0, LATE, spoiled(good)[how], {"from": mallory})


@pytest.mark.parametrize("how", SPOILS)
def test_a_misspelt_claim_registers_no_device(system, alice, how):
    registry = system.device_registry

    for device in (DEVICE.address, ZERO_ADDRESS):
        claim = Claim(device, str(alice))
        good = sign(DEVICE.key, claim.message(device_domain(chain.id, registry)))
        with reverts_with("DeviceRegistry_BadSignature", device):
            registry.register(claim.call, spoiled(good)[how], b"", {"from": alice})


@pytest.mark.parametrize("how", [how for how in SPOILS if how not in {"compact", "one byte more"}])
def test_a_misspelt_permit_permits_nothing(system, mallory, how):
    """It fails in silence, as it must when somebody used it first; the deposit then takes only what is allowed."""
    owner = accounts.add(DEVICE.key)
    system.token.mint(owner, 1_000, {"from": mallory})
    mallory.transfer(owner, 10**18)
    deadline, v, r, s = sign_permit(system.token, owner, system.ledger, 1_000, LATE)
    parts = spoiled(r + s + bytes([v]))[how].ljust(65, b"\x00")

    with reverts_with("ERC20InsufficientAllowance", system.ledger, 0, 1_000):
        system.ledger.depositWithPermit(owner, 1_000, deadline, parts[64], parts[:32], parts[32:64], {"from": owner})

    assert system.ledger.balanceOf(owner) == 0


SCALARS = {
    "k = 0": 0,
    "k = n": ORDER,
    "k + n": SECRET + ORDER if SECRET + ORDER < 2**256 else 2**256 - 1,
    "-k": ORDER - SECRET,
}


@pytest.fixture(scope="module")
def cheated(system, alice, bob):
    """A sale whose key is wrong, so that every dispute with a true secret would succeed."""
    ware = put_on_sale(system, alice, 1_000, "edges on sale")
    deal = open_sale(system, ware, bob, SECRET)
    delivery = deliver(system, deal, b"\x11" * 32, alice)
    return ware, deal, delivery, product(SECRET, (delivery.ephemeral_x, delivery.ephemeral_y))


@pytest.mark.parametrize("how", SCALARS)
def test_a_scalar_outside_the_group_disputes_no_sale(system, cheated, bob, how):
    ware, deal, delivery, shared = cheated

    with reverts_with("KeyExchange_WrongSecret"):
        system.key_exchange.disputeKey(deal.call, delivery.call, ware.made.call, SCALARS[how], *shared, {"from": bob})


def shifted(x, y):
    """Other spellings of a point, and none at all."""
    return {
        "infinity": (0, 0),
        "mirrored": (x, FIELD - y),
        "x + p": (min(x + FIELD, 2**256 - 1), y),
        "y + p": (x, min(y + FIELD, 2**256 - 1)),
        "x of n": (ORDER, y),
        "swapped": (y, x),
    }


@pytest.mark.parametrize("how", shifted(1, 1))
def test_a_shared_point_has_one_spelling(system, cheated, bob, how):
    ware, deal, delivery, shared = cheated

    with reverts_with("KeyExchange_WrongSharedPoint"):
        system.key_exchange.disputeKey(
            deal.call, delivery.call, ware.made.call, SECRET, *shifted(*shared)[how], {"from": bob}
        )


@pytest.fixture(scope="module")
def opened(system, mallory, bob):
    """A preview of garbage, opened, so that every dispute with a true secret would succeed."""
    shown = prepare(system, SealedBytes.of(bytes(500), b"\x07" * 32, {0: b"garbage"}), mallory, bob)
    preview = shown.ask(count=1)
    return shown, preview, shown.open(preview)


@pytest.mark.parametrize("how", SCALARS)
def test_a_scalar_outside_the_group_disputes_no_preview(opened, how):
    shown, preview, keys = opened
    _, _, *shared = shown.reveal(keys, 0)

    with reverts_with("PreviewDesk_WrongSecret"):
        shown.dispute(preview, keys, 0, 0, reveal=(0, SCALARS[how] if how != "-k" else ORDER - shown.secret, *shared))


@pytest.mark.parametrize("how", shifted(1, 1))
def test_a_previews_shared_point_has_one_spelling(opened, how):
    shown, preview, keys = opened
    position, secret, *shared = shown.reveal(keys, 0)

    with reverts_with("PreviewDesk_WrongSharedPoint"):
        shown.dispute(preview, keys, 0, 0, reveal=(position, secret, *shifted(*shared)[how]))


@pytest.mark.parametrize("how", ("infinity", "mirrored off", "x + p", "x of n", "y + p"))
def test_no_key_is_taken_that_cannot_be_multiplied(system, bob, carol, opened, how):
    """A buyer's or a seller's point for which the check could not work would make every later dispute fail."""
    shown, *_ = opened
    x, y = product(SECRET, (shown.reveal(opened[2], 0)[2], shown.reveal(opened[2], 0)[3]))
    bad = shifted(x, y)[how] if how in shifted(1, 1) else (x, y ^ 1)

    with reverts_with("PreviewDesk_BadPoint", *bad):
        system.preview_desk.challengePreview(shown.made.call, 1, 0, *bad, {"from": carol})
