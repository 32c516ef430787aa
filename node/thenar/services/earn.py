"""Profit splits: an asset is paid, its parents and contributors claim what is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import trio

from thenar.domain import sumtree
from thenar.domain.actions import (
    Action,
    ClaimLeaves,
    LinkParents,
    PayAsset,
    PublishPayout,
    RollShare,
    TakeOwn,
    Withdraw,
)
from thenar.domain.catalog import Catalog
from thenar.domain.facts import PayoutPublished
from thenar.domain.ids import DAG_PB, RAW, Address, AssetId, Cid, PeerId
from thenar.domain.revenue import Beneficiary, Parent
from thenar.errors import BadInput, Corrupt, NotFound, Poor, Refused, Reverted, Unavailable
from thenar.services.licensing import Trade, approve
from thenar.services.ports import Peers, Receipt, Store, one_part
from thenar.services.records import sources

TREE_LIMIT = 84 + 45 * (1 << 20)
"""Bytes a published payout tree may have: 2^20 shares."""
LEAVES_AT_ONCE = 32
"""Leaves claimed in one transaction, far below the gas limit of one."""
Edge = tuple[AssetId, AssetId]
"""Child and parent."""
ANSWER_SECONDS, ANSWER_LOOKS = 5.0, 20
"""How long a claim waits for a holder of a payout's tree to answer."""
PASSES = 8
"""How often a claim looks again for what its own claims made due."""


@dataclass(frozen=True, slots=True)
class Earned:
    """What a claim moved, in token units, and the transactions that did it."""

    rolled: int
    own: int
    leaves: int
    receipts: tuple[Receipt, ...] = ()
    passed_over: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """What reached the account."""
        return self.own + self.leaves


async def pay(trade: Trade, asset: AssetId, amount: int, ref: bytes) -> Receipt:
    """Pay an asset from the wallet; everybody upstream shares. Raises NotFound, BadInput, Poor."""
    _known(trade.belief.catalog, asset)
    if amount <= 0:
        raise BadInput("the amount must be above zero")
    await approve(trade, amount)
    receipt = await trade.send(f"pay/{asset}", PayAsset(asset, amount, ref))
    await trade.seen(receipt)
    return receipt


async def link(trade: Trade, child: AssetId, shares: Mapping[AssetId, int]) -> Receipt:
    """Give parents shares (parts per million) of the child's future income; never taken back."""
    _owned(trade, child)
    parents = tuple(Parent(asset, shares[asset]) for asset in sorted(shares))
    receipt = await trade.send(f"link/{child}", LinkParents(child, parents))
    await trade.seen(receipt)
    return receipt


async def publish_payout(trade: Trade, store: Store, asset: AssetId, weights: Mapping[AssetId, int]) -> Receipt:
    """Share the asset's own part by weight among the owners of other assets, from now on.

    The tree goes into the store first, so that every contributor can find its proof without asking anyone.
    """
    _owned(trade, asset)
    number = len(trade.belief.catalog.income_of(asset).payouts) + 1
    scope = sumtree.Scope(trade.chain.chain_id, trade.chain.contract("RevenueGraph"), asset, number)
    shares = [
        sumtree.Share(Beneficiary.OWNER, bytes.fromhex(contributor[2:]), weights[contributor])
        for contributor in sorted(weights)
    ]
    tree = sumtree.SumTree.build(scope, shares)
    stored = await store.add(one_part(sumtree.encode(scope, shares)))
    action = PublishPayout(asset, tree.root, tree.total_weight, tree.depth, bytes(32), stored.root.digest)
    receipt = await trade.send(f"payout/{asset}", action)
    await trade.seen(receipt)
    return receipt


async def claim(trade: Trade, store: Store, peers: Peers) -> Earned:
    """Bring everything owed to this account into it: shares rolled up, payout leaves, own parts.

    A payout whose tree cannot be had, or is not the one published, is passed over and named in the answer: nobody
    can keep others from their income with a payout of his own.
    """
    receipts, passed_over = list[Receipt](), dict[tuple[AssetId, int], str]()
    rolled = leaves = 0
    for _ in range(PASSES):
        moved = await _roll_up(trade, receipts)
        found = 0
        for published in [p for income in trade.belief.catalog.income.values() for p in income.payouts]:
            found += await _claim_payout(trade, store, peers, published, receipts, passed_over)
        rolled, leaves = rolled + moved, leaves + found
        if not found:
            break  # leaves may have paid derived assets, whose income rolls on
    own = await _take_own(trade, receipts)
    return Earned(rolled, own, leaves, tuple(receipts), tuple(passed_over.values()))


async def _roll_up(trade: Trade, receipts: list[Receipt]) -> int:
    """Roll every share that ends in an asset of this account, from the leaves of the graph upwards."""
    rolled, done = 0, set[Edge]()
    while (edge := _next_roll(trade.belief.catalog, trade.me, done)) is not None:
        child, parent = edge
        amount = trade.belief.catalog.income_of(child).roll_due(parent)
        if not await _send_due(trade, f"roll/{child}/{parent}", RollShare(child, parent), receipts):
            done.add(edge)
        elif trade.belief.catalog.assets[parent].owner == trade.me:
            rolled += amount
    return rolled


async def _send_due(trade: Trade, name: str, action: Action, receipts: list[Receipt]) -> bool:
    """Send what anybody may send; False when somebody did so first and nothing is left."""
    try:
        receipts.append(await trade.once.send(name, action))
    except Reverted as refused:
        if refused.name != "RevenueGraph_NothingDue":
            raise
        return False
    await trade.seen(receipts[-1])
    return True


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


