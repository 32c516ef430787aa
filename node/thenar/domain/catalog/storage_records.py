"""What a catalog keeps of replicas, pledges and rounds."""

from __future__ import annotations

from dataclasses import dataclass, field

from thenar.domain.ids import Address, AssetId
from thenar.domain.storage.pledges import Held, PledgedRoot


@dataclass(slots=True)
class ReplicaRecord:
    """A ciphertext that is to be kept, and who keeps it."""

    held: Held
    asset: AssetId
    lister: Address
    cid: str
    holder: Address | None = None


@dataclass(frozen=True, slots=True)
class PledgeRecord:
    """A pledge: its root, the first round that asks for it, and over which replicas it is.

    ``replicas`` are those the node had taken when it pledged; empty when the root is over others, which earns nothing.
    """

    pledged: PledgedRoot
    number: int
    since: int
    replicas: tuple[Held, ...]


@dataclass(slots=True)
class AnswerDemandRecord:
    """An answer somebody wants to see."""

    by: Address
    show_by: int
    over: bool = False


@dataclass(slots=True)
class StorageRecord:
    """What a node pledged and how it answered. Rounds count from 1."""

    node: Address
    bond: int = 0
    pledges: list[PledgeRecord] = field(default_factory=list)  # of this stay, oldest first
    until: int | None = None  # first round without a pledge
    answers: dict[int, bytes] = field(default_factory=dict)
    missed: set[int] = field(default_factory=set)
    demands: dict[tuple[int, int], AnswerDemandRecord] = field(default_factory=dict)
    convicted: set[int] = field(default_factory=set)  # rounds with an answer that was not shown

    def pledge_in(self, round_: int) -> PledgeRecord | None:
        """What a round asks this node for, or None."""
        if self.until is not None and round_ >= self.until:
            return None
        return next((one for one in reversed(self.pledges) if one.since <= round_), None)

    def proved(self, round_: int) -> PledgeRecord | None:
        """What this node earns for in a round: a pledge over what it took, answered and not disproved."""
        pledge = self.pledge_in(round_)
        answered = round_ in self.answers and round_ not in self.convicted
        return pledge if pledge is not None and pledge.replicas and answered else None


@dataclass(slots=True)
class RoundRecord:
    """A round of proofs."""

    number: int
    seed_block: int
    opened: int  # block it was opened in
    seed: bytes = b""
    answer_by: int = 0
