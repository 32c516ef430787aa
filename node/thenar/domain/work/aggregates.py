"""Sums over many numbers that the chain computes itself. The twin of contracts/libraries/Aggregates.sol.

A unit's trace has the digest of the aggregation as leaf 0 and, as leaf i, coordinate unit x segments + i - 1. All
numbers are whole, so whoever computes them finds the same ones, in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from thenar.domain.keccak import keccak256, tag32
from thenar.domain.membertree import MemberTree
from thenar.errors import BadInput

CLASS: Final = tag32("thenar.aggregate/1")
"""The determinism class of such work."""
MAX_COUNT: Final = 4_096
BYTES: Final = 9 * 32
"""Of an aggregation: one raw block."""
MOMENTS: Final = 3
NOISE: Final = 4
_WORD: Final = (1 << 64) - 1
_MULTIPLIERS: Final = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL: Final = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


class Kind(IntEnum):
    """How numbers become coordinates."""

    MOMENTS = 0
    EVOLUTION = 1


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Sums over the values whose hash it names; its ABI encoding is the spec of the work."""

    kind: Kind
    seed: int
    count: int
    width: int
    rate: int
    shift: int
    values: bytes
    before: bytes = bytes(32)
    source: bytes = bytes(32)

    def __post_init__(self) -> None:
        fits = 0 <= self.seed <= _WORD and -(2**63) <= self.rate < 2**63 and 0 <= self.shift < 256
        if not fits or not 0 < self.count <= MAX_COUNT or not 0 < self.width < 2**32:
            raise BadInput("an aggregation's seed, rate, shift, count or width is out of range")
        if self.kind is Kind.MOMENTS and self.width > MOMENTS:
            raise BadInput(f"there are {MOMENTS} moments, not {self.width:,}")

    def encode(self) -> bytes:
        """As the chain reads it, and as it is stored: one raw block."""
        numbers = (self.kind, self.seed, self.count, self.width, self.rate, self.shift)
        return b"".join(word(number) for number in numbers) + self.values + self.before + self.source

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` wrote; there is one spelling. Raises BadInput."""
        words = [data[at : at + 32] for at in range(0, len(data), 32)]
        if len(data) != BYTES or int.from_bytes(words[0]) >= len(Kind):
            raise BadInput("these bytes are not an aggregation")
        kind, seed, count, width, rate, shift = (int.from_bytes(one, "big", signed=True) for one in words[:6])
        return cls(Kind(kind), seed, count, width, rate, shift, words[6], words[7], words[8])

    @property
    def digest(self) -> bytes:
        """What a job of this class names as its spec."""
        return hashlib.sha256(self.encode()).digest()

    def coordinate(self, at: int, values: Sequence[int], before: int = 0) -> int:
        """A coordinate of the sum, 0 beyond its width."""
        if at >= self.width:
            return 0
        if self.kind is Kind.MOMENTS:
            return sum(value ** (at + 1) for value in values)
        total = sum(value * noise(self.seed, pair, at) for pair, value in enumerate(values))
        return before + (total * self.rate >> self.shift)

    def leaves(self, unit: int, segments: int, values: Sequence[int], before: Sequence[int] = ()) -> Iterator[bytes]:
        """The leaves of a unit's trace. Raises BadInput for other values than are named."""
        if keccak256(packed(values)) != self.values:
            raise BadInput("these are not the values that are to be summed")
        yield self.digest
        for at in range(unit * segments, (unit + 1) * segments):
            yield leaf(at, self.coordinate(at, values, before[at] if at < len(before) else 0))


def members(before: Sequence[int]) -> MemberTree:
    """The tree over coordinates as they were."""
    return MemberTree.build([word(number) for number in before])


def evolution(seed: int, values: Sequence[int], before: Sequence[int], rate: int, shift: int) -> Aggregation:
    """The update of parameters by what each pair's one half scored more than the other."""
    root = members(before).root
    named = keccak256(packed(values))
    return Aggregation(Kind.EVOLUTION, seed, len(values), len(before), rate, shift, named, root)


def moments(values: Sequence[int], width: int = MOMENTS) -> Aggregation:
    """Sums of values, of their squares and of their cubes."""
    return Aggregation(Kind.MOMENTS, 0, len(values), width, 0, 0, keccak256(packed(values)))


def word(number: int) -> bytes:
    """A signed word of 32 bytes."""
    return number.to_bytes(32, "big", signed=True)


def packed(values: Sequence[int]) -> bytes:
    """Values as they are hashed: 8 bytes each, signed. Raises BadInput when one needs more."""
    try:
        return b"".join(value.to_bytes(8, "big", signed=True) for value in values)
    except OverflowError as cause:
        raise BadInput("a value of an aggregation has 64 bits") from cause


def leaf(at: int, value: int) -> bytes:
    """The leaf that holds a coordinate."""
    return hashlib.sha256(word(at) + word(value)).digest()


def noise(seed: int, pair: int, at: int) -> int:
    """Noise for one parameter, the same for both members of a pair: a whole number in [-2^15, 2^15)."""
    return (philox((seed, NOISE), (1 + at // 4, 0, pair, 0))[at % 4] >> 48) - 32_768


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """One block of Philox 4x64-10."""
    (k, m), (a, b, c, d) = key, counter
    for _ in range(10):
        p, q = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
        a, b, c, d = q >> 64 ^ b ^ k, q & _WORD, p >> 64 ^ d ^ m, p & _WORD
        k, m = k + _WEYL[0] & _WORD, m + _WEYL[1] & _WORD
    return a, b, c, d
