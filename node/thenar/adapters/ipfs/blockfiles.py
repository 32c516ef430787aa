"""Blocks as files that are whole or absent, also after a crash.

New blocks are written under ``staging/<one folder per writer>/`` and reach ``blocks/<shard>/`` by rename; then bytes
and names are brought to disk together. Until that is done nobody may rely on them: a power cut can leave a name over
half a block. ``staging`` is emptied when the store opens.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import secrets
import shutil
import struct
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from thenar.domain.hashes import Octets
from thenar.domain.ids import Cid
from thenar.domain.unixfs import LEAF_BYTES, check_block
from thenar.errors import Corrupt, NotFound, Refused, Unavailable

SHARDS = "abcdefghijklmnopqrstuvwxyz234567"  # the base32 alphabet
_MANY = 8  # blocks from which bringing the whole file system to disk costs less than one after the other
_DIRECT = getattr(os, "O_DIRECT", 0)

# From Linux' uapi/linux/fs.h: FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL (`chattr +T`).
_FLAGS_BYTES = struct.calcsize("l")
_GET_FLAGS, _SET_FLAGS = 0x8000_6601 | _FLAGS_BYTES << 16, 0x4000_6602 | _FLAGS_BYTES << 16
_TOP_FOLDER = 0x0002_0000


class BlockFiles:
    """The ``blocks`` and ``staging`` folders of a store; for use from worker threads."""

    __slots__ = ("_blocks", "_shards", "_staging")

    def __init__(self, directory: Path) -> None:
        self._blocks, self._staging = directory / "blocks", directory / "staging"
        self._shards = tuple(self._blocks / shard for shard in SHARDS)
        shutil.rmtree(self._staging, ignore_errors=True)
        for folder in (self._staging, *self._shards):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (directory, self._blocks):
            sync_directory(folder)
        _spread(self._staging)

    def overhead(self) -> int:
        """Bytes on disk of all that is not a block: folders, the index, the lock."""
        store = self._blocks.parent
        return sum(map(_on_disk, (store, *store.iterdir(), *self._shards)))

    def path(self, cid: Cid) -> str:
        """Where a block's file is, or would be. The next-to-last character spreads evenly; the last one does not.

        Text: a Path would enter the name of every block that is read into the interpreter's table of names.
        """
        return f"{self._shard(cid)}/{cid}"

    def _shard(self, cid: Cid) -> str:
        return f"{self._blocks}/{cid[-2]}"

    def read(self, cid: Cid) -> bytes:
        """A block, hashed again. Raises NotFound, Corrupt, Unavailable (disk)."""
        try:
            with open(self.path(cid), "rb", buffering=0) as file:
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

    def sync(self, cids: Collection[Cid]) -> None:
        """Wait until these blocks are on disk under their names. Raises Unavailable."""
        try:
            if len(cids) >= _MANY and _sync_file_system(self._blocks):
                return
            for cid in cids:
                _sync(self.path(cid), os.O_RDONLY)
            for shard in set(map(self._shard, cids)):
                sync_directory(shard)
        except OSError as cause:
            raise Unavailable(f"blocks cannot be synced: {cause.strerror}") from cause

    def delete(self, cids: Iterable[Cid]) -> None:
        """Delete blocks, those that exist, and wait until that is on disk. Raises Unavailable."""
        shards = set()
        try:
            for cid in cids:
                shards.add(self._shard(cid))
                with suppress(FileNotFoundError):
                    os.unlink(self.path(cid))
            for shard in shards:
                sync_directory(shard)
        except OSError as cause:
            raise Unavailable(f"blocks cannot be deleted: {cause.strerror}") from cause


class Staging:
    """Blocks written but not yet trusted. Several threads may write at once."""

    __slots__ = ("_direct", "_files", "_folder", "_pages")

    def __init__(self, folder: Path, files: BlockFiles) -> None:
        self._folder, self._files = folder, files
        self._direct = _DIRECT
        self._pages: SimpleQueue[mmap.mmap] = SimpleQueue()  # one for every write that is under way

    def write(self, cid: Cid, block: Octets) -> None:
        """Write a block. Raises Refused (disk full)."""
        view = memoryview(block).cast("B")
        try:
            if not (self._direct and len(view) == LEAF_BYTES and self._write_direct(cid, view)):
                self._write(cid, view, 0)
        except OSError as cause:
            raise Refused(f"a block cannot be written: {cause.strerror}", next_step="free some disk space") from cause

    def publish(self, cids: Iterable[Cid]) -> None:
        """Give blocks their names. Raises Unavailable."""
        try:
            for cid in cids:
                os.rename(f"{self._folder}/{cid}", self._files.path(cid))
        except OSError as cause:
            raise Unavailable(f"blocks cannot be named: {cause.strerror}") from cause

    def discard(self) -> None:
        """Delete whatever was not published."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write_direct(self, cid: Cid, view: memoryview) -> bool:
        """Write a whole leaf past the kernel's cache, which halves what writing costs; False where that is not done."""
        try:
            page = self._pages.get_nowait()
        except Empty:
            page = mmap.mmap(-1, LEAF_BYTES)
        page[:] = view  # direct writes come from the start of a page
        try:
            self._write(cid, memoryview(page), _DIRECT)
        except OSError as cause:
            if cause.errno != errno.EINVAL:
                raise
            self._direct = 0
            with suppress(FileNotFoundError):
                os.unlink(f"{self._folder}/{cid}")
            return False
        finally:
            self._pages.put(page)
        return True

    def _write(self, cid: Cid, left: memoryview, flags: int) -> None:
        fd = os.open(f"{self._folder}/{cid}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | flags, 0o600)
        try:
            while left:
                left = left[os.write(fd, left) :]
        finally:
            os.close(fd)


def sync_directory(directory: Path | str) -> None:
    """Wait until a directory's entries are on disk."""
    _sync(directory, os.O_RDONLY | os.O_DIRECTORY)


def _on_disk(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:  # SQLite's files beside the index come and go
        return 0


def _spread(directory: Path) -> None:
    """Ask ext4 to lay every new folder in here into another part of the disk; elsewhere this does nothing.

    ext4 gives files of one folder neighbouring inodes, and passes over every inode freed in the last minutes, one by
    one, for each new file: after some thousand blocks were deleted, adding as many took two to three times as long.
    """
    if not sys.platform.startswith("linux"):
        return
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without such flags
            flags = int.from_bytes(fcntl.ioctl(fd, _GET_FLAGS, bytes(_FLAGS_BYTES)), sys.byteorder)
            fcntl.ioctl(fd, _SET_FLAGS, (flags | _TOP_FOLDER).to_bytes(_FLAGS_BYTES, sys.byteorder))
    finally:
        os.close(fd)


def _sync(path: Path | str, flags: int) -> None:
    fd = os.open(path, flags)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_file_system(directory: Path) -> bool:
    """Bring everything on a directory's file system to disk at once: one commit, one flush. False where Linux is not.

    Before Linux 5.8 a failed write goes unreported here; a block is hashed again whenever it is read.
    """
    if not sys.platform.startswith("linux"):
        return False
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(fd):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(fd)
    return True
