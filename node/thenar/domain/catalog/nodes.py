"""How registered nodes change the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import NodeRecord
from thenar.domain.ids import Address, peer_id_of


def fold(catalog: Catalog, fact: f.NodeFact) -> None:
    """Add one fact."""
    match fact:
        case f.NodeRegistered():
            known = _forget_peer(catalog, fact.operator)
            catalog.operators.setdefault(peer_id_of(fact.peer_key), set()).add(fact.operator)
            fresh = NodeRecord(fact.operator, fact.peer_key, fact.roles, fact.stake)
            catalog.nodes[fact.operator] = (
                replace(fresh, unbonding=known.unbonding, unbonded_at=known.unbonded_at, bound=known.bound)
                if known
                else fresh
            )
        case f.StakeAdded():
            catalog.nodes[fact.operator].stake = fact.stake
        case f.Unbonding():
            node = catalog.nodes[fact.operator]
            node.stake, node.unbonding = node.stake - fact.amount, node.unbonding + fact.amount
            node.unbonded_at = fact.unbonded_at
        case f.StakeWithdrawn():
            node = catalog.nodes[fact.operator]
            node.unbonding, node.unbonded_at = 0, 0
        case f.StakeBound() | f.StakeUnbound():
            catalog.nodes[fact.operator].bound = fact.bound
        case f.StakeSeized():
            node = catalog.nodes[fact.operator]
            node.stake, node.bound = fact.stake, fact.bound
        case f.NodeLeft():
            _forget_peer(catalog, fact.operator)
        case f.MinimumStakeChanged():
            catalog.minimum_stake = fact.minimum_stake
        case _:
            assert_never(fact)


def _forget_peer(catalog: Catalog, operator: Address) -> NodeRecord | None:
    known = catalog.nodes.pop(operator, None)
    if known:
        catalog.operators[peer_id_of(known.peer_key)].discard(operator)
    return known
