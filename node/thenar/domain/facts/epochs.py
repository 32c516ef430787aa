"""Facts about epochs: pools, usage fees, roots of rewards and claims. Amounts in ThenarToken units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.epochs.pools import EpochParams, EpochRoot
from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, DisputeId
from thenar.domain.work.disputes import Ruling


@dataclass(frozen=True, slots=True)
class EpochTerms:
    """The terms of this deployment, as epoch 1 began with its pool."""

    at: At
    params: EpochParams
    pool: int
    opened_at: int


@dataclass(frozen=True, slots=True)
class EpochClosed:
    """An epoch is over: what came before this fact belongs to it, what comes after to the next."""

    at: At
    epoch: int
    pool: int
    granted: int
    burnt: int
    next_pool: int
    closed_at: int


@dataclass(frozen=True, slots=True)
class UsagePaid:
    """Somebody paid for using an asset, and a part of it was burnt."""

    at: At
    asset: AssetId
    payer: Address
    owner: Address
    amount: int
    burnt: int
    epoch: int


@dataclass(frozen=True, slots=True)
class RootProposed:
    """Somebody answers for an epoch's root."""

    at: At
    proposer: Address
    root: EpochRoot
    until: int


@dataclass(frozen=True, slots=True)
class RootChallenged:
    """Another root is held against the proposed one."""

    at: At
    dispute: DisputeId
    challenger: Address
    held: EpochRoot


@dataclass(frozen=True, slots=True)
class RootJudged:
    """The court ruled about an epoch's root, and where the loser's bond went."""

    at: At
    dispute: DisputeId
    epoch: int
    ruling: Ruling
    to_winner: int
    to_jurors: int
    burnt: int


@dataclass(frozen=True, slots=True)
class RootSettled:
    """Accounts claim under this root from now on."""

    at: At
    root: EpochRoot


@dataclass(frozen=True, slots=True)
class RewardClaimed:
    """An account has had ``amount`` since the beginning, ``due`` of it now."""

    at: At
    account: Address
    due: int
    amount: int


EpochFact: TypeAlias = (
    EpochTerms | EpochClosed | UsagePaid | RootProposed | RootChallenged | RootJudged | RootSettled | RewardClaimed
)
