"""Integer arithmetic that every peer repeats to the bit: shares, packed cells, numbers drawn, turns.

Arrays are int64 or uint64 throughout. NumPy does integer additions, products, shifts, comparisons and sorts exactly,
whatever the processor and the number of threads; nothing here is a float.
"""

from __future__ import annotations

from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thenar.domain.scoring.signals import Flags, Ints

BP: Final = 10_000
"""Basis points of a whole."""
Words: TypeAlias = NDArray[np.uint64]

HALF: Final = 1 << 20
"""Cells to either side of a frame's origin along an axis."""
ONE: Final = 1 << 20
"""One, in the fixed point of turns and transforms."""
TURN: Final = 1 << 16
"""Steps in a full turn."""
_STEP: Final = (1152921499308143464, 110534964706109)
"""Cosine and sine of one step, times 2^60."""


def share(part: int, whole: int) -> int:
    """A part in basis points of the whole, rounded down; 0 of nothing."""
    return part * BP // whole if whole > 0 else 0


def ramp(value: int, full: int) -> int:
    """A value in basis points of what earns everything, at most BP."""
    return max(0, min(BP, value * BP // full))


def within(cells: Ints) -> Flags:
    """Which cells can be packed."""
    return np.asarray((np.abs(cells) < HALF).all(axis=1), dtype=np.bool_)


def pack(cells: Ints) -> Ints:
    """Cells (n, 3), all ``within``, as one number each; numbers sort as x, y, z do."""
    moved = cells + HALF
    return np.asarray((moved[:, 0] << 42) | (moved[:, 1] << 21) | moved[:, 2], dtype=np.int64)


def unpack(keys: Ints) -> Ints:
    """The cells of packed numbers."""
    mask = (1 << 21) - 1
    return np.stack([keys >> 42, (keys >> 21) & mask, keys & mask], axis=1) - HALF


def find(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted number lies in sorted ``keys``, -1 where it does not."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, places, -1).astype(np.int64)


def summed(groups: Ints, values: Ints, size: int) -> Ints:
    """Sum values by group number, exactly."""
    made = np.zeros(size, dtype=np.int64)
    np.add.at(made, groups, values)
    return made


def tally(keys: Ints, weights: Ints) -> tuple[Ints, Ints]:
    """The distinct numbers in ascending order and the weight of each."""
    if not len(keys):
        return keys, weights
    order = np.argsort(keys, kind="stable")
    ascending = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    return ascending[starts], np.add.reduceat(weights[order], starts)


def root(squares: Ints) -> Ints:
    """Whole square roots of numbers below 2^62, bit by bit."""
    left, made = squares.copy(), np.zeros_like(squares)
    bit = 1 << 60
    while bit:
        over = left >= made + bit
        left = np.where(over, left - made - bit, left)
        made = np.where(over, (made >> 1) + bit, made >> 1)
        bit >>= 2
    return made


def drawn(seed: int, count: int) -> Words:
    """The first numbers of SplitMix64 from a seed."""
    with np.errstate(over="ignore"):
        word = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(word ^ (word >> np.uint64(31)), dtype=np.uint64)


@cache
def cos_sin(turn: int) -> tuple[int, int]:
    """Cosine and sine of ``turn`` steps, times ``ONE``: a power of one step, in whole numbers."""
    made, base = (1 << 60, 0), _STEP
    left = turn % TURN
    while left:
        if left & 1:
            made = _times(made, base)
        base = _times(base, base)
        left >>= 1
    return (made[0] + (1 << 39)) >> 40, (made[1] + (1 << 39)) >> 40


def _times(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    half = 1 << 59
    return (a[0] * b[0] - a[1] * b[1] + half) >> 60, (a[0] * b[1] + a[1] * b[0] + half) >> 60
