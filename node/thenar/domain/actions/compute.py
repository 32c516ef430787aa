"""Calls about bounties for computing: asking for work, doing it, auditing it, and the pool of those who do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address, BountyId, ClaimId
from thenar.domain.work.bounties import Job


@dataclass(frozen=True, slots=True)
class CreateBounty:
    """Ask for work and lock its whole price."""

    job: Job


@dataclass(frozen=True, slots=True)
class CancelBounty:
    """Let nobody claim more."""

    bounty: BountyId


@dataclass(frozen=True, slots=True)
class CloseBounty:
    """Give what is left back to the requester."""

    bounty: BountyId


@dataclass(frozen=True, slots=True)
class PayInput:
    """Pay the input asset for what was done since the last time."""

    bounty: BountyId


@dataclass(frozen=True, slots=True)
class ClaimUnits:
    """Claim up to ``count`` units."""

    bounty: BountyId
    count: int


@dataclass(frozen=True, slots=True)
class CommitWork:
    """Commit to the traces of a claim."""

    claim_id: ClaimId
    commitment: bytes


@dataclass(frozen=True, slots=True)
class RevealWork:
    """Show the root of a claim's traces and where what came out is described."""

    claim_id: ClaimId
    root: bytes
    salt: bytes
    outputs: bytes


@dataclass(frozen=True, slots=True)
class DrawAudit:
    """Draw who audits a claim, and which units."""

    claim_id: ClaimId


@dataclass(frozen=True, slots=True)
class CommitAudit:
    """Commit to an audit, blind."""

    claim_id: ClaimId
    commitment: bytes


@dataclass(frozen=True, slots=True)
class RevealAudit:
    """Show an audit's root and one of its traces, with the siblings that lead to it."""

    claim_id: ClaimId
    root: bytes
    salt: bytes
    trace: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RedrawAudit:
    """Fine an auditor who stayed away and draw another."""

    claim_id: ClaimId


@dataclass(frozen=True, slots=True)
class ReauditClaim:
    """Have all units of a convicted worker's older claim audited."""

    claim_id: ClaimId


@dataclass(frozen=True, slots=True)
class FinalizeClaim:
    """Pay a claim whose window has passed."""

    claim_id: ClaimId


@dataclass(frozen=True, slots=True)
class ExpireClaim:
    """End a claim whose worker was late."""

    claim_id: ClaimId


@dataclass(frozen=True, slots=True)
class EnlistWorker:
    """Join a determinism class, with so many more seats."""

    class_id: bytes
    probe: bytes
    seats: int


@dataclass(frozen=True, slots=True)
class ResignSeats:
    """Take seats out of the draw."""

    class_id: bytes
    seats: int


@dataclass(frozen=True, slots=True)
class FreeSeats:
    """Unbind the stake of seats whose notice has passed."""

    operator: Address
    class_id: bytes


@dataclass(frozen=True, slots=True)
class JoinGroup:
    """Ask to belong to a leader's group."""

    leader: Address


@dataclass(frozen=True, slots=True)
class AdmitOperator:
    """Admit an operator into this account's group."""

    operator: Address


@dataclass(frozen=True, slots=True)
class LeaveGroup:
    """Belong to nobody's group but one's own."""


ComputeAction: TypeAlias = (
    CreateBounty
    | CancelBounty
    | CloseBounty
    | PayInput
    | ClaimUnits
    | CommitWork
    | RevealWork
    | DrawAudit
    | CommitAudit
    | RevealAudit
    | RedrawAudit
    | ReauditClaim
    | FinalizeClaim
    | ExpireClaim
    | EnlistWorker
    | ResignSeats
    | FreeSeats
    | JoinGroup
    | AdmitOperator
    | LeaveGroup
)
