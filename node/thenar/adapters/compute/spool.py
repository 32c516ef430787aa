"""Units on disk: every checkpoint and every segment's output, appended as they are made, checked when read back.

Two files for each unit, each a sequence of frames: four bytes of length, big-endian, and the bytes. Whatever a crash
left half written, or does not chain, is cut off, and work goes on from the last checkpoint that does.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from thenar.domain.work.checkpoints import Checkpoint, Status, chain
from thenar.errors import BadInput

_LENGTH: Final = 4
_SYNC_EVERY: Final = 32 * 1024 * 1024


class Spool:
    """One unit's checkpoints and outputs."""

    __slots__ = ("_unsynced", "last", "leaves", "outputs", "states")

    def __init__(self, folder: Path, unit: int, class_id: bytes, spec: bytes) -> None:
        self.states, self.outputs = folder / f"unit-{unit}.states", folder / f"unit-{unit}.output"
        self.leaves: list[bytes] = []
        self.last: Checkpoint | None = None
        self._unsynced = 0
        sizes = self._read(unit, class_id, spec)
        for path, size in zip((self.states, self.outputs), sizes, strict=True):
            with path.open("ab") as file:
                file.truncate(size)

    def add(self, checkpoint: bytes, output: bytes) -> Checkpoint:
        """Keep one more checkpoint and the output of the segment before it. Raises BadInput if it does not follow."""
        made = Checkpoint.decode(checkpoint)
        if not _follows(self.last, made, output):
            raise BadInput(f"checkpoint {made.index} of unit {made.unit} does not follow what is on disk")
        if made.index:
            self._append(self.outputs, output)
        self._append(self.states, checkpoint)
        self.leaves.append(hashlib.sha256(checkpoint).digest())
        self.last = made
        return made

    def sync(self) -> None:
        """See to it that everything is on the disk itself."""
        for path in (self.outputs, self.states):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        self._unsynced = 0

    def _append(self, path: Path, data: bytes) -> None:
        with path.open("ab", buffering=0) as file:
            file.write(len(data).to_bytes(_LENGTH, "big") + data)
        self._unsynced += len(data)
        if self._unsynced > _SYNC_EVERY:
            self.sync()

    def _read(self, unit: int, class_id: bytes, spec: bytes) -> tuple[int, int]:
        """Take in what chains; how many bytes of both files that is."""
        outputs, kept = frames(self.outputs), (0, 0)
        for data, end in frames(self.states):
            try:
                made = Checkpoint.decode(data)
            except BadInput:
                break
            output, place = (b"", 0) if made.index == 0 else next(outputs, (None, 0))
            if output is None or (made.unit, made.class_id, made.spec) != (unit, class_id, spec):
                break
            if not _follows(self.last, made, output):
                break
            self.leaves.append(hashlib.sha256(data).digest())
            self.last, kept = made, (end, place or kept[1])
        return kept


def frames(path: Path) -> Iterator[tuple[bytes, int]]:
    """Every whole frame of a file, and where it ends."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        end = 0
        while len(head := file.read(_LENGTH)) == _LENGTH:
            size = int.from_bytes(head, "big")
            data = file.read(size)
            if len(data) < size:
                return
            end += _LENGTH + size
            yield data, end


def _follows(before: Checkpoint | None, after: Checkpoint, output: bytes) -> bool:
    if before is None:
        return after.index == 0 and not output
    if (after.unit, after.index, after.spec, after.class_id) != (
        before.unit, before.index + 1, before.spec, before.class_id,
    ):  # fmt: skip
        return False
    if before.status is not Status.OK:
        return after == before.ended(before.status) and not output
    if after.status is not Status.OK:
        return after == before.ended(after.status) and not output
    return after.output == chain(before.output, output)
