"""What a node keeps: taken, dropped, and pledged from the next round on."""

from __future__ import annotations

from collections.abc import Sequence

from thenar.domain.actions import DropReplicas, TakeReplicas
from thenar.errors import Refused
from thenar.services.ports import Progress, Receipt
from thenar.services.storing.keeping import Stock, pledging
from thenar.services.storing.mending import bring
from thenar.services.withdrawal import is_withdrawn


async def take(stock: Stock, roots: Sequence[bytes], progress: Progress | None = None) -> Receipt:
    """Have replicas here, their leaves checked against their roots, take them on chain and pledge all this node has.

    A piece nobody gives any more is made anew out of four others. Raises NotFound, Refused when somebody else keeps
    one, it is too big or consent was withdrawn, Corrupt when its bytes are others, Unavailable while nobody gives it.
    """
    catalog = stock.trade.belief.catalog
    for root in roots:
        record = stock.replica(root)
        if is_withdrawn(catalog, record.asset):
            raise Refused(f"the owner of {record.asset} took consent back", next_step="`thenar storage list --free`")
        if record.holder not in (None, stock.trade.me):
            raise Refused(f"{record.holder} keeps 0x{root.hex()}", next_step="`thenar storage list --free`")
        await bring(stock, record, progress)
    new = tuple(root for root in roots if catalog.replicas[root].holder is None)
    if new:
        await stock.trade.seen(await stock.trade.send("storage-take", TakeReplicas(new)))
    return await pledge(stock)


async def drop(stock: Stock, roots: Sequence[bytes]) -> Receipt:
    """Keep replicas no longer; what is left is pledged from the next round on. Raises NotFound."""
    for root in roots:
        stock.replica(root)
    receipt = await stock.trade.send("storage-drop", DropReplicas(tuple(roots)))
    await stock.trade.seen(receipt)
    return await pledge(stock) if stock.held_by_me() else receipt


async def pledge(stock: Stock) -> Receipt:
    """Pledge all replicas this account took, from the next round on. Raises BadInput when it took none."""
    receipt = await stock.trade.send("storage-pledge", pledging(stock))
    await stock.trade.seen(receipt)
    return receipt
