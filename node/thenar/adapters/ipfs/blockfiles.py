"""Blocks as files that are whole or absent, also after a crash.

New blocks are written under ``staging/<one folder per writer>/`` and reach ``blocks/<shard>/`` by rename, after their
bytes were synced. ``staging`` is emptied when the store opens, so a file that was cut short never gets a block's name.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from thenar.domain.ids import Cid
from thenar.domain.unixfs import LEAF_BYTES, Octets, check_block
from thenar.errors import Corrupt, NotFound, Refused, Unavailable

SHARDS = "abcdefghijklmnopqrstuvwxyz234567"  # the base32 alphabet


class BlockFiles:
    """The ``blocks`` and ``staging`` folders of a store; for use from worker threads."""

    __slots__ = ("_blocks", "_staging")

    def __init__(self, directory: Path) -> None:
        self._blocks, self._staging = directory / "blocks", directory / "staging"
        shutil.rmtree(self._staging, ignore_errors=True)
        for folder in (self._staging, *(self._blocks / shard for shard in SHARDS)):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (directory, self._blocks):
            sync_directory(folder)

    def path(self, cid: Cid) -> Path:
        """Where a block's file is, or would be. The next-to-last character spreads evenly; the last one does not."""
        return self._blocks / cid[-2] / cid

    def read(self, cid: Cid) -> bytes:
        """A block, hashed again. Raises NotFound, Corrupt, Unavailable (disk)."""
        try:
            with self.path(cid).open("rb", buffering=0) as file:
                block = file.read(LEAF_BYTES + 1)
        except FileNotFoundError as cause:
            raise NotFound(f"block {cid} is not here") from cause
        except OSError as cause:
            raise Unavailable(f"block {cid} cannot be read: {cause.strerror}") from cause
        if len(block) > LEAF_BYTES:
            raise Corrupt(f"block {cid} has grown on disk")
        check_block(cid, block)
        return block

    def stage(self) -> Staging:
        """A folder of its own for one writer."""
        folder = self._staging / secrets.token_hex(8)
        folder.mkdir()
        return Staging(folder, self)

    def delete(self, cids: Iterable[Cid]) -> None:
        """Delete blocks, those that exist, and wait until that is on disk. Raises Unavailable."""
        shards = set()
        try:
            for cid in cids:
                path = self.path(cid)
                path.unlink(missing_ok=True)
                shards.add(path.parent)
            for shard in shards:
                sync_directory(shard)
        except OSError as cause:
            raise Unavailable(f"blocks cannot be deleted: {cause.strerror}") from cause

    def holds(self, cid: Cid) -> bool:
        """Whether a block's file exists."""
        return self.path(cid).is_file()


class Staging:
    """Blocks written but not yet trusted."""

    __slots__ = ("_files", "_folder")

    def __init__(self, folder: Path, files: BlockFiles) -> None:
        self._folder, self._files = folder, files

    def write(self, cid: Cid, block: Octets) -> None:
        """Write a block and let the kernel start bringing it to disk. Raises Refused (disk full)."""
        try:
            fd = os.open(self._folder / cid, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                left = memoryview(block)
                while left:
                    left = left[os.write(fd, left) :]
                # Starts writeback without waiting for it, so the sync later finds most bytes on disk already.
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(fd)
        except OSError as cause:
            raise Refused(f"a block cannot be written: {cause.strerror}", next_step="free some disk space") from cause

    def sync(self, cids: Iterable[Cid]) -> None:
        """Wait until the bytes of these blocks are on disk. Raises Unavailable."""
        try:
            for cid in cids:
                fd = os.open(self._folder / cid, os.O_RDONLY)
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)
        except OSError as cause:
            raise Unavailable(f"blocks cannot be synced: {cause.strerror}") from cause

    def publish(self, cids: Iterable[Cid]) -> None:
        """Give synced blocks their names, and wait until the names are on disk. Raises Unavailable."""
        shards = set()
        try:
            for cid in cids:
                target = self._files.path(cid)
                (self._folder / cid).rename(target)
                shards.add(target.parent)
            for shard in shards:
                sync_directory(shard)
        except OSError as cause:
            raise Unavailable(f"blocks cannot be named: {cause.strerror}") from cause

    def discard(self) -> None:
        """Delete whatever was not published."""
        shutil.rmtree(self._folder, ignore_errors=True)


def sync_directory(directory: Path) -> None:
    """Wait until a directory's entries are on disk."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
