"""Sealing: a plaintext file becomes a stream of encrypted chunks under two roots, and comes back checked.

Two passes over the file. The first hashes it; the root key is a keyed hash of that, so sealing again gives the same
keys, ciphertext, roots and CID, and no key is ever used for two plaintexts. The second encrypts and hashes leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from pathlib import Path

import trio

from thenar.adapters.vault.chunks import chunk_count, plain_length, seal_chunk, sealed_size
from thenar.adapters.vault.opening import Opening, cut
from thenar.adapters.vault.plain import PlainFile
from thenar.domain.keytree import chunk_key, chunk_salt, key_commit
from thenar.domain.leaves import plain_leaves, sealed_leaves
from thenar.domain.merkle import RootBuilder
from thenar.errors import BadInput
from thenar.services.ports import Progress, Sealed, Store, Stored

SECRET_BYTES = 32
_CHUNKS_PER_HOP = 16  # a hop to a worker thread costs about 70 µs, a chunk about 1.5 ms


class FileSealer:
    """Seals files for one owner. Implements ``Sealer``."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise BadInput(f"a sealing secret has {SECRET_BYTES} bytes, not {len(secret)}")
        self._secret = secret

    def root_key(self, content_hash: bytes) -> bytes:
        """BLAKE2b-256 of the file's SHA-256, keyed with the owner's sealing secret (RFC 7693)."""
        return hashlib.blake2b(content_hash, digest_size=32, key=self._secret, person=b"thenar.root/1").digest()

    async def seal(self, path: Path, store: Store, *, progress: Progress | None = None) -> Sealed:
        """Seal a file into the store. Raises NotFound, Refused when the file is written to meanwhile."""
        with PlainFile(path) as plain:
            content_hash = await plain.hash()
            sealing = _Sealing(plain, self.root_key(content_hash))
            async with aclosing(sealing.parts(progress)) as parts:
                stored = await store.add(parts)
            return sealing.result(stored, content_hash)

    async def open(
        self,
        root_key: bytes,
        sealed: AsyncIterable[bytes],
        *,
        expected: Sealed,
        into: Path,
        progress: Progress | None = None,
    ) -> None:
        """Decrypt into a new file that appears whole or not at all. Raises Corrupt when any hash or tag disagrees."""
        with Opening(root_key, expected, into) as opening:
            batch: list[bytes] = []
            async with aclosing(cut(sealed, sealed_size(expected.size))) as chunks:
                async for chunk in chunks:
                    batch.append(chunk)
                    if len(batch) == _CHUNKS_PER_HOP:
                        await trio.to_thread.run_sync(opening.take, batch)
                        batch = []
                        if progress:
                            progress(opening.done, expected.size)
            await trio.to_thread.run_sync(opening.take, batch)
            await trio.to_thread.run_sync(opening.finish)
        if progress:
            progress(expected.size, expected.size)


class _Sealing:
    """The second pass over one file."""

    __slots__ = ("_cipher", "_count", "_file", "_key", "_plain")

    def __init__(self, file: PlainFile, root_key: bytes) -> None:
        self._file, self._key = file, root_key
        self._count = chunk_count(file.size)
        self._cipher, self._plain = RootBuilder(), RootBuilder()

    async def parts(self, progress: Progress | None) -> AsyncGenerator[bytes, None]:
        """Yield the sealed chunks in order."""
        size, done = self._file.size, 0
        for first in range(0, self._count, _CHUNKS_PER_HOP):
            chunks = await trio.to_thread.run_sync(self._step, first)
            for place, chunk in enumerate(chunks):
                chunks[place] = b""  # the receiver alone keeps it alive
                yield chunk
                done += len(chunk)
            if progress:
                progress(min(done, size), size)

    def result(self, stored: Stored, content_hash: bytes) -> Sealed:
        """What the finished pass adds up to."""
        return Sealed(
            stored=stored,
            size=self._file.size,
            content_hash=content_hash,
            cipher_root=self._cipher.root(),
            plain_root=self._plain.root(),
            key_commit=key_commit(self._key),
            chunks=self._count,
        )

    def _step(self, first: int) -> list[bytes]:
        sealed: list[bytes] = []
        for index in range(first, min(first + _CHUNKS_PER_HOP, self._count)):
            plain = self._file.read(plain_length(index, self._file.size))
            key = chunk_key(self._key, index, self._count)
            self._plain.extend(plain_leaves(chunk_salt(key), plain))
            chunk = seal_chunk(key, index, self._count, plain)
            self._cipher.extend(sealed_leaves(chunk))
            sealed.append(chunk)
        # Nothing sealed leaves this function if the file was written to: those bytes would share a key with the old.
        self._file.check()
        return sealed
