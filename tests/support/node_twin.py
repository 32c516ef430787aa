"""The node registry's rules in plain Python, without a chain: the model that its stateful test compares it with."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from nodes import KEY, STORE, NodeRecord

Refusal = tuple[Any, ...] | None  # the error's name and values, or None when the call must go through


@dataclass(slots=True)
class Node:
    """One operator's stake."""

    stake: int = 0
    unbonding: int = 0
    unbonded_at: int = 0


class NodeTwin:
    """Nodes by operator; every verb returns the refusal it expects."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum
        self.nodes: dict[Hashable, Node] = {}

    def record(self, operator: Hashable) -> NodeRecord:
        """Return what the contract must store."""
        node = self.nodes.get(operator)
        if node is None:
            return NodeRecord()
        return NodeRecord(KEY, node.stake, node.unbonding, node.unbonded_at, STORE)

    def join(self, operator: Hashable, stake: int) -> Refusal:
        """Register, or register again."""
        node = self.nodes.get(operator, Node())
        if node.stake == 0 and stake < self.minimum:
            return "NodeRegistry_StakeTooSmall", stake, self.minimum
        node.stake += stake
        self.nodes[operator] = node
        return None

    def add(self, operator: Hashable, amount: int) -> Refusal:
        """Add stake."""
        if amount == 0:
            return "Ledger_NothingReceived", operator, 0
        if operator not in self.nodes:
            return "NodeRegistry_NotRegistered", operator
        return self.join(operator, amount)

    def unbond(self, operator: Hashable, amount: int) -> Refusal:
        """Start to take out stake; the caller sets the clock."""
        node = self.nodes.get(operator)
        if node is None:
            return "NodeRegistry_NotRegistered", operator
        if amount > node.stake:
            return "NodeRegistry_NotEnough", node.stake, amount
        stays = node.stake - amount
        if 0 < stays < self.minimum:
            return "NodeRegistry_StakeTooSmall", stays, self.minimum
        node.stake = stays
        node.unbonding += amount
        return None

    def withdraw(self, operator: Hashable, now: int) -> Refusal:
        """Take out what has become free; the node is gone when nothing is left."""
        node = self.nodes.get(operator)
        if node is None or node.unbonded_at == 0:
            return "NodeRegistry_NothingUnbonding", operator
        if now < node.unbonded_at:
            return "NodeRegistry_StillBonded", node.unbonded_at
        node.unbonding = node.unbonded_at = 0
        if node.stake == 0:
            del self.nodes[operator]
        return None
