"""Calls about disputed work: places that are demanded, cases before the SegmentCourt, juries and their votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address, ClaimId, DisputeId
from thenar.domain.work.aggregates import Aggregation
from thenar.domain.work.disputes import Children, Opening


@dataclass(frozen=True, slots=True)
class DemandPlace:
    """Demand to see the trace at a place of a revealed claim."""

    claim_id: ClaimId
    place: int


@dataclass(frozen=True, slots=True)
class ShowPlace:
    """Show the trace at a demanded place, with the siblings that lead to it."""

    claim_id: ClaimId
    place: int
    trace: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LapseDemand:
    """End a demand that nobody answered in time."""

    claim_id: ClaimId
    place: int


@dataclass(frozen=True, slots=True)
class DisagreeClaim:
    """Bring a claim before the court whose auditor revealed another trace."""

    claim_id: ClaimId
    place: int
    claimed: bytes
    path_claimed: tuple[bytes, ...]
    other: bytes
    path_other: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ChallengeClaim:
    """Bring a claim before the court, for a bond, with another trace."""

    claim_id: ClaimId
    place: int
    claimed: bytes
    path: tuple[bytes, ...]
    other: bytes


@dataclass(frozen=True, slots=True)
class OpenCanary:
    """Bring a claim before the court that differs from an answer hidden in the bounty."""

    claim_id: ClaimId
    place: int
    claimed: bytes
    path_claimed: tuple[bytes, ...]
    answer: bytes
    salt: bytes
    path_answer: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PostChildren:
    """Show the children of the claim's node."""

    dispute: DisputeId
    children: Children


@dataclass(frozen=True, slots=True)
class AnswerChildren:
    """Show the children of both nodes and go down to the first that differ."""

    dispute: DisputeId
    claims: Children
    others: Children


@dataclass(frozen=True, slots=True)
class NarrowCase:
    """Go down with the children of both nodes, a row for each level, and post the agreed state when there is one."""

    dispute: DisputeId
    claims: tuple[Children, ...]
    others: tuple[Children, ...]
    state: bytes
    path: tuple[Children, ...]


@dataclass(frozen=True, slots=True)
class PostState:
    """Post the state both sides agree on, with the siblings left of the way down to it."""

    dispute: DisputeId
    state: bytes
    path: tuple[Children, ...]


@dataclass(frozen=True, slots=True)
class ComputeSum:
    """Have the chain compute the disputed leaf of a sum; ``values`` are all numbers, ``before`` is the coordinate as it
    was, with the way from it to what the aggregation names."""

    dispute: DisputeId
    opening: Opening
    sum: Aggregation
    values: bytes
    before: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FlagCase:
    """Close a case against the side whose clock has run out."""

    dispute: DisputeId


@dataclass(frozen=True, slots=True)
class DrawJury:
    """Draw the next panel."""

    dispute: DisputeId
    opening: Opening


@dataclass(frozen=True, slots=True)
class CommitVote:
    """Commit to a vote as the juror at a place of the panel."""

    dispute: DisputeId
    panel: tuple[Address, ...]
    place: int
    commitment: bytes


@dataclass(frozen=True, slots=True)
class RevealVote:
    """Reveal the leaf this juror computed."""

    dispute: DisputeId
    leaf: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class RuleCase:
    """Count the votes of a panel."""

    dispute: DisputeId


@dataclass(frozen=True, slots=True)
class AppealCase:
    """Ask for the next panel, for a bond."""

    dispute: DisputeId


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Carry out a ruling nobody can appeal any more."""

    dispute: DisputeId


@dataclass(frozen=True, slots=True)
class CollectFee:
    """Pay a juror who voted with the ruling."""

    dispute: DisputeId
    round: int
    juror: Address


@dataclass(frozen=True, slots=True)
class FineAbsent:
    """Fine a juror who did not vote."""

    dispute: DisputeId
    opening: Opening
    round: int
    panel: tuple[Address, ...]
    place: int


CourtAction: TypeAlias = (
    DemandPlace
    | ShowPlace
    | LapseDemand
    | DisagreeClaim
    | ChallengeClaim
    | OpenCanary
    | PostChildren
    | AnswerChildren
    | NarrowCase
    | PostState
    | ComputeSum
    | FlagCase
    | DrawJury
    | CommitVote
    | RevealVote
    | RuleCase
    | AppealCase
    | CloseCase
    | CollectFee
    | FineAbsent
)
