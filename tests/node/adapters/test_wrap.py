"""Wrapping agrees with what a contract computes, repeats itself, and takes no bad points."""

from __future__ import annotations

import pytest
from coincurve import PublicKey
from eth_abi import encode
from eth_hash.auto import keccak
from eth_keys import keys
from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.vault.wrap import GROUP_ORDER, EcdhWrapper, shared_point
from thenar.errors import BadInput
from thenar.services.ports import Wrapped

SELLER, BUYER = EcdhWrapper(bytes([1]) * 32), EcdhWrapper(bytes([2]) * 32)
ROOT_KEY, DEAL = bytes(range(32)), bytes([9]) * 32
FIELD = 2**256 - 2**32 - 977


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.binary(max_size=40))
def test_the_buyer_unwraps_what_the_seller_wrapped(root_key: bytes, deal: bytes, seed: bytes) -> None:
    secret, point = BUYER.one_time_key(seed)

    wrapped = SELLER.wrap(root_key, point, deal)

    assert BUYER.unwrap(wrapped, secret, deal) == root_key
    assert SELLER.wrap(root_key, point, deal) == wrapped


def test_the_mask_is_what_a_contract_computes_from_the_shared_point() -> None:
    secret, point = BUYER.one_time_key(b"seed")
    wrapped = SELLER.wrap(ROOT_KEY, point, DEAL)

    shared = PublicKey(b"\x04" + wrapped.ephemeral).multiply(secret).format(compressed=False)[1:]
    mask = keccak(
        encode(["bytes32", "bytes32", "uint256"], [b"thenar.wrap/1", DEAL, int.from_bytes(shared[:32], "big")])
    )

    assert shared_point(wrapped.ephemeral, secret) == shared
    assert bytes(a ^ b for a, b in zip(wrapped.blob, mask, strict=True)) == ROOT_KEY


def test_wrapping_gives_the_golden_values() -> None:
    secret, point = BUYER.one_time_key(b"seed")
    wrapped = SELLER.wrap(ROOT_KEY, point, DEAL)

    assert secret.hex() == "b5bfac7f346bd05faff171905b3d2d3b552d6052bdf1bdd5b83bc574d5006a4c"
    assert point[:32].hex() == "6c8b9302bdf9dc5be0ff009be2d83c8a8ac953e5823d3b4fbbc14427e8e83507"
    assert point[32:].hex() == "e3f72a54cac7d267981ff5fe01043536b604b1cd1e215c0d6d1cf2675a895a81"
    assert wrapped.blob.hex() == "48d960283fc99e5042fc45ba16bbb90d2948552518ed26fe2a55d7fa2edb0626"
    assert wrapped.ephemeral[:32].hex() == "fe6c3376de6b8a4c2d4b37a409a7a45ce3048b629a69a83748f648aa5180c69e"
    assert wrapped.ephemeral[32:].hex() == "4da62ff3018629c4059bc1fab390d1f05a95e6aa91444c16083609510d9fa7fa"


def test_the_ecrecover_identity_multiplies_our_points() -> None:
    """ecrecover(0, parity(y), x, k·x mod n) is the address of k·(x, y): what the dispute contract relies on."""
    secret, point = BUYER.one_time_key(b"seed")
    wrapped = SELLER.wrap(ROOT_KEY, point, DEAL)
    x, y = int.from_bytes(wrapped.ephemeral[:32], "big"), wrapped.ephemeral[32:]
    s = int.from_bytes(secret, "big") * x % GROUP_ORDER

    recovered = keys.Signature(vrs=(y[-1] & 1, x, s)).recover_public_key_from_msg_hash(bytes(32))

    assert recovered.to_bytes() == shared_point(wrapped.ephemeral, secret)


def test_one_time_keys_belong_to_node_and_seed() -> None:
    secret, point = BUYER.one_time_key(b"seed")

    assert BUYER.one_time_key(b"seed") == (secret, point)
    assert BUYER.one_time_key(b"other")[0] != secret
    assert SELLER.one_time_key(b"seed")[0] != secret
    assert keys.PrivateKey(secret).public_key.to_bytes() == point


def test_deals_and_buyers_share_no_mask() -> None:
    (_, first), (_, second) = BUYER.one_time_key(b"1"), BUYER.one_time_key(b"2")

    blobs = {
        SELLER.wrap(ROOT_KEY, first, DEAL).blob,
        SELLER.wrap(ROOT_KEY, second, DEAL).blob,
        SELLER.wrap(ROOT_KEY, first, bytes(32)).blob,
    }

    assert len(blobs) == 3


def _x_above_the_order() -> bytes:
    x = GROUP_ORDER
    while True:
        y = pow(x**3 + 7, (FIELD + 1) // 4, FIELD)
        if y * y % FIELD == (x**3 + 7) % FIELD:
            return x.to_bytes(32, "big") + y.to_bytes(32, "big")
        x += 1


BAD_POINTS = {
    "off the curve": bytes(31) + b"\x01" + bytes(31) + b"\x01",
    "zero": bytes(64),
    "too short": bytes(63),
    "compressed": b"\x02" + bytes(32),
    "x above the group order": _x_above_the_order(),
}


@pytest.mark.parametrize("what", BAD_POINTS)
def test_a_bad_point_is_refused(what: str) -> None:
    with pytest.raises(BadInput):
        SELLER.wrap(ROOT_KEY, BAD_POINTS[what], DEAL)
    with pytest.raises(BadInput):
        BUYER.unwrap(Wrapped(bytes(32), BAD_POINTS[what]), bytes(31) + b"\x01", DEAL)


@pytest.mark.parametrize(
    ("root_key", "deal"), [(bytes(31), DEAL), (bytes(33), DEAL), (ROOT_KEY, bytes(31)), (ROOT_KEY, b"")]
)
def test_wrong_lengths_are_refused(root_key: bytes, deal: bytes) -> None:
    with pytest.raises(BadInput):
        SELLER.wrap(root_key, BUYER.one_time_key(b"")[1], deal)


@pytest.mark.parametrize("secret", [bytes(32), GROUP_ORDER.to_bytes(32, "big"), bytes(31)])
def test_a_secret_outside_the_group_is_refused(secret: bytes) -> None:
    wrapped = SELLER.wrap(ROOT_KEY, BUYER.one_time_key(b"")[1], DEAL)

    with pytest.raises(BadInput):
        BUYER.unwrap(wrapped, secret, DEAL)
    with pytest.raises(BadInput):
        EcdhWrapper(b"short")
