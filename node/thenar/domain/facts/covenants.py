"""Facts about promises that outlive a sale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class ExclusiveTaken:
    """While it runs, nobody but the licensee can be licensed."""

    at: At
    asset: AssetId
    licensee: Address
    until: int


@dataclass(frozen=True, slots=True)
class ExclusiveDropped:
    """Everybody can be licensed again."""

    at: At
    asset: AssetId
    licensee: Address


@dataclass(frozen=True, slots=True)
class FloorBound:
    """No license of the child can be bought below this price from here on."""

    at: At
    child: AssetId
    parent: AssetId
    licensee: Address
    floor: int


@dataclass(frozen=True, slots=True)
class ExclusionAcknowledged:
    """The owner of something derived says that it leaves out what was named when consent was withdrawn."""

    at: At
    model: AssetId
    asset: AssetId
    consent_epoch: int
    exclusion_root: bytes


CovenantFact: TypeAlias = ExclusiveTaken | ExclusiveDropped | FloorBound | ExclusionAcknowledged
