"""A backup's file: a tar of a few known names, its list first, each file with its SHA-256; blocks are named by theirs.

Read as something a stranger may have written: other names, links, devices, sizes and contents are refused before they
are on disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from thenar.domain.ids import DAG_PB, RAW
from thenar.domain.unixfs import LEAF_BYTES, block_cid
from thenar.errors import BadInput, Conflict, Corrupt

FORMAT = "thenar.backup/1"
LIST = "backup.json"
_LIST_LIMIT, _CHUNK = 1 << 20, 1 << 20
_SMALL, _ANY = 1 << 18, 1 << 50
LIMITS = {
    "keys/account.json": _SMALL,
    "keys/secrets.box": _SMALL,
    "keys/shares": _ANY,
    "thenar.toml": _SMALL,
    "deployment.json": _SMALL,
    "journal.sqlite": _ANY,
    "store/index.sqlite": _ANY,
}
"""Every file a backup may hold beside blocks, and its most bytes."""
_BLOCK = re.compile(r"store/blocks/[a-z2-7]/([a-z2-7]{20,120})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself; ``files`` are SHA-256 by name."""

    account: str
    made_at: int
    version: str
    digest: str
    schema: int
    files: dict[str, str]
    blocks: int

    def spell(self) -> bytes:
        """As it stands in the file."""
        return json.dumps({"format": FORMAT, **{name: getattr(self, name) for name in self.__slots__}}).encode()


def read_list(data: bytes) -> Contents:
    """Raises Corrupt for anything that is not a backup's list."""
    try:
        body: Any = json.loads(data)
        if body.pop("format") != FORMAT:
            raise BadInput("this is a backup of another format", next_step="restore it with the version that made it")
        found = Contents(**body)
        if not set(found.files) <= set(LIMITS) or not isinstance(found.made_at, int):
            raise TypeError("unknown files")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
        raise Corrupt("the backup's list is damaged", next_step="use another backup") from cause
    return found


@contextmanager
def writing(path: Path, folder: Path) -> Iterator[tarfile.TarFile]:
    """Write an archive whole or not at all, readable by its owner only, on disk under its name when this ends.

    Until then it lies in ``folder``, on the same disk. Raises Conflict when the file exists.
    """
    if path.exists():
        raise Conflict(f"{path} exists already", next_step="name another file; a backup is never replaced")
    partial = folder / f"{path.name}.partial"
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            yield tar
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)  # the name is durable too
    finally:
        os.close(parent)


def add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    """Add a small file."""
    head = tarfile.TarInfo(name)
    head.size, head.mode = len(data), 0o600
    tar.addfile(head, io.BytesIO(data))


def add_file(tar: tarfile.TarFile, name: str, path: Path) -> None:
    """Add a file from disk."""
    head = tarfile.TarInfo(name)
    head.mode = 0o600
    with path.open("rb") as file:
        head.size = os.fstat(file.fileno()).st_size
        tar.addfile(head, file)


def sha256_of(path: Path) -> str:
    """The hash of a file on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(archive: Path, into: Path) -> Contents:
    """Write what an archive holds below a new folder, everything checked. Raises BadInput, Corrupt."""
    try:
        with tarfile.open(archive, "r:") as tar:
            contents = _first(tar)
            held = {name for head in tar for name in [_take(tar, head, into, contents)] if name}
    except tarfile.TarError as cause:
        raise Corrupt(f"{archive} is not a whole backup: {cause}", next_step="use another backup") from cause
    missing = set(contents.files) - held
    if missing:
        raise Corrupt(f"{archive} lacks {', '.join(sorted(missing))}", next_step="use another backup")
    return contents


def _first(tar: tarfile.TarFile) -> Contents:
    head = tar.next()
    if head is None or head.name != LIST or not head.isreg() or head.size > _LIST_LIMIT:
        raise BadInput("this file is no backup", next_step="name one that `thenar backup` wrote")
    return read_list(_opened(tar, head).read(_LIST_LIMIT))


def _take(tar: tarfile.TarFile, head: tarfile.TarInfo, into: Path, contents: Contents) -> str | None:
    if head.name == LIST:
        return None
    block = _BLOCK.fullmatch(head.name)
    if not head.isreg() or (block is None and head.name not in contents.files):
        raise Corrupt(f"the backup holds {head.name!r}, which its list does not name", next_step="use another backup")
    if head.size > (LEAF_BYTES if block else LIMITS[head.name]):
        raise Corrupt(f"{head.name} in the backup is too big", next_step="use another backup")
    target = into / head.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if block is not None:
        data = _opened(tar, head).read(LEAF_BYTES)
        if block[1] not in (block_cid(RAW, data), block_cid(DAG_PB, data)):
            raise Corrupt(f"a block in the backup does not hash to its name {block[1]}", next_step="use another backup")
        _write(target, iter([data]))
        return head.name
    source = _opened(tar, head)
    if _write(target, iter(lambda: source.read(_CHUNK), b"")) != contents.files[head.name]:
        raise Corrupt(f"{head.name} in the backup is damaged", next_step="use another backup")
    return head.name


def _opened(tar: tarfile.TarFile, head: tarfile.TarInfo) -> IO[bytes]:
    found = tar.extractfile(head)
    if found is None:
        raise Corrupt(f"{head.name} in the backup is no file", next_step="use another backup")
    return found


def _write(path: Path, parts: Iterator[bytes]) -> str:
    running = hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for part in parts:
            running.update(part)
            file.write(part)
        file.flush()
        if path.parent.parent.name != "blocks":  # those are hashed again whenever they are read
            os.fsync(file.fileno())
    return running.hexdigest()
