"""Facts about registered nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address


@dataclass(frozen=True, slots=True)
class NodeRegistered:
    """A node joined, or changed its key or roles."""

    at: At
    operator: Address
    peer_key: bytes
    roles: int
    stake: int


@dataclass(frozen=True, slots=True)
class StakeAdded:
    """Stake was added."""

    at: At
    operator: Address
    amount: int
    stake: int


@dataclass(frozen=True, slots=True)
class Unbonding:
    """Stake began to leave."""

    at: At
    operator: Address
    amount: int
    unbonded_at: int


@dataclass(frozen=True, slots=True)
class StakeWithdrawn:
    """Stake left to the operator's account."""

    at: At
    operator: Address
    amount: int


@dataclass(frozen=True, slots=True)
class NodeLeft:
    """A node left altogether."""

    at: At
    operator: Address


@dataclass(frozen=True, slots=True)
class StakeBound:
    """Stake answers for a duty; ``bound`` is all that is bound now."""

    at: At
    operator: Address
    binder: Address
    amount: int
    bound: int


@dataclass(frozen=True, slots=True)
class StakeUnbound:
    """Stake is free again."""

    at: At
    operator: Address
    binder: Address
    amount: int
    bound: int


@dataclass(frozen=True, slots=True)
class StakeSeized:
    """Bound stake was lost."""

    at: At
    operator: Address
    binder: Address
    amount: int
    stake: int
    bound: int


@dataclass(frozen=True, slots=True)
class MinimumStakeChanged:
    """Governance changed the smallest stake of newcomers."""

    at: At
    minimum_stake: int


NodeFact: TypeAlias = (
    NodeRegistered
    | StakeAdded
    | Unbonding
    | StakeWithdrawn
    | NodeLeft
    | StakeBound
    | StakeUnbound
    | StakeSeized
    | MinimumStakeChanged
)
