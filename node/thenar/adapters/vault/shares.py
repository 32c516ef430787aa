"""Shares of root keys: 32 random bytes per sealed file, without which its key cannot be worked out again.

A root key hangs from the file's hash, which is public, and from a secret that serves all files. The share is what one
file has for itself, so it can be destroyed: overwritten where it lies, on disk before anybody is told.

The file holds records of 64 bytes, content hash then share; zeros in place of a share say that it was destroyed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Final

from thenar.errors import BadConfig, Corrupt, Refused

FILE_NAME: Final = "shares"
HASH_BYTES: Final = 32
RECORD_BYTES: Final = 64
DESTROYED: Final = bytes(32)


class KeyShares:
    """The shares of one keyring, in ``keys/shares``. One process at a time; the journal's lock sees to that."""

    __slots__ = ("_lock", "_path", "_places")

    def __init__(self, directory: Path) -> None:
        """Open or begin the file. Raises BadConfig when others can read it."""
        self._path, self._lock = directory / FILE_NAME, Lock()
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            status = os.fstat(fd)
            if status.st_mode & 0o077:
                raise BadConfig(f"{self._path} can be read by others", next_step=f"chmod 600 {self._path}")
            os.ftruncate(fd, status.st_size - status.st_size % RECORD_BYTES)  # of one that never got whole
            os.fsync(fd)
        finally:
            os.close(fd)
        _sync(directory)
        data = self._path.read_bytes()
        starts = range(0, len(data), RECORD_BYTES)
        self._places: dict[bytes, int] = {data[at : at + HASH_BYTES]: at for at in starts}  # the last one counts

    def of(self, content_hash: bytes) -> bytes:
        """The share of a file that was sealed here. Raises Refused when it was destroyed, or is of another keyring."""
        with self._lock:
            share = self._read(content_hash)
        if share is None:
            raise Refused(
                f"the key of {content_hash.hex()} was not made here", next_step="restore keys/shares from a backup"
            )
        if share == DESTROYED:
            raise Refused(f"the key of {content_hash.hex()} was destroyed")
        return share

    def begin(self, content_hash: bytes) -> bytes:
        """The share of a file that is about to be sealed: the one it has, else a new one, on disk when this returns."""
        with self._lock:
            share = self._read(content_hash)
            if share is None or share == DESTROYED:
                share = secrets.token_bytes(32)
                self._places[content_hash] = self._append(content_hash + share)
            return share

    def destroy(self, content_hashes: Iterable[bytes]) -> int:
        """Overwrite shares for good; returns how many there were. What a disk or a backup kept is beyond this."""
        with self._lock, self._path.open("r+b", buffering=0) as file:
            places = [self._places[name] for name in content_hashes if self._read(name) not in (None, DESTROYED)]
            for at in places:
                os.pwrite(file.fileno(), DESTROYED, at + HASH_BYTES)
            os.fsync(file.fileno())
        return len(places)

    def _read(self, content_hash: bytes) -> bytes | None:
        at = self._places.get(content_hash)
        if at is None:
            return None
        with self._path.open("rb", buffering=0) as file:
            record = os.pread(file.fileno(), RECORD_BYTES, at)
        if len(record) != RECORD_BYTES or record[:HASH_BYTES] != content_hash:
            raise Corrupt(f"{self._path} is damaged", next_step="restore it from a backup")
        return record[HASH_BYTES:]

    def _append(self, record: bytes) -> int:
        with self._path.open("ab", buffering=0) as file:
            at = file.tell()
            written = file.write(record)
            if written != len(record):  # half a record would push every later one out of its place
                file.truncate(at)
                raise Refused("the disk is full: a new key's share was not kept", next_step="free some space")
            os.fsync(file.fileno())
        return at


def count(directory: Path) -> tuple[int, int]:
    """How many shares a keyring has, and how many were destroyed. Nothing is opened for writing."""
    path = directory / FILE_NAME
    data = path.read_bytes() if path.is_file() else b""
    records = {data[at : at + HASH_BYTES]: data[at + HASH_BYTES : at + RECORD_BYTES] for at in _starts(len(data))}
    destroyed = sum(share == DESTROYED for share in records.values())
    return len(records) - destroyed, destroyed


def _starts(size: int) -> range:
    return range(0, size - size % RECORD_BYTES, RECORD_BYTES)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
