"""Calls about words of witnesses that were counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.bounty.witnessing import Attestation
from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class AccuseWord:
    """Bring a word before the court, for a bond."""

    word: Attestation
    charged: int


@dataclass(frozen=True, slots=True)
class FreeWord:
    """Free the stake behind a word that nobody accused in time."""

    capture: AssetId
    witness: Address


WordAction: TypeAlias = AccuseWord | FreeWord
