"""A disk that keeps what it was told to keep, and what chance leaves of the rest, from the notes of ``power_cut.c``."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

SUPPORT = Path(__file__).resolve().parent
HEAD = struct.Struct("<cQqI")
SECTOR = 512
SHARED = "-shm"
"""SQLite's shared memory is mapped, not written: it is made anew from the log."""


@dataclass(frozen=True, slots=True)
class Note:
    """One change: its kind, the file it was made to, a number, and a path or bytes."""

    kind: str
    inode: int
    number: int
    data: bytes

    @property
    def path(self) -> str:
        return self.data.decode()


def recorded(shim: Path, folder: Path, notes: Path, *command: str) -> list[Note]:
    """Run a Python program with the shim before the C library; every change it made below a folder."""
    environment = os.environ | {"LD_PRELOAD": str(shim), "CUT_ROOT": str(folder), "CUT_LOG": str(notes)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    subprocess.run([sys.executable, *command], env=environment, check=True, timeout=600)
    return list(_read(notes.read_bytes()))


def built(folder: Path) -> Path:
    """The shim, compiled."""
    shim = folder / "power_cut.so"
    source = SUPPORT / "power_cut.c"
    subprocess.run(["cc", "-O1", "-fPIC", "-shared", "-o", shim, source, "-ldl", "-lpthread"], check=True, timeout=120)
    return shim


def _read(data: bytes) -> Iterator[Note]:
    at = 0
    while at < len(data):
        kind, inode, number, size = HEAD.unpack_from(data, at)
        at += HEAD.size
        yield Note(kind.decode(), inode, number, data[at : at + size])
        at += size


@dataclass(slots=True)
class File:
    """A file's bytes: those that are safe, and the changes since."""

    safe: bytearray = field(default_factory=bytearray)
    since: list[Note] = field(default_factory=list)

    def change(self, note: Note, *, keep: slice = slice(None)) -> None:
        """Make a change to the safe bytes, or only the sectors of it that a slice keeps."""
        if note.kind == "T":
            del self.safe[note.number :]
            self.safe.extend(bytes(note.number - len(self.safe)))
            return
        data, start = note.data[keep], note.number + (keep.start or 0)
        self.safe.extend(bytes(max(0, start - len(self.safe))))
        self.safe[start : start + len(data)] = data

    def sync(self) -> None:
        for note in self.since:
            self.change(note)
        self.since.clear()

    def after_a_cut(self, dice: random.Random, luck: float) -> bytes:
        """What is found: every change since the last sync is there, torn, or not there at all."""
        found = File(bytearray(self.safe))
        for note in self.since:
            if dice.random() >= luck:
                continue
            sectors = max(1, len(note.data) // SECTOR)
            torn = dice.random() < 0.3
            found.change(note, keep=slice(0, dice.randint(1, sectors) * SECTOR) if torn else slice(None))
        return bytes(found.safe)


class Disk:
    """Folders, names and files; a name is safe when its folder was synced, bytes are when their file was."""

    def __init__(self) -> None:
        self.files: defaultdict[int, File] = defaultdict(File)
        self.now: dict[str, int] = {}  # names of files, as running programs see them
        self.safe: dict[str, int] = {}
        self.folders: set[str] = set()
        self.since: defaultdict[str, list[tuple[str, str, int]]] = defaultdict(list)

    def note(self, note: Note) -> None:
        """Take in one change."""
        match note.kind:
            case "C":
                self.files[note.inode] = File()
                self._name(note.path, note.inode)
            case "W" | "T":
                self.files[note.inode].since.append(note)
            case "S":
                self.files[note.inode].sync()
            case "M":
                self.since[_parent(note.path)].append(("folder", note.path, 0))
            case "R":
                old, new = note.path.split("\n")
                self._name(new, self.now.pop(old))
                self.since[_parent(new)].append(("gone", old, 0))
            case "U":
                self.now.pop(note.path, None)
                self.since[_parent(note.path)].append(("gone", note.path, 0))
            case "F":
                for file in self.files.values():
                    file.sync()
                for folder in list(self.since):
                    self._keep(folder)

    def folder_synced(self, path: str) -> None:
        """A folder's names are safe from now on."""
        self._keep(path)

    def _name(self, path: str, inode: int) -> None:
        self.now[path] = inode
        self.since[_parent(path)].append(("file", path, inode))

    def _keep(self, folder: str) -> None:
        for change in self.since.pop(folder, ()):
            _rename(self.safe, self.folders, change)

    def after_a_cut(self, into: Path, dice: random.Random) -> None:
        """Write what is found after the power was cut now into a folder."""
        luck = dice.choice((0.0, 0.0, 0.3, 0.7))
        names, folders = dict(self.safe), set(self.folders)
        for changes in self.since.values():
            for change in changes[: round(len(changes) * dice.random()) if luck else 0]:
                _rename(names, folders, change)
        for folder in sorted(folders):
            (into / folder).mkdir(parents=True, exist_ok=True)
        for path, inode in names.items():
            target = into / path
            if target.parent.is_dir() and not path.endswith(SHARED):
                target.write_bytes(self.files[inode].after_a_cut(dice, luck))


def _parent(path: str) -> str:
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent


def _rename(names: dict[str, int], folders: set[str], change: tuple[str, str, int]) -> None:
    what, path, inode = change
    if what == "file":
        names[path] = inode
    elif what == "folder":
        folders.add(path)
    else:
        names.pop(path, None)
        folders.discard(path)


def cuts(notes: list[Note], count: int, dice: random.Random) -> Iterator[tuple[int, Disk]]:
    """The disk as it stands after a change, for so many changes drawn by lot, the last one among them."""
    chosen = {*dice.sample(range(len(notes) - 1), count - 1), len(notes) - 1}
    disk, folder_of = Disk(), dict[int, str]()
    for at, note in enumerate(notes):
        if note.kind == "d":
            folder_of[note.inode] = note.path
        elif note.kind == "S" and note.inode in folder_of:
            disk.folder_synced(folder_of[note.inode])
        elif note.kind != "o":
            disk.note(note)
        if at in chosen:
            yield at, disk
