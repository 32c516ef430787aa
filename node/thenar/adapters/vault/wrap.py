"""Root keys for one buyer: ECDH on secp256k1, and a mask that a contract can compute as well.

mask = keccak256(abi.encode(bytes32("thenar.wrap/1"), context, Sx)) with Sx the x of the shared point; the blob is
root key xor mask. Points are 64 bytes, x ‖ y; x must be below the group order, because the contract multiplies
points with ecrecover, which takes x as a signature's r (EIP-2 leaves the precompile at r < n).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from coincurve import PublicKey

from thenar.domain.keccak import keccak256, tag32
from thenar.errors import BadInput
from thenar.services.ports import Wrapped, WrappedKeys

GROUP_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

_WRAP = tag32("thenar.wrap/1")


class EcdhWrapper:
    """Wraps and unwraps root keys. Implements ``KeyWrapper``."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise BadInput(f"a wrapping secret has 32 bytes, not {len(secret)}")
        self._secret = secret

    def one_time_key(self, seed: bytes) -> tuple[bytes, bytes]:
        """The secret scalar (32 bytes) and public point (64 bytes) that belong to a seed on this node."""
        secret = self._scalar(b"thenar.once/1", seed)
        return secret, _bytes(PublicKey.from_valid_secret(secret))

    def wrap(self, root_key: bytes, buyer: bytes, context: bytes) -> Wrapped:
        """Wrap for a buyer's point and a 32-byte deal id; equal arguments give an equal result. Raises BadInput."""
        _check_length("root key", root_key, 32)
        _check_length("context", context, 32)
        point = _point(buyer)
        # From the root key too, so that the ephemeral key cannot repeat for two keys, whatever the context.
        ephemeral = self._scalar(b"thenar.eph/1", root_key + buyer + context)
        blob = _xor(root_key, _mask(point, ephemeral, context))
        return Wrapped(blob, _bytes(PublicKey.from_valid_secret(ephemeral)))

    def wrap_each(self, keys: Sequence[bytes], buyer: bytes, contexts: Sequence[bytes]) -> WrappedKeys:
        """Wrap keys for one buyer under one ephemeral point, each with its own 32-byte context. Raises BadInput."""
        for key, context in zip(keys, contexts, strict=True):
            _check_length("key", key, 32)
            _check_length("context", context, 32)
        point = _point(buyer)
        ephemeral = self._scalar(b"thenar.eph/1", b"".join(keys) + buyer + b"".join(contexts))
        blobs = tuple(_xor(key, _mask(point, ephemeral, one)) for key, one in zip(keys, contexts, strict=True))
        return WrappedKeys(blobs, _bytes(PublicKey.from_valid_secret(ephemeral)))

    def unwrap(self, wrapped: Wrapped, secret: bytes, context: bytes) -> bytes:
        """The root key, for the holder of the one-time secret. Raises BadInput; a wrong blob gives a wrong key."""
        _check_length("wrapped key", wrapped.blob, 32)
        _check_length("context", context, 32)
        _check_length("one-time secret", secret, 32)
        if not 0 < int.from_bytes(secret, "big") < GROUP_ORDER:
            raise BadInput("a one-time secret must lie between 1 and the group order")
        return _xor(wrapped.blob, _mask(_point(wrapped.ephemeral), secret, context))

    def shared_point(self, point: bytes, secret: bytes) -> bytes:
        """The ECDH point secret·point, 64 bytes x‖y."""
        return shared_point(point, secret)

    def _scalar(self, person: bytes, data: bytes) -> bytes:
        # 512 bits reduced to 256: the bias is below 2**-255.
        wide = hashlib.blake2b(data, digest_size=64, key=self._secret, person=person).digest()
        return (int.from_bytes(wide, "big") % (GROUP_ORDER - 1) + 1).to_bytes(32, "big")


def shared_point(point: bytes, secret: bytes) -> bytes:
    """secret · point, 64 bytes: what a buyer shows a contract to dispute a key. Raises BadInput."""
    return _bytes(_point(point).multiply(secret))


def _mask(point: PublicKey, secret: bytes, context: bytes) -> bytes:
    return keccak256(_WRAP + context + _bytes(point.multiply(secret))[:32])


def _point(data: bytes) -> PublicKey:
    _check_length("curve point", data, 64)
    if int.from_bytes(data[:32], "big") >= GROUP_ORDER:
        raise BadInput("a curve point's x must be below the group order")
    try:
        return PublicKey(b"\x04" + data)
    except ValueError as cause:
        raise BadInput("a point is not on secp256k1") from cause


def _bytes(point: PublicKey) -> bytes:
    return bytes(point.format(compressed=False)[1:])


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _check_length(noun: str, data: bytes, length: int) -> None:
    if len(data) != length:
        raise BadInput(f"a {noun} has {length} bytes, not {len(data)}")
