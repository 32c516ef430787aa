"""Sealed files held in memory, honest or not, and what a buyer shows a contract of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assets import Commitment
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as seal

from thenar.domain import keytree, merkle
from thenar.domain.leaves import plain_leaves, sealed_leaves
from thenar.domain.openings import CHUNK_BYTES, Layout, LeafOpening


@dataclass(frozen=True, slots=True)
class SealedBytes:
    """A file sealed chunk by chunk under ``root_key``, promising the leaves ``promised``."""

    root_key: bytes
    size: int
    chunks: tuple[bytes, ...]
    promised: tuple[bytes, ...]

    @classmethod
    def of(cls, plain: bytes, root_key: bytes, garbage: Mapping[int, bytes] | None = None) -> SealedBytes:
        """Seal ``plain``; where ``garbage`` names a byte offset, other bytes are sealed than are promised."""
        layout = Layout(len(plain))
        spoiled = bytearray(plain)
        for offset, other in (garbage or {}).items():
            spoiled[offset : offset + len(other)] = other
        chunks: list[bytes] = []
        promised: list[bytes] = []
        for index in range(layout.chunks):
            key = keytree.chunk_key(root_key, index, layout.chunks)
            part = slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
            last = b"\x01" if index == layout.chunks - 1 else b"\x00"
            bound = index.to_bytes(8, "big") + layout.chunks.to_bytes(8, "big") + last
            chunks.append(seal(bytes(spoiled[part]), bound, index.to_bytes(24, "big"), key))
            promised += plain_leaves(keytree.chunk_salt(key), plain[part])
        return cls(root_key, len(plain), tuple(chunks), tuple(promised))

    @property
    def layout(self) -> Layout:
        return Layout(self.size)

    @property
    def sealed(self) -> list[bytes]:
        """The sealed leaves' hashes."""
        return [leaf for chunk in self.chunks for leaf in sealed_leaves(chunk)]

    def commitment(self, author: object, **changes: Any) -> Commitment:
        """What an asset of this file commits to."""
        values: dict[str, Any] = {
            "size": self.size,
            "cipher_root": merkle.root(self.sealed),
            "plain_root": merkle.root(self.promised),
            "key_commit": keytree.key_commit(self.root_key),
        }
        return Commitment(str(author), **(values | changes))

    def chunk_key(self, chunk: int) -> bytes:
        return keytree.chunk_key(self.root_key, chunk, self.layout.chunks)

    def opening(self, chunk: int, place: int) -> LeafOpening:
        """An honest opening of one leaf."""
        index = self.layout.index(chunk, place)
        return LeafOpening(
            chunk,
            place,
            self.chunks[chunk][self.layout.sealed_part(chunk, place)],
            merkle.proof(self.sealed, index),
            self.promised[index],
            merkle.proof(self.promised, index),
        )


def as_call(opening: LeafOpening) -> tuple[Any, ...]:
    """An opening as Brownie passes a struct."""
    return (
        opening.chunk,
        opening.place,
        opening.ciphertext,
        list(opening.sealed_path),
        opening.plain_leaf,
        list(opening.plain_path),
    )
