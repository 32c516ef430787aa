"""Payouts worked out in Python: trees over the node's own implementation, and the calls that publish and claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brownie import chain

from thenar.domain.ids import Address, AssetId
from thenar.domain.revenue import Beneficiary, ClaimLeaf
from thenar.domain.sumtree import Scope, Share, SumTree

OWNER, NODE, ACCOUNT = Beneficiary.OWNER, Beneficiary.NODE, Beneficiary.ACCOUNT
WHOLE = 1_000_000
LICENSES, MANIFEST, REF = b"\x4c" * 32, b"\x4d" * 32, b"\x52" * 32


def scope(graph: Any, asset: bytes, payout: int = 1) -> Scope:
    """Return the scope of an asset's payout on the running chain."""
    return Scope(chain.id, Address(str(graph).lower()), AssetId("0x" + asset.hex()), payout)


def to_account(account: Any, weight: int) -> Share:
    """Return a share of a plain address."""
    return Share(ACCOUNT, bytes(12) + bytes.fromhex(str(account)[2:]), weight)


def to_owner(asset: bytes, weight: int) -> Share:
    """Return a share of whoever owns an asset."""
    return Share(OWNER, asset, weight)


def to_node(asset: bytes, weight: int) -> Share:
    """Return a share of an asset's own node."""
    return Share(NODE, asset, weight)


def as_call(leaf: ClaimLeaf) -> tuple[Any, ...]:
    """Return a claim as the contract takes it."""
    return (leaf.index, int(leaf.kind), leaf.beneficiary, leaf.weight, list(leaf.siblings), list(leaf.sums))


def publish(graph: Any, asset: bytes, shares: Sequence[Share], owner: Any, payout: int = 1) -> SumTree:
    """Build and publish an asset's next payout, whose number the caller knows."""
    tree = SumTree.build(scope(graph, asset, payout), shares)
    publish_root(graph, asset, tree.root, tree.total_weight, tree.depth, owner)
    return tree


def publish_root(graph: Any, asset: bytes, root: bytes, total: int, depth: int, owner: Any) -> Any:
    """Publish a payout by its numbers alone; returns the transaction."""
    return graph.publishPayout(asset, root, total, depth, LICENSES, MANIFEST, {"from": owner})


def claim(graph: Any, tree: SumTree, index: int, anyone: Any) -> Any:
    """Claim one leaf; returns the transaction."""
    asset = bytes.fromhex(tree.scope.asset[2:])
    return graph.claim(asset, tree.scope.payout, as_call(tree.prove(index)), {"from": anyone})
