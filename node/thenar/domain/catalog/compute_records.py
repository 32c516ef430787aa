"""What a catalog keeps of bounties for computing, of claims, of who works, and of disputes."""

from __future__ import annotations

from dataclasses import dataclass, field

from thenar.domain import facts as f
from thenar.domain.ids import Address, AnswerId, AssetId, BountyId, ClaimId, DisputeId
from thenar.domain.work import aggregates
from thenar.domain.work.bounties import GIVEN_BACK, OVER, AuditStage, ClaimStage, Job
from thenar.domain.work.disputes import Children, Ground, Opening, Phase, Ruling


@dataclass(slots=True)
class BountyRecord:
    """Work that is asked for, and what was spent on it."""

    id: BountyId
    requester: Address
    job: Job
    budget: int
    created: f.At
    claims: list[ClaimId] = field(default_factory=list)
    held: int = 0  # units that are claimed or done
    done: int = 0
    paid: int = 0  # to workers
    audit_paid: int = 0
    input_paid: int = 0
    inputs: int = 0  # units the input asset was paid for
    refunded: int = 0
    cancelled: bool = False
    closed: bool = False

    @property
    def open_units(self) -> int:
        """Units nobody has claimed or done."""
        return 0 if self.cancelled or self.closed else self.job.units - self.held

    @property
    def sums(self) -> bool:
        """Whether the chain computes any of it itself."""
        return self.job.class_id == aggregates.CLASS

    @property
    def locked(self) -> int:
        """What is left of the money that was locked for it."""
        return 0 if self.closed else self.budget - self.paid - self.audit_paid - self.input_paid


@dataclass(slots=True)
class DemandRecord:
    """Somebody's wish to see a place of a claim."""

    by: Address
    bond: int
    show_by: int
    over: bool = False
    shown: tuple[bytes, tuple[bytes, ...]] | None = None  # the trace's root, and its siblings in the claim's tree


@dataclass(slots=True)
class ClaimRecord:
    """Units one worker has claimed, from the claim to its end."""

    id: ClaimId
    bounty: BountyId
    worker: Address
    first: int
    count: int
    claimed: f.At
    by: int  # unix seconds: to commit, then to reveal, then until which it is held
    started: int = 0  # unix seconds: when it was claimed; sooner, for one that ends with its bounty
    stage: ClaimStage = ClaimStage.CLAIMED
    audit: AuditStage = AuditStage.NONE
    committed: f.At | None = None
    draw_block: int = 0
    draws: int = 0
    retro: bool = False
    auditor: Address | None = None
    audit_by: int = 0
    seed: bytes = bytes(32)
    bps: int = 0
    root: bytes | None = None
    outputs: bytes | None = None
    audit_root: bytes | None = None
    demands: dict[int, DemandRecord] = field(default_factory=dict)
    dispute: DisputeId | None = None
    paid: int = 0
    audit_paid: int = 0
    lost: int = 0  # of its stake
    ended: f.At | None = None

    @property
    def units(self) -> range:
        """The units it covers."""
        return range(self.first, self.first + self.count)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.stage not in OVER

    @property
    def gives_back(self) -> bool:
        """Whether its units are open again."""
        return self.stage in GIVEN_BACK


@dataclass(slots=True)
class MemberRecord:
    """What an operator is to a determinism class."""

    operator: Address
    class_id: bytes
    probe: bytes
    seats: int = 0
    leaving: int = 0
    free_at: int = 0
    score: int = 0
    convicted: f.At | None = None


@dataclass(slots=True)
class PanelRecord:
    """A jury round: who sits on it, and their votes as far as they were shown."""

    members: tuple[Address, ...]
    commit_until: int
    reveal_until: int
    committed: set[Address] = field(default_factory=set)
    revealed: dict[Address, bytes] = field(default_factory=dict)
    settled: set[Address] = field(default_factory=set)  # paid or fined


@dataclass(slots=True)
class CaseRecord:
    """A dispute before the court."""

    id: DisputeId
    opening: Opening
    opened_at: int
    level: int
    claim_node: bytes
    other_node: bytes
    claim: ClaimId | None = None
    answer: AnswerId | None = None
    accusation: bytes | None = None
    epoch: int | None = None
    word: tuple[AssetId, Address] | None = None  # of a witness, by capture and witness
    opponent: Address | None = None
    ground: Ground = Ground.NONE
    place: int = 0
    phase: Phase = Phase.NARROWING
    first: int = 0
    agreed: bytes = bytes(32)
    agreed_level: int = 0
    shown: Children | None = None  # the claim's, while the other side is to answer
    state: bytes | None = None
    round: int = 0
    draw_block: int = 0
    panels: dict[int, PanelRecord] = field(default_factory=dict)
    ruling: Ruling = Ruling.NONE
    until: int = 0
    appeals: dict[int, Address] = field(default_factory=dict)
    judged: bool = False
    fee: int = 0
    to_winner: int = 0
    to_jurors: int = 0
    burnt: int = 0

    @classmethod
    def opened(cls, fact: f.CaseOpened) -> CaseRecord:
        """A case at its beginning: both roots differ and nothing is narrowed."""
        made = fact.opening
        return cls(fact.dispute, made, fact.opened_at, made.depth, made.claim_root, made.other_root)

    @property
    def segment(self) -> int:
        """The disputed segment once it is narrowed: it leads to leaf ``first``; -1 for the first state itself."""
        return self.first - 1
