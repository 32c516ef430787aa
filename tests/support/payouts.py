"""Payouts worked out in Python: trees over the node's own implementation, and the calls that publish and claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from brownie import chain, web3

from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.revenue import Beneficiary, ClaimLeaf
from thenar.domain.statements import Filing, LicenseSet, Statement
from thenar.domain.sumtree import Scope, Share, SumTree

OWNER, NODE, ACCOUNT = Beneficiary.OWNER, Beneficiary.NODE, Beneficiary.ACCOUNT
WHOLE = 1_000_000
MANIFEST, REF = b"\x4d" * 32, b"\x52" * 32
NO_LICENSES = LicenseSet.of(())


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


def as_asset(raw: bytes) -> AssetId:
    """Return an id as the node's own code spells it."""
    return AssetId("0x" + raw.hex())


def publish(graph: Any, asset: bytes, shares: Sequence[Share], owner: Any, payout: int = 1, **stated: Any) -> SumTree:
    """Build and publish an asset's next payout, whose number the caller knows."""
    tree = SumTree.build(scope(graph, asset, payout), shares)
    publish_root(graph, asset, tree.root, tree.total_weight, tree.depth, owner, **stated)
    return tree


def publish_root(
    graph: Any,
    asset: bytes,
    root: bytes,
    total: int,
    depth: int,
    owner: Any,
    licenses: LicenseSet = NO_LICENSES,
    bond: int = 0,
) -> Any:
    """Publish a payout by its numbers alone; returns the transaction."""
    plan = (root, total, depth, MANIFEST, licenses.root, len(licenses.assets), bond)
    return graph.publishPayout(asset, plan, {"from": owner})


def filing(graph: Any, asset: bytes, payout: int = 1) -> Filing:
    """Return a published payout spelled out, as its event tells it."""
    topic = keccak256(
        b"PayoutPublished(bytes32,uint32,bytes32,uint96,uint8,uint256,(address,uint40,uint96,bytes32,uint32),bytes32)"
    )
    place = {"address": str(graph), "fromBlock": 0, "toBlock": "latest"}
    topics = ["0x" + word.hex() for word in (topic, asset, payout.to_bytes(32, "big"))]
    data = bytes(web3.eth.get_logs(place | {"topics": topics})[-1]["data"])
    root, _, _, _, publisher, *numbers, licenses, count, _ = (data[at : at + 32] for at in range(0, len(data), 32))
    at, bond = (int.from_bytes(number, "big") for number in numbers)
    stated = Statement(Address("0x" + publisher[12:].hex()), at, bond, licenses, int.from_bytes(count, "big"))
    return Filing(as_asset(asset), payout, root, stated)


def claim(graph: Any, tree: SumTree, index: int, anyone: Any) -> Any:
    """Claim one leaf; returns the transaction."""
    asset = bytes.fromhex(tree.scope.asset[2:])
    return claim_leaf(graph, asset, tree.scope.payout, as_call(tree.prove(index)), anyone)


def claim_leaf(graph: Any, asset: bytes, payout: int, leaf: tuple[Any, ...], anyone: Any) -> Any:
    """Claim a leaf, right or wrong, of a published payout; returns the transaction."""
    return graph.claim(asset, payout, filing(graph, asset, payout).statement.hash, leaf, {"from": anyone})
