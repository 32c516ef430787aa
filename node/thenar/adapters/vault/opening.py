"""The receiving side of sealing: decrypt, hold everything against what was promised, then let the file appear."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from thenar.adapters.vault.chunks import (
    PLAIN_BYTES,
    SEALED_BYTES,
    bare_chunk,
    chunk_count,
    open_chunk,
    plain_length,
    sealed_size,
)
from thenar.domain.keytree import RangeKey, chunk_key, chunk_salt, key_commit, key_from
from thenar.domain.leaves import plain_run, sealed_run
from thenar.domain.merkle import RootBuilder
from thenar.errors import BadInput, Corrupt, Refused
from thenar.services.ports import Sealed, Store


class Opening:
    """One file being decrypted beside its destination. Leaves nothing behind unless ``finish`` succeeded."""

    __slots__ = ("_cipher", "_content", "_expected", "_fd", "_index", "_into", "_key", "_plain", "_temporary", "done")

    def __init__(self, root_key: bytes, expected: Sealed, into: Path) -> None:
        """Start. Raises Corrupt when the key is not the one committed to or the promise contradicts itself."""
        if len(root_key) != 32 or key_commit(root_key) != expected.key_commit:
            raise Corrupt("the key is not the one the asset committed to")
        if expected.size < 0 or expected.chunks != chunk_count(expected.size):
            raise Corrupt(f"{expected.size} bytes cannot be {expected.chunks} chunks")
        self._expected, self._key, self._into = expected, root_key, into
        self._content, self._plain, self._cipher = hashlib.sha256(), RootBuilder(), RootBuilder()
        self._index = self.done = 0
        self._temporary = into.with_name(f".{into.name}.{secrets.token_hex(8)}.part")
        try:
            self._fd = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as cause:
            raise BadInput(f"cannot write beside {into}: {cause.strerror}") from cause

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        with suppress(FileNotFoundError):  # after success the name is gone already
            self._temporary.unlink()

    def take(self, chunks: Sequence[bytes]) -> None:
        """Decrypt the next chunks and write them. Raises Corrupt, Refused (disk).

        A wrong tag alone refuses nothing: ``finish`` holds every byte against both roots.
        """
        for sealed in chunks:
            if self._index >= self._expected.chunks:
                raise Corrupt("there are more sealed bytes than promised")
            key = chunk_key(self._key, self._index, self._expected.chunks)
            plain = _opened(key, self._index, self._expected.chunks, sealed)
            self._cipher.extend_run(sealed_run(sealed))
            self._plain.extend_run(plain_run(chunk_salt(key), plain))
            self._content.update(plain)
            self._write(plain)
            self._index += 1
            self.done += len(plain)

    def finish(self) -> None:
        """Check everything that only the end can show, then sync and rename. Raises Corrupt, Refused (disk)."""
        promised = self._expected
        if self._index != promised.chunks or self.done != promised.size:
            raise Corrupt(f"{self.done} of {promised.size} promised bytes arrived")
        if self._cipher.root() != promised.cipher_root:
            raise Corrupt("the sealed bytes are not those under the cipher root")
        if self._plain.root() != promised.plain_root:
            raise Corrupt("the opened bytes are not those under the plain root")
        if self._content.digest() != promised.content_hash:
            raise Corrupt("the opened bytes do not have the promised SHA-256")
        try:
            os.fsync(self._fd)
            self._temporary.replace(self._into)
            _sync_directory(self._into.parent)
        except OSError as cause:
            raise _disk(self._into, cause) from cause

    def _write(self, plain: bytes) -> None:
        left = memoryview(plain)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError as cause:
            raise _disk(self._into, cause) from cause


async def cut(sealed: AsyncIterable[bytes], size: int) -> AsyncGenerator[bytes, None]:
    """Cut a sealed stream of ``size`` bytes into chunks. Raises Corrupt when it is longer or shorter."""
    held = bytearray()
    left = size
    async for part in sealed:
        if len(part) > left:
            raise Corrupt("there are more sealed bytes than promised")
        left -= len(part)
        if not held and len(part) == SEALED_BYTES:
            yield part
            continue
        held += part
        while len(held) >= SEALED_BYTES:
            yield bytes(held[:SEALED_BYTES])
            del held[:SEALED_BYTES]
    if left:
        raise Corrupt(f"the sealed stream ends {left} bytes early")
    if held:
        yield bytes(held)


async def open_range(
    keys: Sequence[RangeKey], store: Store, sealed: Sealed, *, offset: int, length: int
) -> AsyncGenerator[bytes, None]:
    """Yield ``length`` plaintext bytes from ``offset``, reading and opening only the chunks they lie in.

    Every chunk's tag is checked; the roots, which need the whole file, are not. Raises BadInput when the range is
    outside the file or the keys do not open it, Corrupt.
    """
    if offset < 0 or length < 1 or offset + length > sealed.size:
        raise BadInput(f"bytes {offset} to {offset + length} are not within {sealed.size}")
    first, last = offset // PLAIN_BYTES, (offset + length - 1) // PLAIN_BYTES
    start = first * SEALED_BYTES
    stop = min((last + 1) * SEALED_BYTES, sealed_size(sealed.size))
    index = first
    async for chunk in cut(store.read(sealed.stored.root, offset=start, length=stop - start), stop - start):
        plain = open_chunk(key_from(keys, index, sealed.chunks), index, sealed.chunks, chunk)
        if len(plain) != plain_length(index, sealed.size):
            raise Corrupt(f"chunk {index} has {len(plain)} bytes")
        begin = max(0, offset - index * PLAIN_BYTES)
        yield plain[begin : offset + length - index * PLAIN_BYTES]
        index += 1


def _opened(key: bytes, index: int, count: int, sealed: bytes) -> bytes:
    try:
        return open_chunk(key, index, count, sealed)
    except Corrupt:  # no dispute is about tags, so a seller who spoils one must not keep a buyer from what was paid for
        return bare_chunk(key, index, sealed)


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _disk(path: Path, cause: OSError) -> Refused:
    return Refused(f"cannot write {path}: {cause.strerror}", next_step="free some space or choose another place")
