"""Facts about money of licenses with an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId
from thenar.domain.streams import Stream


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """A bought license with an end begins to earn."""

    at: At
    id: bytes
    asset: AssetId
    licensee: Address
    stream: Stream


@dataclass(frozen=True, slots=True)
class StreamCollected:
    """The seller, or the asset's node, was paid what had been earned."""

    at: At
    id: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class StreamRefunded:
    """The license ended early: the rest of its price went back to the licensee."""

    at: At
    id: bytes
    ended_at: int
    collected: int
    refunded: int


StreamFact: TypeAlias = StreamStarted | StreamCollected | StreamRefunded
