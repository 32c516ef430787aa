"""Calls about promises that outlive a sale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import Commitment
from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class AcknowledgeExclusion:
    """Say that an owned derived asset leaves out what was named when an asset's consent was withdrawn."""

    model: AssetId
    asset: AssetId
    exclusion_root: bytes


@dataclass(frozen=True, slots=True)
class BindFloor:
    """Bind the price floor under which ``licensee`` bought a parent to what was made under it."""

    child: Commitment
    parent: AssetId
    licensee: Address


CovenantAction: TypeAlias = AcknowledgeExclusion | BindFloor
