"""Marks in recordings: what tells one buyer's copy from another's, how it is read again, and how sure that is.

A record is a few integers. Its cell is where they lie on a coarse grid; the cell's hash says which number carries a
bit, and the secret of the hash's chapter says which. The bit is the parity of the number's step. To whoever lacks
the secret each cell's bit is the toss of a coin of its own, so that agreement is binomial whatever the file is.
Parity of a quantiser's step as carrier: Chen, Wornell, "Quantization index modulation" (2001). Twin of
contracts/libraries/Likeness.sol.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thenar.domain.keccak import keccak256, tag32
from thenar.domain.marks import MARK_TAG, Leak
from thenar.domain.membertree import MemberTree
from thenar.errors import BadInput

CHAPTERS: Final = 16
FEWEST, MOST, BAR = 56, 256, 56
"""Cells of a reading that is shown on chain, and how clear it must be: margin² >= BAR · cells, below 2^-40."""
STEPS: Final = 16
"""Steps along one side of a cell."""
GROUP: Final = 3
"""Numbers of a record: coordinates of a point, or neighbouring taxels."""
MAX_STEP: Final = 2**31
_CELL: Final = tag32("thenar.cell/1")

Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Secrets:
    """The sixteen secrets of one marked copy, from a seed of 32 bytes."""

    chapters: tuple[bytes, ...]

    @classmethod
    def of(cls, seed: bytes) -> Secrets:
        """Secrets of which each tells nothing about the others."""
        return cls(tuple(keccak256(MARK_TAG + seed + chapter.to_bytes(32, "big")) for chapter in range(CHAPTERS)))

    def bit(self, word: int) -> int:
        """The bit a cell carries; ``word`` is the cell with any lowest bit."""
        return keccak256(self.chapters[word >> 252] + (word >> 1).to_bytes(32, "big"))[-1] & 1

    @property
    def tree(self) -> MemberTree:
        """What the chain keeps the root of."""
        return MemberTree.build([keccak256(secret) for secret in self.chapters])


@dataclass(slots=True)
class Reading:
    """Votes for the bit of every cell a file has records in: of ones less of zeros, by the cell's word."""

    votes: dict[int, int] = field(default_factory=dict)

    def add(self, values: Ints, step: int) -> None:
        """Read the rows of a stream."""
        for first, group in _groups(values):
            words, carriers = _cells(group, first, step)
            bits = (np.take_along_axis(group, carriers[:, None], axis=1)[:, 0] // step) & 1
            for word, bit in zip(words, bits.tolist(), strict=True):
                self.votes[word] = self.votes.get(word, 0) + (1 if bit else -1)

    @property
    def seen(self) -> dict[int, int]:
        """The bit of every cell whose records do not contradict each other evenly."""
        return {word: int(votes > 0) for word, votes in self.votes.items() if votes}

    def leak(self, salt: bytes, spent: int = 0) -> Leak:
        """The richest chapter that was not opened, its clearest cells. Raises BadInput when all are too poor."""
        seen = self.seen
        free = [chapter for chapter in range(CHAPTERS) if not spent >> chapter & 1]
        words: dict[int, list[int]] = {chapter: [] for chapter in free}
        for word in seen:
            if word >> 252 in words:
                words[word >> 252].append(word)
        chapter = max(free, key=lambda one: len(words[one]), default=-1)
        if chapter < 0 or len(words[chapter]) < FEWEST:
            most = len(words[chapter]) if chapter >= 0 else 0
            raise BadInput(
                f"the file has {most} cells in its richest chapter; a claim shows {FEWEST} to {MOST}",
                next_step="a larger part of the copy has more",
            )
        clearest = sorted(words[chapter], key=lambda word: (-abs(self.votes[word]), word))[:MOST]
        return Leak(chapter, salt, tuple(sorted(word | seen[word] for word in clearest)))


@dataclass(frozen=True, slots=True)
class Match:
    """How far a file agrees with one copy's secrets: of ``cells`` so many ``agreed``."""

    cells: int
    agreed: int

    @classmethod
    def between(cls, seen: Mapping[int, int], secrets: Secrets) -> Match:
        """Count the cells whose bit is the secrets'."""
        return cls(len(seen), sum(secrets.bit(word) == bit for word, bit in seen.items()))

    def chance(self, copies: int = 1) -> Fraction:
        """The probability that a file made without the secrets agrees so well with any of ``copies``: at most this."""
        return min(Fraction(1), copies * tail(self.cells, self.agreed))


def tail(cells: int, agreed: int) -> Fraction:
    """The probability of at least ``agreed`` heads in ``cells`` tosses of a fair coin, exactly."""
    term, total = 1, 0  # from C(n, n) downwards, so that every term comes from the one before
    for heads in range(cells, max(agreed, 0) - 1, -1):
        total += term
        term = term * heads // (cells - heads + 1)
    return Fraction(total, 1 << cells)


def is_clear(agreed: int, total: int) -> bool:
    """Whether the chain takes so many agreeing bits for the mark: Hoeffding's bound is below 2^-40."""
    return 2 * agreed > total and (2 * agreed - total) ** 2 >= BAR * total


def agreeing(secret: bytes, seen: Sequence[int]) -> int:
    """How many of the bits are those a chapter's secret gives, as the contract counts."""
    return sum(1 ^ ((keccak256(secret + (word >> 1).to_bytes(32, "big"))[-1] ^ word) & 1) for word in seen)


def marked(values: Ints, step: int, secrets: Secrets) -> Ints:
    """The rows of a stream with the secrets' bits in them; no number moves by more than 1.25 steps. Raises BadInput."""
    check_step(step)
    made = values.copy()
    for first, group in _groups(values):
        words, carriers = _cells(group, first, step)
        wanted = np.array([secrets.bit(word) for word in words], dtype=np.int64)
        numbers = np.take_along_axis(group, carriers[:, None], axis=1)[:, 0]
        place, rest = numbers // step, numbers % step
        other = place ^ ((place & 1) ^ wanted)  # the neighbour in the same pair of steps, hence in the same cell
        low, high = step // 4, (3 * step - 1) // 4
        rest = np.where(other > place, low, np.where(other < place, high, np.clip(rest, low, high)))
        np.put_along_axis(made[:, first : first + GROUP], carriers[:, None], (other * step + rest)[:, None], axis=1)
    return made


def check_step(step: int) -> None:
    """Raise BadInput for a step no integer record can carry."""
    if not 2 <= step <= MAX_STEP:
        raise BadInput(f"a step of {step} units carries no bit; it is 2 to {MAX_STEP}")


def _groups(values: Ints) -> list[tuple[int, Ints]]:
    """The columns of a stream, as many at a time as make a record."""
    return [(first, values[:, first : first + GROUP]) for first in range(0, values.shape[1], GROUP)]


def _cells(group: Ints, first: int, step: int) -> tuple[list[int], NDArray[np.intp]]:
    """For every record the word of its cell, lowest bit 0, and which of its numbers carries the bit."""
    coarse = np.ascontiguousarray(group // (step * STEPS), dtype=">i8")
    head, known = _CELL + first.to_bytes(8, "big") + step.to_bytes(8, "big"), dict[bytes, int]()
    words = []
    for row in coarse:
        key = row.tobytes()
        if key not in known:
            known[key] = int.from_bytes(keccak256(head + key), "big") & ~1
        words.append(known[key])
    carriers = np.array([(word >> 8 & 0xFFFF) % group.shape[1] for word in words], dtype=np.intp)
    return words, carriers
