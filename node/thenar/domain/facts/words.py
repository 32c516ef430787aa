"""Facts about words of witnesses after they were counted: accused, judged, struck, freed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, DisputeId
from thenar.domain.work.disputes import Ruling


@dataclass(frozen=True, slots=True)
class WordFreed:
    """Nobody accuses a word any more, and its stake is free."""

    at: At
    capture: AssetId
    witness: Address


@dataclass(frozen=True, slots=True)
class WordStruck:
    """A false word counts no longer; the capture is trusted so far from now on, in basis points."""

    at: At
    capture: AssetId
    witness: Address
    weight: int
    trust: int


@dataclass(frozen=True, slots=True)
class WordAccused:
    """A word is before the court: only so many basis points are said to be seen again."""

    at: At
    dispute: DisputeId
    capture: AssetId
    witness: Address
    accuser: Address
    charged: int
    bond: int


@dataclass(frozen=True, slots=True)
class WordJudged:
    """The court ruled about a word, and where the loser's money went; ``until`` is 0 when it was struck."""

    at: At
    dispute: DisputeId
    capture: AssetId
    witness: Address
    ruling: Ruling
    to_winner: int
    to_jurors: int
    burnt: int
    until: int


WordFact: TypeAlias = WordFreed | WordStruck | WordAccused | WordJudged
