"""Evolution strategies in whole numbers: members, their noise, and the step a round of them adds up to.

A policy is whole numbers of 1/65,536. Members come in pairs: member 2p moves every parameter by size x noise / 2^15,
rounded down, member 2p + 1 by as much the other way. A coordinate of the step needs the returns and that coordinate's
noise alone, so anybody, a contract included, can recompute one coordinate of a disputed update.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from thenar.domain.work.philox import NOISE, word
from thenar.errors import BadInput

NOISE_BITS: Final = 15
_LARGEST: Final = 2**31 - 1


def noise(seed: int, pair: int, coordinate: int) -> int:
    """The noise of one parameter in one pair, in [-2^15, 2^15): sixteen bits of one Philox word."""
    return (word(seed, NOISE, (0, 0, pair, 0), coordinate) >> 48) - 2**NOISE_BITS


def moved(parameter: int, drawn: int, size: int, member: int) -> int:
    """A member's parameter, within 32 bits."""
    step = drawn * size >> NOISE_BITS
    return max(-_LARGEST, min(_LARGEST, parameter - step if member % 2 else parameter + step))


@dataclass(frozen=True, slots=True)
class Update:
    """One round: the returns of all members in order, and how far the largest possible step goes in 1/65,536."""

    returns: tuple[int, ...]
    rate: int

    def __post_init__(self) -> None:
        if not self.returns or len(self.returns) % 2:
            raise BadInput("members come in pairs")
        if not 0 < self.rate < 2**31:
            raise BadInput("the rate of an update is between 1 and 2^31 - 1")

    def weights(self) -> tuple[int, ...]:
        """For every pair, by how much its first member earned more than its second."""
        pairs = zip(self.returns[::2], self.returns[1::2], strict=True)
        return tuple(one - other for one, other in pairs)

    def step(self, drawn: Sequence[int]) -> int:
        """The step of one coordinate, from that coordinate's noise in every pair."""
        weights = self.weights()
        total = sum(map(abs, weights))
        if len(drawn) != len(weights):
            raise BadInput(f"{len(weights)} pairs have {len(weights)} numbers of noise, not {len(drawn)}")
        if total == 0:
            return 0
        together = sum(weight * each for weight, each in zip(weights, drawn, strict=True))
        return self.rate * together // (total << NOISE_BITS)

    def coordinate(self, parameter: int, seed: int, place: int) -> int:
        """A parameter after the round, from nothing but the returns: what a judge recomputes."""
        drawn = [noise(seed, pair, place) for pair in range(len(self.returns) // 2)]
        return max(-_LARGEST, min(_LARGEST, parameter + self.step(drawn)))
