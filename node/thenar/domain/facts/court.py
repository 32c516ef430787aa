"""Facts about disputed work: demands and disputes of claims, and cases before the SegmentCourt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, ClaimId, DisputeId
from thenar.domain.work.disputes import Opening, Ruling


@dataclass(frozen=True, slots=True)
class PlaceDemanded:
    """Somebody wants to see the trace at a place of a claim, before ``show_by``."""

    at: At
    claim: ClaimId
    place: int
    by: Address
    bond: int
    show_by: int


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """The place was shown, with the siblings that lead from it to the claim's root."""

    at: At
    claim: ClaimId
    place: int
    by: Address
    trace: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DemandLapsed:
    """A demand is over without an answer."""

    at: At
    claim: ClaimId
    place: int
    by: Address
    convicted: bool


@dataclass(frozen=True, slots=True)
class ClaimDisputed:
    """Two traces of a unit are before the court."""

    at: At
    dispute: DisputeId
    claim: ClaimId
    opponent: Address
    ground: int
    place: int
    claimed: bytes
    other: bytes
    bond: int


@dataclass(frozen=True, slots=True)
class DisputeResolved:
    """The court ruled, and where the loser's money went."""

    at: At
    dispute: DisputeId
    claim: ClaimId
    ruling: Ruling
    to_winner: int
    to_jurors: int
    burnt: int


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case was opened."""

    at: At
    dispute: DisputeId
    opening: Opening
    opened_at: int


@dataclass(frozen=True, slots=True)
class ChildrenPosted:
    """The claim's side showed the children of its node."""

    at: At
    dispute: DisputeId
    children: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class CaseNarrowed:
    """The two sides first differ in these nodes and agree left of them."""

    at: At
    dispute: DisputeId
    level: int
    first: int
    claim_node: bytes
    other_node: bytes
    agreed: bytes
    agreed_level: int


@dataclass(frozen=True, slots=True)
class StatePosted:
    """The state at the start of the disputed segment."""

    at: At
    dispute: DisputeId
    state: bytes


@dataclass(frozen=True, slots=True)
class JuryArmed:
    """A panel of this round can be drawn by the hash of this block."""

    at: At
    dispute: DisputeId
    round: int
    draw_block: int


@dataclass(frozen=True, slots=True)
class JuryDrawn:
    """A panel was drawn."""

    at: At
    dispute: DisputeId
    round: int
    panel: tuple[Address, ...]
    commit_until: int
    reveal_until: int


@dataclass(frozen=True, slots=True)
class VoteCommitted:
    """A juror committed to a vote."""

    at: At
    dispute: DisputeId
    round: int
    juror: Address
    commitment: bytes


@dataclass(frozen=True, slots=True)
class VoteRevealed:
    """A juror computed this leaf."""

    at: At
    dispute: DisputeId
    round: int
    juror: Address
    leaf: bytes


@dataclass(frozen=True, slots=True)
class CaseRuled:
    """A panel ruled, or none could; until then it can be appealed."""

    at: At
    dispute: DisputeId
    round: int
    ruling: Ruling
    until: int


@dataclass(frozen=True, slots=True)
class CaseAppealed:
    """Somebody laid down a bond for another panel."""

    at: At
    dispute: DisputeId
    round: int
    appellant: Address
    bond: int


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """A case is over; ``fee`` is what each juror has for a vote with the ruling."""

    at: At
    dispute: DisputeId
    ruling: Ruling
    judged: bool
    fee: int


@dataclass(frozen=True, slots=True)
class JurorPaid:
    """A juror was paid for a vote."""

    at: At
    dispute: DisputeId
    round: int
    juror: Address
    fee: int


@dataclass(frozen=True, slots=True)
class JurorFined:
    """A juror who did not vote lost a part of his stake."""

    at: At
    dispute: DisputeId
    round: int
    juror: Address
    by: Address
    fine: int


DisputeFact: TypeAlias = PlaceDemanded | PlaceShown | DemandLapsed | ClaimDisputed | DisputeResolved
CourtFact: TypeAlias = (
    CaseOpened
    | ChildrenPosted
    | CaseNarrowed
    | StatePosted
    | JuryArmed
    | JuryDrawn
    | VoteCommitted
    | VoteRevealed
    | CaseRuled
    | CaseAppealed
    | CaseClosed
    | JurorPaid
    | JurorFined
)
