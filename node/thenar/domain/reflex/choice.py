"""Which node a robot asks: price × latency × its own record of the node. Once it has one, nobody else's word counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

KEPT: Final = 64
"""Round trips remembered of one node; older ones are forgotten."""
HALF_LIFE: Final = 256
"""Calls after which an old failure counts half."""


@dataclass(slots=True)
class Record:
    """What a robot itself saw of a node: round trips in seconds, and how often it failed."""

    trips: list[float] = field(default_factory=list)
    answered: float = 0.0
    failed: float = 0.0
    is_fresh: bool = False  # there is something that was not attested yet

    def took(self, seconds: float) -> None:
        """An answer came after so long."""
        self._fade()
        self.answered += 1
        self.is_fresh = True
        self.trips.append(seconds)
        if len(self.trips) > KEPT:
            del self.trips[0]

    def missed(self) -> None:
        """No answer came in time, or a wrong one."""
        self._fade()
        self.failed += 1

    def _fade(self) -> None:
        factor = 0.5 ** (1 / HALF_LIFE)
        self.answered *= factor
        self.failed *= factor

    @property
    def latency(self) -> float:
        """The median round trip, seconds; without end when none was seen. One lost packet does not move it."""
        return quantile(self.trips, 0.5)

    @property
    def doubt(self) -> float:
        """How often one must ask for one answer: 1 for a node that never failed, more for one that did."""
        return (1 + self.answered + self.failed) / (1 + self.answered)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node a robot could ask; ``price`` of 1,000 calls in token units."""

    name: str
    price: int
    record: Record

    @property
    def cost(self) -> float:
        """Price × latency × doubt. A free node is compared as one that costs a unit, or distance would not count."""
        return max(self.price, 1) * self.record.latency * self.record.doubt**2


def ranked(candidates: Iterable[Candidate], period: float) -> list[Candidate]:
    """Best first. Who is not expected to answer within the control period (seconds) comes after all who are."""
    return sorted(candidates, key=lambda one: (one.record.latency > period, one.cost, one.name))


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of all values does not exceed; infinite without values."""
    if not values:
        return math.inf
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
