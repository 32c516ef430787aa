"""Folders for what is half done beside the place it will have, also after a process in one was killed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def scratch(parent: Path, what: str) -> Iterator[Path]:
    """A folder of this user only beside the result, gone afterwards; what killed processes left of such goes first.

    Who works in one holds its lock, which ends with the process however that ends.
    """
    prefix = f".thenar-{what}-"
    _clear(parent, prefix)
    folder, lock = _locked(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        with suppress(FileNotFoundError):  # cleared by somebody else before it was locked
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            with suppress(OSError):  # a file system without locks: there nobody clears either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, lock
            os.close(lock)


def _clear(parent: Path, prefix: str) -> None:
    ours = re.compile(re.escape(prefix) + "[a-z0-9_]{8}")
    for folder in [path for path in parent.iterdir() if ours.fullmatch(path.name) and path.is_dir()]:
        with suppress(OSError):  # in use, of another user, or gone meanwhile
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)
