"""Calls about licenses missing from payouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import AssetId
from thenar.domain.statements import Evidence, Filing, Listed


@dataclass(frozen=True, slots=True)
class ProveOmission:
    """Show that a bought license is missing from a payout's set: the places beside it, none for an empty set."""

    filing: Filing
    evidence: Evidence
    beside: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class AccuseOmission:
    """Say that a bought license is missing from a set that is not to be had."""

    filing: Filing
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class AnswerAccusation:
    """Show the place of an asset that is said to be missing."""

    filing: Filing
    listed: Listed


@dataclass(frozen=True, slots=True)
class CondemnOmission:
    """Convict on an accusation that nobody answered in time."""

    filing: Filing
    omitted: AssetId


@dataclass(frozen=True, slots=True)
class ThawPayout:
    """Thaw a payout because a later one names what it omitted."""

    payout: int
    correction: Filing
    listed: Listed


@dataclass(frozen=True, slots=True)
class LapseFreeze:
    """Thaw a payout whose time has passed."""

    asset: AssetId
    payout: int


@dataclass(frozen=True, slots=True)
class ReturnBond:
    """Return the bond of a payout that nobody can challenge any more."""

    filing: Filing


OmissionAction: TypeAlias = (
    ProveOmission | AccuseOmission | AnswerAccusation | CondemnOmission | ThawPayout | LapseFreeze | ReturnBond
)
