"""A Keyring over a plain private key, for tests on local chains."""

from __future__ import annotations

from eth_keys.datatypes import PrivateKey

from thenar.domain.ids import Address


class DevKey:
    """Signs with a key derived from a small number."""

    def __init__(self, seed: int) -> None:
        self.secret = seed.to_bytes(32, "big")
        self._key = PrivateKey(self.secret)
        self.account = Address(self._key.public_key.to_address())

    def sign_digest(self, digest: bytes) -> bytes:
        made = self._key.sign_msg_hash(digest)
        return bytes(made.r.to_bytes(32, "big") + made.s.to_bytes(32, "big") + bytes([27 + made.v]))
