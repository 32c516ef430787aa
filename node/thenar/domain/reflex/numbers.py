"""Numbers of an action held against what the model gives: when two differ too much, and when they are the same.

Float32 (IEEE 754), little-endian. The twin of contracts/libraries/Floats.sol, which counts in whole numbers of 2^-32.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final

NUMBER_BYTES: Final = 4
APART: Final = 256
"""Two numbers that differ by more than this part of the larger one, or of 1, are not of one model."""
NEAR: Final = 1_024
"""A juror finds for a number that differs by no more than this part of what he computed, or of 1."""
_ONE: Final = 1 << 32


def are_apart(one: bytes, other: bytes) -> bool:
    """Whether two numbers cannot both be what a model gives; of two that are not finite one is as good as the other."""
    (negative, size), (negative_too, size_too) = _parts(one), _parts(other)
    if size is None or size_too is None:
        return (size is None) != (size_too is None)
    distance = abs(size - size_too) if negative == negative_too else size + size_too
    return APART * distance > max(_ONE, size, size_too)


def is_near(found: bytes, said: bytes) -> bool:
    """Whether a number is what was computed, but for how machines round."""
    mine, theirs = float(struct.unpack("<f", found)[0]), float(struct.unpack("<f", said)[0])
    if not (math.isfinite(mine) and math.isfinite(theirs)):
        return math.isfinite(mine) == math.isfinite(theirs)
    return NEAR * abs(mine - theirs) <= max(1.0, abs(mine))


def number_at(action: bytes, place: int) -> bytes:
    """The four bytes of a number of an action."""
    return action[NUMBER_BYTES * place : NUMBER_BYTES * (place + 1)]


def wrong_place(said: bytes, found: Sequence[bytes]) -> int | None:
    """Where an answer is apart from every one of the actions that were computed; None when nowhere."""
    for place in range(len(said) // NUMBER_BYTES):
        number = number_at(said, place)
        if all(are_apart(number, number_at(action, place)) for action in found):
            return place
    return None


def _parts(spelled: bytes) -> tuple[bool, int | None]:
    """Whether it is negative, and its size in whole numbers of 2^-32; None when it is not finite."""
    (bits,) = struct.unpack("<I", spelled)
    exponent, fraction = bits >> 23 & 0xFF, bits & 0x7FFFFF | 0x800000
    if exponent == 0xFF:
        return bool(bits >> 31), None
    if exponent == 0:
        return bool(bits >> 31), 0
    return bool(bits >> 31), fraction >> 118 - exponent if exponent < 118 else fraction << exponent - 118
