"""Profit splits: an asset is paid, its parents and contributors claim what is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from thenar.domain.actions import (
    LinkParents,
    PayAsset,
    RollShare,
    TakeOwn,
)
from thenar.domain.catalog import Catalog
from thenar.domain.ids import Address, AssetId
from thenar.domain.revenue import Parent
from thenar.errors import BadInput, Refused
from thenar.services.claiming import Claims
from thenar.services.escrow import collect_earned
from thenar.services.licensing import Trade, approve
from thenar.services.payouts import known, owned
from thenar.services.ports import Peers, Receipt, Store

Edge = tuple[AssetId, AssetId]
"""Child and parent."""
PASSES = 8
"""How often a claim looks again for what its own claims made due."""


@dataclass(frozen=True, slots=True)
class Earned:
    """What a claim moved, in token units, and the transactions that did it."""

    rolled: int
    own: int
    leaves: int
    streams: int = 0
    receipts: tuple[Receipt, ...] = ()
    passed_over: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """What reached the account."""
        return self.own + self.leaves + self.streams


async def pay(trade: Trade, asset: AssetId, amount: int, ref: bytes) -> Receipt:
    """Pay an asset from the wallet; everybody upstream shares. Raises NotFound, BadInput, Poor."""
    known(trade.belief.catalog, asset)
    if amount <= 0:
        raise BadInput("the amount must be above zero")
    await approve(trade, amount)
    receipt = await trade.send(f"pay/{asset}", PayAsset(asset, amount, ref))
    await trade.seen(receipt)
    return receipt


async def link(trade: Trade, child: AssetId, shares: Mapping[AssetId, int]) -> Receipt:
    """Give parents shares (parts per million) of the child's future income; never taken back."""
    owned(trade, child)
    parents = tuple(Parent(asset, shares[asset]) for asset in sorted(shares))
    receipt = await trade.send(f"link/{child}", LinkParents(child, parents))
    await trade.seen(receipt)
    return receipt


async def claim(trade: Trade, store: Store, peers: Peers) -> Earned:
    """Bring everything owed to this account into it: what licenses earned by the second, shares rolled up, payout
    leaves, own parts.

    A payout whose tree cannot be had, or is not the one published, is passed over and named in the answer: nobody
    can keep others from their income with a payout of his own.
    """
    claims = Claims(trade, store, peers)
    streams = await collect_earned(trade, claims)
    rolled = leaves = 0
    for _ in range(PASSES):
        moved = await _roll_up(trade, claims)
        found = 0
        for published in [p for income in trade.belief.catalog.income.values() for p in income.payouts]:
            found += await claims.from_payout(published)
        rolled, leaves = rolled + moved, leaves + found
        if not found:
            break  # leaves may have paid derived assets, whose income rolls on
    own = await _take_own(trade, claims)
    return Earned(rolled, own, leaves, streams, tuple(claims.receipts), tuple(claims.passed_over.values()))


async def roll(trade: Trade, child: AssetId, parent: AssetId) -> tuple[int, Receipt]:
    """Move a parent's share of a child's income up to it; anybody may. Raises NotFound, Refused when nothing is due."""
    for asset in (child, parent):
        known(trade.belief.catalog, asset)
    amount = trade.belief.catalog.income_of(child).roll_due(parent)
    if amount <= 0:
        raise Refused(f"{child} owes {parent} nothing now", next_step="`thenar revenue show` lists shares and dues")
    receipt = await trade.send(f"roll/{child}/{parent}", RollShare(child, parent))
    await trade.seen(receipt)
    return amount, receipt


async def _roll_up(trade: Trade, claims: Claims) -> int:
    """Roll every share that ends in an asset of this account, from the leaves of the graph upwards."""
    rolled, done = 0, set[Edge]()
    while (edge := _next_roll(trade.belief.catalog, trade.me, done)) is not None:
        child, parent = edge
        amount = trade.belief.catalog.income_of(child).roll_due(parent)
        if not await claims.send(f"roll/{child}/{parent}", RollShare(child, parent)):
            done.add(edge)
        elif trade.belief.catalog.assets[parent].owner == trade.me:
            rolled += amount
    return rolled


def _next_roll(catalog: Catalog, me: Address, done: set[Edge]) -> Edge | None:
    """A due share towards this account whose child waits for no share itself."""
    beneath = {asset.id for asset in catalog.assets.values() if asset.owner == me}
    edges = [(child, parent) for child, income in catalog.income.items() for parent in income.parents]
    while more := {child for child, parent in edges if parent in beneath} - beneath:
        beneath |= more
    due = [
        (child, parent)
        for child, parent in edges
        if parent in beneath and (child, parent) not in done and catalog.income_of(child).roll_due(parent) > 0
    ]
    waiting = {parent for _, parent in due}
    return next((edge for edge in due if edge[0] not in waiting), None)


async def _take_own(trade: Trade, claims: Claims) -> int:
    own = 0
    for asset in [a.id for a in trade.belief.catalog.assets.values() if a.owner == trade.me]:
        due = trade.belief.catalog.income_of(asset).own_due()
        if due > 0 and await claims.send(f"own/{asset}", TakeOwn(asset)):
            own += due
    return own
