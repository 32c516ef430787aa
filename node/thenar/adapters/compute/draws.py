"""Uniform randomness addressed by place: Philox 4x64-10 keyed by seed and purpose, counted from unit and episode.

The first block of an address has counter 1 in its lowest word, as NumPy's generator counts. Sixteen bits of noise are
the top bits of one word; the domain's pure twin of it is ``thenar.domain.work.philox``.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Purpose(IntEnum):
    """What draws are for; each has its own key."""

    VARY = 1
    START = 2
    CONTROL = 3
    NOISE = 4
    PAINT = 5


def words(
    seed: int, purpose: Purpose, place: int, episode: int, unit: int, count: int, block: int = 0
) -> NDArray[np.uint64]:
    """``count`` words of 64 bits at an address, from its four words of number ``block`` on."""
    key = np.array([seed, purpose], dtype=np.uint64)
    counter = np.array([block, place, episode, unit], dtype=np.uint64)
    found: NDArray[np.uint64] = np.random.Philox(key=key, counter=counter).random_raw(count)
    return found


def uniform(drawn: NDArray[np.uint64], low: float, high: float) -> Floats:
    """Doubles in [low, high) from words: 53 bits of each, one multiplication and one addition."""
    share = (drawn >> np.uint64(11)).astype(np.float64) * 2.0**-53
    made: Floats = share * (high - low) + low
    return made


def noise(seed: int, pair: int, count: int, first: int = 0) -> NDArray[np.int64]:
    """Whole numbers in [-2^15, 2^15) for parameters from ``first`` on, the same for both members of a pair."""
    block, skipped = divmod(first, 4)
    drawn = words(seed, Purpose.NOISE, 0, pair, 0, skipped + count, block)[skipped:]
    return (drawn >> np.uint64(48)).astype(np.int64) - 32768
