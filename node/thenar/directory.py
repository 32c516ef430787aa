"""What lies where in a node's data directory, and how commands find the node that runs on it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from thenar.errors import BadConfig

KEYS, STORE, OPENED, PREVIEWED, WORKSPACE, WORK = "keys", "store", "opened", "previewed", "workspace", "work"
LIVE = "live"
"""Folder of epochs: while they are sealed in the data directory, once they are received among what was opened."""
MARK_FILE = "belongs"
"""In the store's folder: the random name the journal knows it by."""
RUNTIME_FILE = "node.json"
PASSWORD_FILE = "password"
"""Among the keys: the password that ``thenar init --yes`` made, unless a person moved it elsewhere."""
LOCKS = Path("/proc/locks")
DEVNET = "devnet"
"""Where the local chain of ``thenar up --devnet`` keeps its files, and what earlier ones left."""


def check_directory(directory: Path) -> None:
    """Raise BadConfig when a directory holds no node."""
    if not (directory / KEYS).is_dir():
        raise BadConfig(f"{directory} is not a node's data directory", next_step=f"`thenar init {directory}`")


def keep_from_git(directory: Path) -> None:
    """Have git leave a data directory out, which may lie in a checkout and holds keys. A file that is there stays."""
    path = directory / ".gitignore"
    if not path.exists() or not path.stat().st_size:  # empty: killed before it was written
        path.write_text("*\n", encoding="utf-8")


def start_of(directory: Path) -> str:
    """The command that starts a directory's node: on its own local chain where it has been on one."""
    return f"thenar {'up --devnet' if (directory / DEVNET).is_dir() else 'run'} --data {directory}"


def absence(directory: Path) -> tuple[str, str]:
    """What is said of a directory whose node does not answer, and the next step."""
    holder = holder_of(directory)
    if holder is None:
        return f"no node runs on {directory}", f"start it with `{start_of(directory)}`"
    said = f"process {holder} works on {directory} and does not answer yet: a node that starts, or a command"
    return said, f"ask again in a moment; `ps -p {holder}` tells what it is"


def holder_of(directory: Path, locks: Path = LOCKS) -> int | None:
    """The process that has a directory locked, None when there is none or the system does not tell (proc_locks(5))."""
    try:
        place = directory.stat()
        listed = locks.read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    wanted = f"{os.major(place.st_dev):02x}:{os.minor(place.st_dev):02x}:{place.st_ino}"
    for words in map(str.split, listed.splitlines()):
        seen = words[4:5] != ["0"]  # 0 stands for a process that this one cannot see
        if words[1:4] == ["FLOCK", "ADVISORY", "WRITE"] and words[5:6] == [wanted] and seen and words[4].isdecimal():
            return int(words[4])
    return None


@contextmanager
def workspace(directory: Path) -> Iterator[Path]:
    """A folder for plaintext that is worked on, readable by this user only and gone afterwards."""
    parent = directory / WORKSPACE
    parent.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def clear_leftovers(directory: Path) -> None:
    """Delete what a process that was killed left half done; whoever calls this holds the directory.

    Plaintext that was worked on, sealed for a stream or being opened, and files that had not got their names. Records
    that wait to be streamed lie in folders and stay.
    """
    shutil.rmtree(directory / WORKSPACE, ignore_errors=True)
    half = [path for path in (directory / LIVE).glob("*") if path.is_file()]
    half += [
        *(directory / KEYS).glob(".*"),
        *(directory / STORE).glob(f".{MARK_FILE}.*"),
        *directory.glob("node.[0-9]*"),
        *directory.glob(".thenar.toml.*"),
    ]
    for folder in (OPENED, PREVIEWED):
        half += (directory / folder).rglob(".*.part")
    for path in half:
        path.unlink(missing_ok=True)


def runtime_of(directory: Path) -> dict[str, object] | None:
    """Where the directory's node answers, or None when none wrote it down."""
    try:
        body = json.loads((directory / RUNTIME_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    fits = isinstance(body, dict) and isinstance(body.get("address"), str) and isinstance(body.get("token"), str)
    return body if fits else None


def write_runtime(directory: Path, told: Mapping[str, object]) -> None:
    """Tell commands where the node answers. The file holds the token and is readable by its owner only."""
    path = directory / RUNTIME_FILE
    temporary = path.with_suffix(f".{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({**told, "pid": os.getpid()}, file)
    temporary.replace(path)
