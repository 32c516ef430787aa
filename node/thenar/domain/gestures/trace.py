"""What is published of a gesture: coarse whole numbers, ten a second, for half a minute; and the moves seen in them.

A move goes out and comes back. Nothing depends on when it began or on where zero is: what is at rest moves the zero, so
clocks may differ and sensors drift. The first moves count, not any eight of many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from thenar.domain.gestures.moves import JOINTS, MOVES, PRESSES, TURNS, UP, moves_of
from thenar.domain.keccak import keccak256
from thenar.domain.scoring.signals import Ints
from thenar.errors import BadInput

STEP_NS: Final = 100_000_000
MOST_ROWS: Final = 300
"""Twenty seconds of moves, and ten to begin."""
MOST_TRACE: Final = 4_096
"""Bytes of a trace."""
UNCLEAR: Final = -1
_TAG: Final = b"thenar.gesture.trace/1"
_SETTLES: Final = 16
_BESIDE: Final = (3, 5)
_LARGEST: Final = 2**15 - 1


class Kind(IntEnum):
    """What moves: degrees of yaw and tilt, loads of four regions in thousandths, or four joints in milliradians."""

    TURNS = 1
    PRESSES = 2
    JOINTS = 3

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return 2 if self is Kind.TURNS else 4

    @property
    def out(self) -> int:
        """How far from rest a move begins."""
        return _OUT[self]

    @property
    def words(self) -> tuple[str, ...]:
        """The four moves in plain words."""
        return _WORDS[self]


_OUT: Final = {Kind.TURNS: 40, Kind.PRESSES: 300, Kind.JOINTS: 150}
_WORDS: Final = {Kind.TURNS: TURNS, Kind.PRESSES: PRESSES, Kind.JOINTS: JOINTS}


@dataclass(frozen=True, slots=True, eq=False)
class GestureTrace:
    """The first half minute of a recording, a row every tenth of a second."""

    kind: Kind
    rows: Ints

    def encode(self) -> bytes:
        """In bytes: the tag, the kind in 8 bits, then 16-bit numbers, little-endian."""
        return bytes(_TAG + bytes([self.kind]) + np.clip(self.rows, -_LARGEST, _LARGEST).astype("<i2").tobytes())

    @classmethod
    def decode(cls, data: bytes) -> GestureTrace:
        """A trace from its bytes. Raises BadInput."""
        head = len(_TAG) + 1
        known = data.startswith(_TAG) and len(data) > head and data[head - 1] in set(Kind)
        kind = Kind(data[head - 1]) if known else Kind.TURNS
        if not known or (len(data) - head) % (2 * kind.width) or len(data) - head > 2 * kind.width * MOST_ROWS:
            raise BadInput("these bytes are no trace of a gesture")
        return cls(kind, np.frombuffer(data[head:], dtype="<i2").reshape(-1, kind.width).astype(np.int64))

    @property
    def root(self) -> bytes:
        """Keccak-256 of the bytes."""
        return keccak256(self.encode())

    @property
    def seen(self) -> tuple[int, ...]:
        """Every move in it, 0 to 3, or UNCLEAR where two directions are nearly as strong."""
        found = _turned if self.kind is Kind.TURNS else _pressed
        return tuple(found(peak) for peak in excursions(self.rows, self.kind.out, signed=self.kind is not Kind.PRESSES))

    @property
    def drawn(self) -> tuple[int, ...]:
        """What stands where drawn moves belong: the first eight, after the opening of what turns."""
        seen = self.seen
        if self.kind is not Kind.TURNS:
            return seen[:MOVES]
        return seen[1 : MOVES + 1] if seen[:1] == (UP,) else ()

    def shows(self, head: bytes) -> bool:
        """Whether it is the gesture of a beacon."""
        return self.drawn == moves_of(head)


def excursions(rows: Ints, out: int, *, signed: bool = True) -> Iterator[Ints]:
    """The farthest point of every move that leaves rest by ``out`` and comes back to half of it."""
    if not len(rows):
        return
    rest, peak = rows[0] * _SETTLES, np.zeros_like(rows[0])
    for row in rows:
        off = row - rest // _SETTLES
        off = off if signed else np.maximum(off, 0)
        far = int(np.abs(off).max())
        if peak.any():
            if far > int(np.abs(peak).max()):
                peak = off
            if 2 * far <= out:
                yield peak
                peak = np.zeros_like(peak)
        elif far >= out:
            peak = off
        else:
            rest = rest + row - rest // _SETTLES


def _turned(peak: Ints) -> int:
    yaw, tilt = int(peak[0]), int(peak[1])
    if not _is_clear(abs(yaw), abs(tilt)):
        return UNCLEAR
    return (0 if yaw > 0 else 1) if abs(yaw) > abs(tilt) else (2 if tilt > 0 else 3)


def _pressed(peak: Ints) -> int:
    sizes = np.abs(peak)
    first, second = np.sort(sizes)[::-1][:2]
    return int(np.argmax(sizes)) if _is_clear(int(first), int(second)) else UNCLEAR


def _is_clear(one: int, other: int) -> bool:
    """Whether the smaller is less than three fifths of the larger."""
    part, of = _BESIDE
    return of * min(one, other) < part * max(one, other)
