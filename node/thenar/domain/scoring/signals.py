"""What a plugin scores: the streams of one recording as integers, whole and in memory."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from thenar.errors import BadInput

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

_ROOM = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One stream: n means (n - zero_offset) * scale ``units``. ``times`` in ns, or None without a clock.

    ``values`` has one row a reading and ``count * axes`` numbers a row.
    """

    name: str
    kind: str
    units: str
    scale: Fraction
    values: Ints
    times: Ints | None = None
    count: int = 1
    axes: int = 1
    zero_offset: int = 0
    rate_mhz: int = 0

    def in_steps(self, steps_per_unit: Fraction) -> Ints:
        """Values in whole steps, rounded down: exact, or BadInput where 63 bits do not hold them."""
        factor = self.scale * steps_per_unit
        shifted = self.values - self.zero_offset
        largest = int(np.abs(shifted).max()) if shifted.size else 0
        if largest * factor.numerator >= _ROOM:
            raise BadInput(f"{self.name} holds values too large to score")
        return np.asarray(shifted * factor.numerator // factor.denominator, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Replay:
    """A rollout run again: how many of its segments, and how many of them came out the same."""

    asked: int
    same: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording to score: which plugin it is for, its streams, and what running it again came to."""

    modality: str
    signals: tuple[Signal, ...]
    replay: Replay | None = None

    def of_kind(self, *marks: str) -> tuple[Signal, ...]:
        """The streams whose kind contains one of the words."""
        return tuple(s for s in self.signals if any(mark in s.kind.lower() for mark in marks))
