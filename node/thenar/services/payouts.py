"""Payouts: who shares an asset's own part, published for everybody and fetched from whoever holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import trio

from thenar.domain import sumtree
from thenar.domain.actions import PublishPayout
from thenar.domain.catalog import Catalog
from thenar.domain.catalog.omissions import must_name
from thenar.domain.facts import PayoutPublished
from thenar.domain.ids import DAG_PB, RAW, AssetId, Cid, PeerId
from thenar.domain.revenue import Plan
from thenar.domain.statements import LicenseSet
from thenar.errors import Corrupt, NotFound, Poor, Refused
from thenar.services.holders import ask_for_holders, known_holders
from thenar.services.licensing import Trade
from thenar.services.ports import Peers, Receipt, Store, one_part


@dataclass(frozen=True, slots=True)
class Opened:
    """A published payout: its tree, checked against the chain, and the license set that lay beside it, not checked."""

    tree: sumtree.SumTree
    licenses: tuple[AssetId, ...]


async def publish_payout(
    trade: Trade, store: Store, asset: AssetId, shares: Sequence[sumtree.Share], *, bond: int = 0
) -> Receipt:
    """Share the asset's own part by weight from now on, and state every license this account must name.

    Tree and license set go into the store first, so that every contributor finds its proof without asking anyone.
    ``bond`` in token units comes from the Ledger account. Raises NotFound, Refused, BadInput, Poor.
    """
    owned(trade, asset)
    held = (await trade.chain.wallet(trade.me)).account
    if bond > held:
        raise Poor(
            f"the bond is {bond} token units and the Ledger account holds {held}",
            next_step="`thenar account deposit` fills the account",
        )
    number = len(trade.belief.catalog.income_of(asset).payouts) + 1
    scope = sumtree.Scope(trade.chain.chain_id, trade.chain.contract("RevenueGraph"), asset, number)
    licenses = LicenseSet.of(must_name(trade.belief.catalog, asset, trade.me))
    tree = await trio.to_thread.run_sync(sumtree.SumTree.build, scope, shares)
    data = await trio.to_thread.run_sync(sumtree.encode, sumtree.Published(scope, shares, licenses.assets))
    stored = await store.add(one_part(data))
    plan = Plan(
        root=tree.root,
        total_weight=tree.total_weight,
        depth=tree.depth,
        manifest=stored.root.digest,
        license_set_root=licenses.root,
        license_count=len(licenses.assets),
        bond=bond,
    )
    receipt = await trade.send(f"payout/{asset}", PublishPayout(asset, plan))
    await trade.seen(receipt)
    return receipt


def find_payout(catalog: Catalog, asset: AssetId, payout: int) -> PayoutPublished:
    """A published payout. Raises NotFound."""
    published = catalog.income_of(asset).payouts if asset in catalog.assets else []
    if not 0 < payout <= len(published):
        raise NotFound(f"{asset} has no payout {payout}", next_step="`thenar revenue show` counts its payouts")
    return published[payout - 1]


async def fetch_payout(trade: Trade, store: Store, peers: Peers, published: PayoutPublished) -> Opened:
    """A published payout, from this store or the peers that hold the asset; its tree checked against the chain.

    Raises Corrupt when the tree is not the one whose root was published, NotFound when nobody has it.
    """
    try:
        data = await _read_tree(store, published.manifest, await known_holders(published.asset, trade.journal, peers))
    except NotFound:
        found = await ask_for_holders(published.asset, trade.journal, peers)
        data = await _read_tree(store, published.manifest, found)
    read = await trio.to_thread.run_sync(sumtree.decode, data)
    expected = sumtree.Scope(
        trade.chain.chain_id, trade.chain.contract("RevenueGraph"), published.asset, published.payout
    )
    tree = await trio.to_thread.run_sync(sumtree.SumTree.build, read.scope, read.shares)
    if read.scope != expected or tree.root != published.root or tree.total_weight != published.total_weight:
        raise Corrupt(f"the tree published for payout {published.payout} of {published.asset} has another root")
    return Opened(tree, read.licenses)


async def _read_tree(store: Store, digest: bytes, holders: Sequence[PeerId]) -> bytes:
    for codec in (RAW, DAG_PB):
        cid = Cid.of(codec, digest)
        try:
            await store.fetch(cid, holders, limit=sumtree.MAX_BYTES)
        except NotFound:
            continue
        return b"".join([part async for part in store.read(cid)])
    raise NotFound("nobody reachable has the payout's tree", next_step="try again when its publisher is online")


def known(catalog: Catalog, asset: AssetId) -> None:
    """Raises NotFound for an asset nobody minted."""
    if asset not in catalog.assets:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")


def owned(trade: Trade, asset: AssetId) -> None:
    """Raises NotFound, and Refused for somebody else's asset."""
    known(trade.belief.catalog, asset)
    owner = trade.belief.catalog.assets[asset].owner
    if owner != trade.me:
        raise Refused(f"{asset} belongs to {owner}, not to this account")
