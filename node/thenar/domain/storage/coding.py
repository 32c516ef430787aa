"""Eight pieces of a file, any four of which give it back: a systematic Reed-Solomon code over GF(256).

Pieces 0 to 3 are the file itself, cut in four; piece 4 + i is the sum over j of data piece j divided by (4 + i) xor j.
Those factors are a Cauchy matrix, and every square part of one can be inverted, so any four rows of identity and Cauchy
matrix can be. After Blömer, Kalfane, Karp, Karpinski, Luby and Zuckerman, "An XOR-Based Erasure-Resilient Coding
Scheme", ICSI TR-95-048 (1995). The field is that of x^8 + x^4 + x^3 + x^2 + 1; addition is xor.

Bytes are multiplied by `bytes.translate` and added as long integers, which needs nothing but the interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from thenar.errors import BadInput

NEEDED: Final = 4
PIECES: Final = 8
_REDUCE: Final = 0x11D

Row = tuple[int, ...]


def times(one: int, other: int) -> int:
    """The product of two elements of the field."""
    found = 0
    while other:
        if other & 1:
            found ^= one
        one = one << 1 ^ (_REDUCE if one & 0x80 else 0)
        other >>= 1
    return found


@cache
def inverse(one: int) -> int:
    """What gives 1 when multiplied with ``one``. Raises BadInput for 0."""
    if not 0 < one < 256:
        raise BadInput(f"{one} has no inverse in GF(256)")
    return next(other for other in range(1, 256) if times(one, other) == 1)


def row_of(piece: int) -> Row:
    """How a piece is made of the four parts of the file. Raises BadInput for a piece that does not exist."""
    if not 0 <= piece < PIECES:
        raise BadInput(f"pieces are numbered 0 to {PIECES - 1}, not {piece}")
    if piece < NEEDED:
        return tuple(int(part == piece) for part in range(NEEDED))
    return tuple(inverse(piece ^ part) for part in range(NEEDED))


@cache
def factors(wanted: int, given: Row) -> Row:
    """By what to multiply the four ``given`` pieces so that their sum is piece ``wanted``.

    Raises BadInput unless four different ones are given.
    """
    if len(given) != NEEDED or len(set(given)) != NEEDED:
        raise BadInput(f"{NEEDED} different pieces give the others, not {list(given)}")
    undone = _inverted([row_of(piece) for piece in given])
    made = row_of(wanted)
    return tuple(_dot(made, [undone[part][at] for part in range(NEEDED)]) for at in range(NEEDED))


def mix(row: Row, blocks: Sequence[bytes]) -> bytes:
    """The sum of blocks of one length, each multiplied by its factor; a block whose factor is 0 may be empty."""
    size = max(map(len, blocks))
    found = 0
    for factor, block in zip(row, blocks, strict=True):
        if factor:
            if len(block) != size:
                raise BadInput(f"blocks of {len(block)} and of {size} bytes cannot be added")
            found ^= int.from_bytes(block if factor == 1 else block.translate(_table(factor)), "big")
    return found.to_bytes(size, "big")


@cache
def _table(factor: int) -> bytes:
    return bytes(times(factor, value) for value in range(256))


def _dot(row: Sequence[int], column: Sequence[int]) -> int:
    found = 0
    for one, other in zip(row, column, strict=True):
        found ^= times(one, other)
    return found


def _inverted(rows: Sequence[Row]) -> list[list[int]]:
    """Gauss-Jordan elimination, the identity beside the rows."""
    size = len(rows)
    work = [[*row, *(int(at == place) for at in range(size))] for place, row in enumerate(rows)]
    for column in range(size):
        pivot = next(place for place in range(column, size) if work[place][column])
        work[column], work[pivot] = work[pivot], work[column]
        scale = inverse(work[column][column])
        work[column] = [times(scale, value) for value in work[column]]
        for place in range(size):
            factor = work[place][column]
            if place != column and factor:
                work[place] = [
                    value ^ times(factor, other) for value, other in zip(work[place], work[column], strict=True)
                ]
    return [row[size:] for row in work]
