"""What a node keeps no longer: given up on chain, pledged without, and deleted once no round asks for it."""

from __future__ import annotations

import logging
from collections.abc import Collection

from thenar.domain.actions import DropReplicas, PledgeStorage, RetireStorage
from thenar.domain.ids import AssetId, Cid
from thenar.errors import Unavailable
from thenar.services.once import take_exit
from thenar.services.records import all_held, held
from thenar.services.storing.keeping import Stock, pledging

DISMISSED = ("ReplicaBook_NotTaken", "ReplicaBook_NotHolder")
"""What the chain says when the owner was first."""
LEAVING = ("StorageProofs_Leaving", "StorageProofs_NothingPledged")
"""What it says to who has retired meanwhile."""

log = logging.getLogger(__name__)


async def leave(stock: Stock, assets: Collection[AssetId], label: str) -> None:
    """Keep replicas of assets no longer whose consent was withdrawn. Safe to repeat.

    Raises Unavailable while the owner's own dismissal is not seen yet, and as ``pledge_the_rest``.
    """
    catalog = stock.trade.belief.catalog
    mine = catalog.kept.get(stock.trade.me, {})
    gone = tuple(sorted(root for root in mine if catalog.replicas[root].asset in assets))
    if gone:
        log.warning("consent was withdrawn; replicas are kept no longer", extra={"replicas": len(gone)})
        action = DropReplicas(gone)
        await stock.trade.seen(await take_exit(stock.trade.outbox, f"storage-leave:{label}", action, DISMISSED))
    await pledge_the_rest(stock, label)


async def pledge_the_rest(stock: Stock, label: str) -> None:
    """Pledge what is left of what was pledged, from the next round on; a node with nothing left retires.

    Raises Unavailable when what is held changed meanwhile, or the end of the pledge is not seen yet.
    """
    record = stock.trade.belief.catalog.stores.get(stock.trade.me)
    left = stock.held_by_me()
    if record is None or record.until is not None or not record.pledges:
        return
    if left and record.pledges[-1].replicas == left:
        return
    action = pledging(stock) if left else RetireStorage()
    what = action.root.hex() if isinstance(action, PledgeStorage) else "nothing"
    await stock.trade.seen(await take_exit(stock.trade.outbox, f"storage-left:{label}/{what}", action, LEAVING))
    if stock.held_by_me() != left:
        raise Unavailable("what is held is not what was pledged")


async def let_go(stock: Stock, root: bytes, label: str) -> None:
    """Delete a replica that was given up, or that its owner has somebody else keep.

    Raises Unavailable while a round asks for it.
    """
    record = stock.replica(root)
    if record.holder == stock.trade.me:
        return
    await pledge_the_rest(stock, label)
    if root in await asked_for(stock):
        raise Unavailable(f"a round asks for 0x{root.hex()} still")
    needed = set[Cid]()
    for asset in await all_held(stock.trade.journal):
        needed.update(await held(stock.trade.journal, asset) or ())
    if Cid.parse(record.cid) not in needed:
        await stock.store.unpin(Cid.parse(record.cid))
        await stock.store.collect()
    await stock.trade.journal.forget([f"replica/{root.hex()}"])


async def asked_for(stock: Stock) -> set[bytes]:
    """The roots of the replicas that this node is asked for, in the running round or a later one."""
    record, terms = stock.trade.belief.catalog.stores.get(stock.trade.me), stock.trade.belief.catalog.storage_terms
    if record is None or terms is None:
        return set()
    current = terms.round_at((await stock.trade.chain.head()).timestamp)
    rounds = {current, *(one.since for one in record.pledges if one.since > current)}
    pledges = [record.pledge_in(round_) for round_ in rounds]
    return {one.root for pledge in pledges if pledge is not None for one in pledge.replicas}
