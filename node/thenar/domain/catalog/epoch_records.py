"""What a catalog keeps of epochs: contributions as they come, and what each epoch made accounts due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from thenar.domain import facts as f
from thenar.domain.epochs.pools import EpochParams, EpochRoot, RootProposal
from thenar.domain.epochs.rules import Kind
from thenar.domain.epochs.shares import Contribution, Proved, Rate
from thenar.domain.ids import Address, AssetId, DisputeId


@dataclass(frozen=True, slots=True)
class RoundProof:
    """A node answered a round, over replicas of these assets."""

    node: Address
    round: int
    assets: frozenset[AssetId]


@dataclass(slots=True)
class EpochRecord:
    """An epoch, running or closed."""

    number: int
    pool: int
    opened_at: int
    contributions: list[Contribution] = field(default_factory=list)
    proofs: list[RoundProof] = field(default_factory=list)
    burnt: int = 0
    closed: f.At | None = None
    closed_at: int = 0
    granted: int = 0  # pools of all epochs up to this one
    rates: Mapping[Kind, Rate] = field(default_factory=dict)
    proved: Proved = field(default_factory=lambda: Proved(frozenset(), frozenset()))
    due: Counter[Address] = field(default_factory=Counter)
    """What accounts became due by its end."""


@dataclass(slots=True)
class EpochBook:
    """All epochs of a deployment, from 1; the last one runs."""

    params: EpochParams | None = None
    epochs: dict[int, EpochRecord] = field(default_factory=dict)
    worth: dict[AssetId, tuple[Kind, Address, int]] = field(default_factory=dict)
    """What a settled capture raised coverage by, whose it was, and what that is worth before trust."""
    listed: dict[AssetId, list[bytes]] = field(default_factory=dict)
    """Replicas of an asset in the order they were listed."""
    proposal: RootProposal | None = None
    dispute: DisputeId | None = None
    held: EpochRoot | None = None
    settled: EpochRoot | None = None
    roots: dict[int, EpochRoot] = field(default_factory=dict)
    """Settled roots by epoch."""
    claimed: Counter[Address] = field(default_factory=Counter)

    @property
    def running(self) -> EpochRecord | None:
        """The epoch that runs."""
        return self.epochs[max(self.epochs)] if self.epochs else None

    @property
    def newest(self) -> int:
        """The newest closed epoch, or 0."""
        return max(self.epochs, default=1) - 1

    def due(self, epoch: int) -> Counter[Address]:
        """What every account was due from the beginning to the end of a closed epoch."""
        total: Counter[Address] = Counter()
        for number in range(1, epoch + 1):
            total.update(self.epochs[number].due)
        return total
