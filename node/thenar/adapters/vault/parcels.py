"""Small things sealed for one receiver: a key of their own under XChaCha20-Poly1305, wrapped as root keys are.

A sealed parcel is the ephemeral point (64 bytes), the wrapped key (32), the ciphertext and its tag (16).
"""

from __future__ import annotations

import hashlib

from thenar.adapters.vault.chunks import TAG_BYTES, open_chunk, seal_chunk
from thenar.errors import Corrupt
from thenar.services.ports import KeyWrapper, Wrapped

_POINT, _KEY = 64, 32
_SEED = b"thenar.parcel/1"


class Parcels:
    """Implements ``ParcelSealer`` around a node's wrapper."""

    __slots__ = ("_wrapper",)

    def __init__(self, wrapper: KeyWrapper) -> None:
        self._wrapper = wrapper

    def seal(self, data: bytes, receiver: bytes, context: bytes) -> bytes:
        """Seal for a point and a 32-byte context; equal arguments give equal bytes. Raises BadInput for no point."""
        # From the data too: no key ever meets two of them.
        seed = hashlib.sha256(_SEED + context + receiver + data).digest()
        key, _ = self._wrapper.one_time_key(seed)
        wrapped = self._wrapper.wrap(key, receiver, context)
        sealed = bytearray(len(data) + TAG_BYTES)
        seal_chunk(key, 0, 1, data, memoryview(sealed))
        return wrapped.ephemeral + wrapped.blob + bytes(sealed)

    def open(self, sealed: bytes, secret: bytes, context: bytes) -> bytes:
        """What was sealed. Raises Corrupt for whatever was not sealed for this secret and context."""
        if len(sealed) < _POINT + _KEY + TAG_BYTES:
            raise Corrupt("what was sealed is cut short")
        wrapped = Wrapped(sealed[_POINT : _POINT + _KEY], sealed[:_POINT])
        key = self._wrapper.unwrap(wrapped, secret, context)
        return open_chunk(key, 0, 1, sealed[_POINT + _KEY :])
