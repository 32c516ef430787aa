"""Profit splits: an asset is paid, its parents and contributors claim what is theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from thenar.domain import sumtree
from thenar.domain.actions import ClaimLeaves, LinkParents, PayAsset, PublishPayout, RollShare, TakeOwn, Withdraw
from thenar.domain.catalog import Catalog
from thenar.domain.facts import PayoutPublished
from thenar.domain.ids import DAG_PB, RAW, Address, AssetId, Cid, PeerId
from thenar.domain.revenue import Beneficiary, Parent
from thenar.errors import BadInput, Corrupt, NotFound, Poor, Refused
from thenar.services.licensing import Trade, approve
from thenar.services.once import send_next
from thenar.services.ports import Peers, Receipt, Store, one_part
from thenar.services.records import sources

TREE_LIMIT = 84 + 45 * (1 << 20)
"""Bytes a published payout tree may have: 2^20 shares."""
LEAVES_AT_ONCE = 32
"""Leaves claimed in one transaction, far below the gas limit of one."""


@dataclass(frozen=True, slots=True)
class Earned:
    """What a claim moved, in token units, and the transactions that did it."""

    rolled: int
    own: int
    leaves: int
    receipts: tuple[Receipt, ...] = field(default=())

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
    """Bring everything owed to this account into it: shares rolled up, payout leaves, own parts."""
    catalog, receipts = trade.belief.catalog, list[Receipt]()
    rolled = 0
    for child, parent, amount in list(_rolls(catalog, trade.me)):
        receipts.append(await trade.send(f"roll/{child}/{parent}", RollShare(child, parent)))
        rolled += amount
        await trade.seen(receipts[-1])
    leaves = 0
    for published in [p for income in trade.belief.catalog.income.values() for p in income.payouts]:
        leaves += await _claim_payout(trade, store, peers, published, receipts)
    own = 0
    for asset in [a.id for a in trade.belief.catalog.assets.values() if a.owner == trade.me]:
        due = trade.belief.catalog.income_of(asset).own_due()
        if due > 0:
            receipts.append(await send_next(trade.journal, trade.outbox, f"own/{asset}", TakeOwn(asset)))
            own += due
            await trade.seen(receipts[-1])
    return Earned(rolled, own, leaves, tuple(receipts))


def _rolls(catalog: Catalog, me: Address) -> Iterator[tuple[AssetId, AssetId, int]]:
    for child, income in catalog.income.items():
        for parent in income.parents:
            record = catalog.assets.get(parent)
            amount = income.roll_due(parent)
            if record is not None and record.owner == me and amount > 0:
                yield child, parent, amount


async def _claim_payout(
    trade: Trade, store: Store, peers: Peers, published: PayoutPublished, receipts: list[Receipt]
) -> int:
    income = trade.belief.catalog.income_of(published.asset)
    if income.due(published.payout, -1, published.total_weight) <= 0:
        return 0
    scope, shares = await fetch_tree(trade, store, peers, published)
    mine = [
        index
        for index, share in enumerate(shares)
        if _is_mine(trade, share) and income.due(published.payout, index, share.weight) > 0
    ]
    if not mine:
        return 0
    tree, total = sumtree.SumTree.build(scope, shares), 0
    for start in range(0, len(mine), LEAVES_AT_ONCE):
        part = mine[start : start + LEAVES_AT_ONCE]
        total += sum(income.due(published.payout, index, shares[index].weight) for index in part)
        action = ClaimLeaves(published.asset, published.payout, tuple(tree.prove(index) for index in part))
        name = f"claim/{published.asset}/{published.payout}"
        receipts.append(await send_next(trade.journal, trade.outbox, name, action))
        await trade.seen(receipts[-1])
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
    holders = list[PeerId]()
    for source in await sources(trade.journal, published.asset):
        peers.learn(source.peer, source.addresses)
        holders.append(source.peer)
    data = await _read_tree(store, published.manifest, holders)
    scope, shares = sumtree.decode(data)
    expected = sumtree.Scope(
        trade.chain.chain_id, trade.chain.contract("RevenueGraph"), published.asset, published.payout
    )
    tree = sumtree.SumTree.build(scope, shares)
    if scope != expected or tree.root != published.root or tree.total_weight != published.total_weight:
        raise Corrupt(f"the tree published for payout {published.payout} of {published.asset} has another root")
    return scope, shares


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