async def _take_own(trade: Trade, receipts: list[Receipt]) -> int:
    own = 0
    for asset in [a.id for a in trade.belief.catalog.assets.values() if a.owner == trade.me]:
        due = trade.belief.catalog.income_of(asset).own_due()
        if due > 0 and await _send_due(trade, f"own/{asset}", TakeOwn(asset), receipts):
            own += due
    return own


async def _claim_payout(
    trade: Trade,
    store: Store,
    peers: Peers,
    published: PayoutPublished,
    receipts: list[Receipt],
    passed_over: dict[tuple[AssetId, int], str],
) -> int:
    income, name = trade.belief.catalog.income_of(published.asset), (published.asset, published.payout)
    if income.due(published.payout, -1, published.total_weight) <= 0 or name in passed_over:
        return 0
    try:
        scope, shares = await fetch_tree(trade, store, peers, published)
    except (Refused, Unavailable, Corrupt) as cause:
        passed_over[name] = f"payout {published.payout} of {published.asset}: {cause.message}"
        return 0
    mine = [
        index
        for index, share in enumerate(shares)
        if _is_mine(trade, share) and income.due(published.payout, index, share.weight) > 0
    ]
    if not mine:
        return 0
    tree = await trio.to_thread.run_sync(sumtree.SumTree.build, scope, shares)
    total = 0
    for start in range(0, len(mine), LEAVES_AT_ONCE):
        part = mine[start : start + LEAVES_AT_ONCE]
        due = sum(income.due(published.payout, index, shares[index].weight) for index in part)
        action = ClaimLeaves(published.asset, published.payout, tuple(tree.prove(index) for index in part))
        if await _send_due(trade, f"claim/{published.asset}/{published.payout}", action, receipts):
            total += due
    return total


def _is_mine(trade: Trade, share: sumtree.Share) -> bool:
    if share.kind is Beneficiary.ACCOUNT:
        return share.beneficiary[12:].hex() == trade.me[2:]
    if share.kind is Beneficiary.NODE:
        return False
    record = trade.belief.catalog.assets.get(AssetId("0x" + share.beneficiary.hex()))
    return record is not None and record.owner == trade.me


async def fetch_tree(
    trade: Trade, store: Store, peers: Peers, published: PayoutPublished
) -> tuple[sumtree.Scope, list[sumtree.Share]]:
    """A published payout's shares, from this store or the peers that hold the asset; checked against the chain.

    Raises Corrupt when the tree is not the one whose root was published, NotFound when nobody has it.
    """
    try:
        data = await _read_tree(store, published.manifest, await _holders(trade, peers, published.asset))
    except NotFound:
        found = await _ask_for_holders(trade, peers, published.asset)
        data = await _read_tree(store, published.manifest, found)
    scope, shares = await trio.to_thread.run_sync(sumtree.decode, data)
    expected = sumtree.Scope(
        trade.chain.chain_id, trade.chain.contract("RevenueGraph"), published.asset, published.payout
    )
    tree = await trio.to_thread.run_sync(sumtree.SumTree.build, scope, shares)
    if scope != expected or tree.root != published.root or tree.total_weight != published.total_weight:
        raise Corrupt(f"the tree published for payout {published.payout} of {published.asset} has another root")
    return scope, shares


async def _holders(trade: Trade, peers: Peers, asset: AssetId) -> list[PeerId]:
    known = await sources(trade.journal, asset)
    for source in known:
        peers.learn(source.peer, source.addresses)
    return [source.peer for source in known if source.peer != peers.me]


async def _ask_for_holders(trade: Trade, peers: Peers, asset: AssetId) -> list[PeerId]:
    """Say that an asset is wanted and wait a little for somebody who was not known to hold it."""
    before = await _holders(trade, peers, asset)
    await peers.announce("want", {"asset": asset})
    for _ in range(ANSWER_LOOKS):
        await trio.sleep(ANSWER_SECONDS / ANSWER_LOOKS)
        found = await _holders(trade, peers, asset)
        if found != before:
            return found
    return before


async def _read_tree(store: Store, digest: bytes, holders: list[PeerId]) -> bytes:
    for codec in (RAW, DAG_PB):
        cid = Cid.of(codec, digest)
        try:
            await store.fetch(cid, holders, limit=TREE_LIMIT)
        except NotFound:
            continue
        return b"".join([part async for part in store.read(cid)])
    raise NotFound("nobody reachable has the payout's tree", next_step="try again when its publisher is online")


async def withdraw(trade: Trade, to: Address, amount: int | None) -> Receipt:
    """Send tokens from the Ledger account to a wallet; everything when ``amount`` is None. Raises Poor."""
    held = (await trade.chain.wallet(trade.me)).account
    wanted = held if amount is None else amount
    if wanted > held or wanted <= 0:
        raise Poor(f"the account holds {held} token units", next_step="`thenar revenue claim` brings in what is owed")
    return await trade.send("withdraw", Withdraw(to, wanted))


def _known(catalog: Catalog, asset: AssetId) -> None:
    if asset not in catalog.assets:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")


def _owned(trade: Trade, asset: AssetId) -> None:
    _known(trade.belief.catalog, asset)
    owner = trade.belief.catalog.assets[asset].owner
    if owner != trade.me:
        raise Refused(f"{asset} belongs to {owner}, not to this account")
