"""Sketches of touch and motion: a set of 256-bit codes, each the shape of a short window, and what two sets share.

A code says on which side of 256 fixed planes a window lies, so neither gain nor offset changes it and a little noise
few of its bits. As a set of windows knows no start, a copy that was cut, shifted or reversed finds its codes again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from thenar.domain.keccak import keccak256
from thenar.domain.scoring.integers import Words, drawn, share
from thenar.domain.scoring.report import Likeness, Match
from thenar.domain.scoring.signals import Flags, Ints
from thenar.errors import BadInput

BITS: Final = 256
_WORDS: Final = 4
_ROWS: Final = 512
_SAMPLED: Final = 2_048
_LARGEST: Final = 1 << 40
_TAG: Final = b"thenar.sketch.codes/1"


@dataclass(frozen=True, slots=True, eq=False)
class CodeSketch:
    """The codes of all windows in which something happens, in their order; shape (n, 4)."""

    codes: Words

    def encode(self) -> bytes:
        """The sketch in bytes: its tag, then each code's four words, little-endian."""
        return _TAG + self.codes.astype("<u8").tobytes()

    @classmethod
    def decode(cls, data: bytes) -> CodeSketch:
        """A sketch from its bytes. Raises BadInput."""
        body = data[len(_TAG) :]
        if not data.startswith(_TAG) or len(body) % (8 * _WORDS):
            raise BadInput("these bytes are no sketch of codes")
        return cls(np.frombuffer(body, dtype="<u8").reshape(-1, _WORDS).astype(np.uint64))

    @property
    def root(self) -> bytes:
        """Keccak-256 of the bytes."""
        return keccak256(self.encode())


@cache
def _planes(width: int) -> Ints:
    """The fixed planes: ``width`` rows of 256 numbers, each 1 or -1."""
    words = drawn(3, width * _WORDS)
    bits = (words[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    return bits.reshape(width, BITS).astype(np.int64) * 2 - 1


def sketch_of(windows: Ints) -> CodeSketch:
    """The codes of windows, one a row, without repeats of the one before."""
    if not len(windows):
        return CodeSketch(np.zeros((0, _WORDS), dtype=np.uint64))
    planes = _planes(windows.shape[1])
    parts = [_coded(windows[at : at + _ROWS], planes) for at in range(0, len(windows), _ROWS)]
    codes = np.concatenate(parts)
    fresh = np.ones(len(codes), dtype=np.bool_)
    fresh[1:] = (codes[1:] != codes[:-1]).any(axis=1)
    return CodeSketch(codes[fresh])


def _coded(rows: Ints, planes: Ints) -> Words:
    sides = (np.clip(rows, -_LARGEST, _LARGEST) @ planes > 0).reshape(len(rows), _WORDS, 64).astype(np.uint64)
    return np.asarray(np.bitwise_or.reduce(sides << np.arange(64, dtype=np.uint64), axis=2), dtype=np.uint64)


def compare(new: CodeSketch, old: CodeSketch, most_bits: int) -> Match:
    """Which of the newer's codes, or of 2,048 spread over them, some code of the older is within ``most_bits`` of."""
    step = max(1, -(-len(new.codes) // _SAMPLED))
    asked = new.codes[::step]
    if not len(asked) or not len(old.codes):
        return Match(Likeness(0, 0, 0), np.zeros(len(asked), dtype=np.bool_))
    nearest = _nearest(asked, old.codes)
    seen: Flags = np.asarray(nearest <= most_bits, dtype=np.bool_)
    hits = int(seen.sum())
    apart = int(nearest[seen].sum())
    agreement = share(BITS * hits - apart, BITS * hits)
    return Match(Likeness(share(hits, len(asked)), agreement, min(len(asked), len(old.codes))), seen)


def _nearest(asked: Words, known: Words) -> Ints:
    """The bits between each asked code and the known one nearest to it."""
    best = np.full(len(asked), BITS, dtype=np.int64)
    for at in range(0, len(known), _ROWS):
        there = known[at : at + _ROWS]
        apart = np.zeros((len(asked), len(there)), dtype=np.int64)
        for word in range(_WORDS):
            apart += np.bitwise_count(asked[:, word, None] ^ there[None, :, word])
        best = np.minimum(best, apart.min(axis=1))
    return best


def centred(windows: Ints) -> Ints:
    """Windows with the lower median of each taken off."""
    if not len(windows):
        return windows
    middle = np.sort(windows, axis=1)[:, (windows.shape[1] - 1) // 2]
    return np.asarray(windows - middle[:, None], dtype=np.int64)


def taps(rows: Ints, count: int, step: int) -> Ints:
    """Windows over rows: ``count`` rows ``step`` apart beside each other, one window a start."""
    length = len(rows) - (count - 1) * step
    if length <= 0:
        return np.zeros((0, rows.shape[1] * count), dtype=np.int64)
    return np.concatenate([rows[n * step : n * step + length] for n in range(count)], axis=1)


def noise_of(rows: Ints) -> int:
    """The usual change from one row to the next: the median over all numbers that change at all."""
    steps = np.abs(np.diff(rows, axis=0)).reshape(-1)
    steps = np.sort(steps[steps > 0])
    return int(steps[len(steps) // 2]) if len(steps) else 0
