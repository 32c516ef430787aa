"""Facts about programs that come to the data, and runs of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, RunId
from thenar.domain.runs.programs import Run, RunLimits


@dataclass(frozen=True, slots=True)
class ProgramApproved:
    """An owner lets licensees run a program over an asset."""

    at: At
    asset: AssetId
    program: bytes
    owner: Address
    consent_epoch: int
    limits: RunLimits


@dataclass(frozen=True, slots=True)
class ProgramDisapproved:
    """No more runs of a program over an asset."""

    at: At
    asset: AssetId
    program: bytes
    owner: Address


@dataclass(frozen=True, slots=True)
class RunOrdered:
    """Somebody paid for a run; what comes out is sealed for his one-time point."""

    at: At
    run: RunId
    asset: AssetId
    buyer: Address
    ordered: Run
    key_x: int
    key_y: int


@dataclass(frozen=True, slots=True)
class RunDelivered:
    """The output lies under this digest."""

    at: At
    run: RunId
    sealed_digest: bytes
    reject_by: int


@dataclass(frozen=True, slots=True)
class RunSettled:
    """A run was paid to its asset."""

    at: At
    run: RunId
    price: int


@dataclass(frozen=True, slots=True)
class RunRejected:
    """The buyer had no use for the output; the price is burnt."""

    at: At
    run: RunId
    price: int


@dataclass(frozen=True, slots=True)
class RunRefunded:
    """No output came; the price is the buyer's again."""

    at: At
    run: RunId
    price: int


RunFact: TypeAlias = (
    ProgramApproved | ProgramDisapproved | RunOrdered | RunDelivered | RunSettled | RunRejected | RunRefunded
)
