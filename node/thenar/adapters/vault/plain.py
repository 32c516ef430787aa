"""A plaintext file, read twice: once for its hash, once for sealing."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Self

import trio

from thenar.errors import BadInput, NotFound, Refused

_BUFFER_BYTES = 1 << 20
_BUFFERS_PER_HOP = 16  # 16 MiB hashed per hop to the worker thread


class PlainFile:
    """A regular file held open for both passes, and how it looked before the first."""

    __slots__ = ("_file", "_path", "_stamp")

    def __init__(self, path: Path) -> None:
        """Open the file. Raises NotFound, BadInput."""
        if not path.is_file():
            raise NotFound(f"there is no file {path}")
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as cause:
            raise BadInput(f"{path} cannot be read: {cause.strerror}") from cause
        self._path = path
        self._stamp = self._look()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def size(self) -> int:
        """Bytes when it was opened."""
        return self._stamp[0]

    async def hash(self) -> bytes:
        """SHA-256 of the whole file, in constant memory; leaves the file at its start."""
        state, buffer = hashlib.sha256(), memoryview(bytearray(_BUFFER_BYTES))
        while await trio.to_thread.run_sync(self._hash_on, state, buffer):
            pass
        self._file.seek(0)
        return state.digest()

    def read_into(self, buffer: memoryview) -> None:
        """Fill a buffer with the next bytes. Raises Refused when the file became shorter."""
        while buffer:
            length = self._file.readinto(buffer)
            if not length:
                raise self._changed()
            buffer = buffer[length:]

    def check(self) -> None:
        """Raise Refused when the file was written to since it was opened: its key belongs to the bytes hashed first."""
        if self._look() != self._stamp:
            raise self._changed()

    def _hash_on(self, state: hashlib._Hash, buffer: memoryview) -> bool:
        for _ in range(_BUFFERS_PER_HOP):
            length = self._file.readinto(buffer)
            if not length:
                return False
            state.update(buffer[:length])
        return True

    def _look(self) -> tuple[int, int, int]:
        seen = os.fstat(self._file.fileno())
        return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns

    def _changed(self) -> Refused:
        return Refused(f"{self._path} changed while it was being sealed", next_step="stop writing to it and try again")
