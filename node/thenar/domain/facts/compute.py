"""Facts about bounties for computing, and the pool of those who work, audit and judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, BountyId, ClaimId
from thenar.domain.work.bounties import Job


@dataclass(frozen=True, slots=True)
class BountyCreated:
    """Work is asked for; ``budget`` is locked."""

    at: At
    bounty: BountyId
    requester: Address
    class_id: bytes
    job: Job
    budget: int


@dataclass(frozen=True, slots=True)
class BountyCancelled:
    """The requester wants no more claims."""

    at: At
    bounty: BountyId


@dataclass(frozen=True, slots=True)
class BountyClosed:
    """What was not spent went back."""

    at: At
    bounty: BountyId
    requester: Address
    refunded: int


@dataclass(frozen=True, slots=True)
class InputPaid:
    """The input asset was paid for more units."""

    at: At
    bounty: BountyId
    input: AssetId
    units: int
    amount: int


@dataclass(frozen=True, slots=True)
class UnitsClaimed:
    """A worker has until ``commit_by`` to commit to these units."""

    at: At
    claim: ClaimId
    bounty: BountyId
    worker: Address
    first: int
    count: int
    commit_by: int


@dataclass(frozen=True, slots=True)
class WorkCommitted:
    """A worker committed to the work."""

    at: At
    claim: ClaimId
    commitment: bytes
    draw_block: int


@dataclass(frozen=True, slots=True)
class AuditArmed:
    """The audit is drawn by the hash of this block."""

    at: At
    claim: ClaimId
    draw_block: int
    retro: bool


@dataclass(frozen=True, slots=True)
class AuditDrawn:
    """An auditor was drawn; the zero address when none is needed or none was found."""

    at: At
    claim: ClaimId
    auditor: Address
    seed: bytes
    bps: int
    by: int


@dataclass(frozen=True, slots=True)
class AuditCommitted:
    """The auditor committed; the worker has until ``reveal_by`` to reveal, unless he already has."""

    at: At
    claim: ClaimId
    auditor: Address
    commitment: bytes
    reveal_by: int


@dataclass(frozen=True, slots=True)
class WorkRevealed:
    """The work can be looked at."""

    at: At
    claim: ClaimId
    root: bytes
    outputs: bytes
    held_until: int


@dataclass(frozen=True, slots=True)
class AuditRevealed:
    """What the auditor says, and the trace he had for the place he was asked to show."""

    at: At
    claim: ClaimId
    auditor: Address
    root: bytes
    place: int
    trace: bytes


@dataclass(frozen=True, slots=True)
class AuditMissed:
    """An auditor stayed away."""

    at: At
    claim: ClaimId
    auditor: Address
    fine: int


@dataclass(frozen=True, slots=True)
class ClaimFinalized:
    """A claim was paid."""

    at: At
    claim: ClaimId
    worker: Address
    paid: int
    audit_paid: int


@dataclass(frozen=True, slots=True)
class ClaimExpired:
    """A worker was late."""

    at: At
    claim: ClaimId
    worker: Address
    penalty: int


@dataclass(frozen=True, slots=True)
class ClaimHeld:
    """A claim is in dispute, or one of its places was asked for."""

    at: At
    claim: ClaimId
    disputed: bool
    demands: int


@dataclass(frozen=True, slots=True)
class ClaimUpheld:
    """A dispute or demand is over and the claim stands."""

    at: At
    claim: ClaimId
    held_until: int
    demands: int


@dataclass(frozen=True, slots=True)
class ClaimSlashed:
    """A claim was wrong."""

    at: At
    claim: ClaimId
    worker: Address
    seized: int


@dataclass(frozen=True, slots=True)
class ClaimVoided:
    """Nobody could say whether a claim was right."""

    at: At
    claim: ClaimId
    worker: Address


@dataclass(frozen=True, slots=True)
class ClassSuspect:
    """Machines of one class did not agree about a claim."""

    at: At
    class_id: bytes
    claim: ClaimId


@dataclass(frozen=True, slots=True)
class Enlisted:
    """An operator joined a class or took more seats of it."""

    at: At
    operator: Address
    class_id: bytes
    probe: bytes
    added: int
    seats: int


@dataclass(frozen=True, slots=True)
class Resigned:
    """Seats left the draw."""

    at: At
    operator: Address
    class_id: bytes
    seats: int
    leaving: int
    free_at: int


@dataclass(frozen=True, slots=True)
class SeatsFreed:
    """The stake of seats that had resigned is free."""

    at: At
    operator: Address
    class_id: bytes
    freed: int


@dataclass(frozen=True, slots=True)
class SeatLost:
    """A seat was taken from an operator who stayed away or was wrong."""

    at: At
    operator: Address
    class_id: bytes
    convicted: bool
    taken: int
    seats: int
    leaving: int


@dataclass(frozen=True, slots=True)
class GroupAsked:
    """An operator wants to belong to a leader's group."""

    at: At
    operator: Address
    leader: Address


@dataclass(frozen=True, slots=True)
class GroupJoined:
    """An operator belongs to a leader's group; to his own when they are equal."""

    at: At
    operator: Address
    leader: Address


@dataclass(frozen=True, slots=True)
class ScoreChanged:
    """A record changed."""

    at: At
    operator: Address
    class_id: bytes
    score: int
    fault: bool


BountyFact: TypeAlias = BountyCreated | BountyCancelled | BountyClosed | InputPaid
ClaimFact: TypeAlias = (
    UnitsClaimed
    | WorkCommitted
    | AuditArmed
    | AuditDrawn
    | AuditCommitted
    | WorkRevealed
    | AuditRevealed
    | AuditMissed
    | ClaimFinalized
    | ClaimExpired
    | ClaimHeld
    | ClaimUpheld
    | ClaimSlashed
    | ClaimVoided
    | ClassSuspect
)
PoolFact: TypeAlias = Enlisted | Resigned | SeatsFreed | SeatLost | GroupAsked | GroupJoined | ScoreChanged
