"""Sealing: a plaintext file becomes a stream of encrypted chunks under two roots, and comes back checked.

Two passes over the file. The first hashes it; the root key is a keyed hash of that and of the file's share, so sealing
again gives the same keys, ciphertext, roots and CID, and no key is ever used for two plaintexts. The second encrypts
and hashes leaves.
"""

from __future__ import annotations

import hashlib
import mmap
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from pathlib import Path
from typing import IO

import trio

from thenar.adapters.vault.chunks import (
    PLAIN_BYTES,
    SEALED_BYTES,
    TAG_BYTES,
    bare_chunk,
    chunk_count,
    plain_length,
    seal_chunk,
    sealed_size,
)
from thenar.adapters.vault.opening import Opening, cut
from thenar.adapters.vault.plain import PlainFile
from thenar.adapters.vault.shares import KeyShares
from thenar.domain.keytree import chunk_key, chunk_salt, key_commit
from thenar.domain.leaves import plain_run, sealed_run
from thenar.domain.merkle import RootBuilder
from thenar.errors import BadInput, Refused
from thenar.services.ports import Adds, Progress, Sealed, Stored

SECRET_BYTES = 32
_LEAVES_IN_MEMORY = 1 << 20  # bytes of leaf hashes, for 32 MiB of plaintext; more goes to a temporary file
_PART_BYTES = 1 << 18
_CHUNKS_PER_HOP = 16  # a hop to a worker thread costs about 70 µs, a chunk about 0.3 ms
_NOTHING = memoryview(b"")


class FileSealer:
    """Seals files for one owner. Implements ``Sealer``."""

    __slots__ = ("_secret", "_shares")

    def __init__(self, secret: bytes, shares: KeyShares | None = None) -> None:
        """Without shares every key follows from the secret alone, and none can be destroyed."""
        if len(secret) != SECRET_BYTES:
            raise BadInput(f"a sealing secret has {SECRET_BYTES} bytes, not {len(secret)}")
        self._secret, self._shares = secret, shares

    def root_key(self, content_hash: bytes) -> bytes:
        """BLAKE2b-256 of the file's SHA-256 and its share, keyed with the owner's sealing secret (RFC 7693).

        Raises Refused when the share was destroyed.
        """
        return self._root(content_hash, self._shares.of(content_hash) if self._shares else b"")

    def destroy_keys(self, content_hashes: Iterable[bytes]) -> int:
        """Destroy the shares of files, so that nobody here can work out their keys; returns how many there were."""
        if self._shares is None:
            raise Refused("this sealer keeps no shares, so it can destroy none")
        return self._shares.destroy(content_hashes)

    def _begin(self, content_hash: bytes) -> bytes:
        return self._root(content_hash, self._shares.begin(content_hash) if self._shares else b"")

    def _root(self, content_hash: bytes, share: bytes) -> bytes:
        material = content_hash + share
        return hashlib.blake2b(material, digest_size=32, key=self._secret, person=b"thenar.root/1").digest()

    async def seal(self, path: Path, store: Adds, *, progress: Progress | None = None) -> Sealed:
        """Seal a file into the store. Raises NotFound, Refused when the file is written to meanwhile."""
        with PlainFile(path) as plain, tempfile.SpooledTemporaryFile(_LEAVES_IN_MEMORY) as leaves:
            content_hash = await plain.hash()
            sealing = _Sealing(plain, await trio.to_thread.run_sync(self._begin, content_hash), leaves)
            async with aclosing(sealing.parts(progress)) as parts:
                stored = await store.add(parts)
            async with aclosing(sealing.promise()) as parts:
                promised = await store.add(parts)
            return sealing.result(stored, promised, content_hash)

    def bare(self, key: bytes, index: int, sealed: bytes) -> bytes:
        """The bytes of a chunk under its key, whatever its tag says. Raises Corrupt when it is cut short."""
        return bare_chunk(key, index, sealed)

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


def _room(length: int) -> memoryview:
    """Memory that goes back to the system with its last slice.

    Mapped for itself, in huge pages where the system has them: in bytes of their own, page faults took as long as
    sealing.
    """
    mapped = mmap.mmap(-1, length, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a kernel without huge pages
            mapped.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(mapped)


class _Sealing:
    """The second pass over one file."""

    __slots__ = ("_buffer", "_cipher", "_count", "_file", "_key", "_leaves", "_plain")

    def __init__(self, file: PlainFile, root_key: bytes, leaves: IO[bytes]) -> None:
        self._file, self._key, self._leaves = file, root_key, leaves
        self._count = chunk_count(file.size)
        self._cipher, self._plain = RootBuilder(), RootBuilder()
        self._buffer = memoryview(bytearray(min(PLAIN_BYTES, file.size)))

    async def parts(self, progress: Progress | None) -> AsyncGenerator[memoryview, None]:
        """Yield the sealed chunks in order."""
        size, done = self._file.size, 0
        with ThreadPoolExecutor(1, "seal") as worker:
            later = worker.submit(self._step, 0)
            for first in range(0, self._count, _CHUNKS_PER_HOP):
                chunks = await trio.to_thread.run_sync(later.result)
                later = worker.submit(self._step, first + _CHUNKS_PER_HOP)  # while the receiver works on these
                for place, chunk in enumerate(chunks):
                    chunks[place] = _NOTHING  # the receiver alone keeps it alive
                    yield chunk
                    done += len(chunk)
                if progress:
                    progress(min(done, size), size)

    async def promise(self) -> AsyncGenerator[bytes, None]:
        """Yield the plain leaves' hashes in order, once all parts were taken."""
        self._leaves.seek(0)
        while part := await trio.to_thread.run_sync(self._leaves.read, _PART_BYTES):
            yield part

    def result(self, stored: Stored, promised: Stored, content_hash: bytes) -> Sealed:
        """What the finished pass adds up to."""
        return Sealed(
            stored=stored,
            size=self._file.size,
            content_hash=content_hash,
            cipher_root=self._cipher.root(),
            plain_root=self._plain.root(),
            key_commit=key_commit(self._key),
            chunks=self._count,
            leaves=promised.root,
        )

    def _step(self, first: int) -> list[memoryview]:
        sealed: list[memoryview] = []
        stop, start = min(first + _CHUNKS_PER_HOP, self._count), 0
        room = _room((stop - first) * SEALED_BYTES)
        for index in range(first, stop):
            plain = self._buffer[: plain_length(index, self._file.size)]
            self._file.read_into(plain)
            key = chunk_key(self._key, index, self._count)
            leaves = plain_run(chunk_salt(key), plain)
            self._plain.extend_run(leaves)
            self._leaves.write(leaves)
            chunk = room[start : start + len(plain) + TAG_BYTES]
            seal_chunk(key, index, self._count, plain, chunk)
            self._cipher.extend_run(sealed_run(chunk))
            sealed.append(chunk)
            start += SEALED_BYTES
        # Nothing sealed leaves this function if the file was written to: those bytes would share a key with the old.
        self._file.check()
        return sealed
