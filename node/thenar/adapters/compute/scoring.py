"""What an episode earned, in whole numbers: each control step adds floor(65,536 x (alive + terms)) while in bounds."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from thenar.domain.work.jobwork import Score

Floats = NDArray[np.float64]

_TAIL: Final = struct.Struct("<qQQB7x")
_MOST: Final = 2.0**40
TAIL_BYTES: Final = _TAIL.size
RESULT: Final = struct.Struct("<IIqQ")
"""The output of a scored episode: unit, episode, return in 1/65,536ths, control steps within bounds."""


@dataclass(slots=True)
class Tail:
    """What a lane carries beside the engine's state: its return, steps within bounds, output so far, and whether
    it is still within bounds."""

    earned: int = 0
    lasted: int = 0
    written: int = 0
    alive: bool = True

    def encode(self) -> bytes:
        """The last bytes of a state."""
        return _TAIL.pack(self.earned, self.lasted, self.written, self.alive)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the last bytes of a state."""
        earned, lasted, written, alive = _TAIL.unpack(data)
        return cls(earned, lasted, written, bool(alive))


class Scorer:
    """Adds up returns for several lanes at a time."""

    __slots__ = ("_alive", "_bounds", "_terms")

    def __init__(self, score: Score) -> None:
        self._alive = float(score.alive)
        self._terms = [(term.field, term.index, float(term.weight), term.shape) for term in score.terms]
        self._bounds = [(bound.field, bound.index, float(bound.low), float(bound.high)) for bound in score.bounds]

    def fields(self) -> dict[str, int]:
        """The fields it reads, and the highest place it reads of each."""
        found: dict[str, int] = {}
        for field, index, *_ in (*self._terms, *self._bounds):
            found[field] = max(found.get(field, 0), index)
        return found

    def add(self, tails: list[Tail], seen: Mapping[str, Floats]) -> None:
        """Score one control step of every lane."""
        count = len(tails)
        within = np.ones(count, dtype=bool)
        for field, index, low, high in self._bounds:
            value = seen[field][:, index]
            within &= (value >= low) & (value <= high)
        total = np.full(count, self._alive)
        for field, index, weight, shape in self._terms:
            value = seen[field][:, index]
            value = np.abs(value) if shape == "abs" else value * value if shape == "square" else value
            total = total + value * weight
        points = np.floor(np.clip(total * 65536.0, -_MOST, _MOST)).astype(np.int64)
        for tail, holds, gained in zip(tails, within.tolist(), points.tolist(), strict=True):
            tail.alive = tail.alive and holds
            if tail.alive:
                tail.earned += gained
                tail.lasted += 1
