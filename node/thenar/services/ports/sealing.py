"""Secrets, sealed files and what describes them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thenar.domain import leaves, unixfs
from thenar.domain.description import Encryption, File
from thenar.domain.ids import Address, Cid
from thenar.services.ports.content import Adds, Progress, Stored

SUITE = "xchacha20-poly1305"
AEAD_TAG = 16
"""Bytes of a Poly1305 tag: one per chunk, so that a sealed chunk fills one IPFS leaf."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What sealing one plaintext file yields. All roots are 32 bytes.

    ``leaves`` holds the hashes of the plain leaves, 32 bytes each: what a buyer needs to show which leaf is wrong.
    """

    stored: Stored
    size: int
    content_hash: bytes
    cipher_root: bytes
    plain_root: bytes
    key_commit: bytes
    chunks: int
    leaves: Cid | None = None

    def file(self, name: str, media_type: str) -> File:
        """The sealed file as descriptions name it. Raises BadInput for a name with folders."""
        return File(name, self.size, media_type, self.content_hash.hex(), str(self.stored.root))

    def encryption(self) -> Encryption:
        """How the file was sealed, as descriptions say it."""
        return Encryption(
            suite=SUITE,
            chunk=unixfs.LEAF_BYTES - AEAD_TAG,
            leaf=leaves.LEAF_BYTES,
            chunks=self.chunks,
            key_commit="0x" + self.key_commit.hex(),
            cipher_root="0x" + self.cipher_root.hex(),
            plain_root="0x" + self.plain_root.hex(),
            leaves=str(self.leaves) if self.leaves else None,
        )


SignerOf = Callable[[bytes, bytes], Address]
"""The account that made a 65-byte signature r‖s‖v over a 32-byte digest. Raises BadInput when nobody did."""


class Sealer(Protocol):
    """Turns plaintext files into sealed streams and back. Holds the owner's sealing secret."""

    async def seal(self, path: Path, store: Adds, *, progress: Progress | None = None) -> Sealed:
        """Seal a file into the store. Repeatable: the same file and owner give the same roots and CID."""
        ...

    def root_key(self, content_hash: bytes) -> bytes:
        """The 32-byte root key of a file this owner sealed. Raises Refused when it was destroyed."""
        ...

    def destroy_keys(self, content_hashes: Iterable[bytes]) -> int:
        """Destroy what the keys of files hang from, for good; returns how many there were."""
        ...

    def bare(self, key: bytes, index: int, sealed: bytes) -> bytes:
        """The bytes of chunk ``index`` under its 32-byte key, whatever its tag says. Raises Corrupt when cut short."""
        ...

    async def open(
        self,
        root_key: bytes,
        sealed: AsyncIterable[bytes],
        *,
        expected: Sealed,
        into: Path,
        progress: Progress | None = None,
    ) -> None:
        """Decrypt, check plain root and content hash, write atomically. Raises Corrupt, leaving no file."""
        ...


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A root key for one buyer: ``blob = root_key xor kdf(ECDH)``; points are secp256k1, 64 bytes x‖y."""

    blob: bytes
    ephemeral: bytes


@dataclass(frozen=True, slots=True)
class WrappedKeys:
    """Several keys for one buyer under one ephemeral point, each wrapped with a context of its own."""

    blobs: tuple[bytes, ...]
    ephemeral: bytes


class Description(Protocol):
    """A manifest or card: canonical bytes and their keccak256."""

    def encode(self) -> bytes: ...

    @property
    def keccak(self) -> bytes: ...


class Draft(Protocol):
    """A description that lacks only the seal."""

    def seal_with(self, owner: Address, sealed: Sealed) -> Description:
        """Complete the description. Raises BadInput."""
        ...


class KeyWrapper(Protocol):
    """One-time secp256k1 keys for fair exchange; must agree bit for bit with KeyExchange on chain."""

    def one_time_key(self, seed: bytes) -> tuple[bytes, bytes]:
        """Derive (secret 32 bytes, public point 64 bytes) from this node's keyring and a seed."""
        ...

    def wrap(self, root_key: bytes, buyer: bytes, context: bytes) -> Wrapped:
        """Wrap for the buyer's point. ``context`` is the 32-byte deal id. Repeatable for equal arguments."""
        ...

    def wrap_each(self, keys: Sequence[bytes], buyer: bytes, contexts: Sequence[bytes]) -> WrappedKeys:
        """Wrap several keys under one ephemeral point. Repeatable for equal arguments."""
        ...

    def unwrap(self, wrapped: Wrapped, secret: bytes, context: bytes) -> bytes: ...

    def shared_point(self, point: bytes, secret: bytes) -> bytes:
        """The ECDH point secret·point, 64 bytes x‖y: what a key dispute shows."""
        ...


class ParcelSealer(Protocol):
    """Small things sealed for one receiver, bound to what they are about."""

    def seal(self, data: bytes, receiver: bytes, context: bytes) -> bytes:
        """Seal for a secp256k1 point (64 bytes) and a 32-byte context. Repeatable for equal arguments."""
        ...

    def open(self, sealed: bytes, secret: bytes, context: bytes) -> bytes:
        """What was sealed for the point of a one-time secret. Raises Corrupt."""
        ...


class DeviceKeys(Protocol):
    """Keys of devices that cannot sign for themselves, by names only this node knows."""

    def device_account(self, name: str) -> Address: ...

    def sign_as_device(self, name: str, digest: bytes) -> bytes:
        """65-byte secp256k1 signature over a 32-byte digest."""
        ...


class Keyring(Protocol):
    """Secrets of this node, unlocked once."""

    @property
    def account(self) -> Address: ...

    def sign_digest(self, digest: bytes) -> bytes:
        """65-byte secp256k1 signature r‖s‖v (v 27 or 28) over a 32-byte digest, by the account key."""
        ...
