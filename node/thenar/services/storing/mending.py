"""What disks lost comes back: a replica to its keeper, a capture to its owner."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, Iterable
from pathlib import Path

import trio

from thenar.domain.catalog import AssetRecord, ReplicaRecord
from thenar.domain.ids import AssetId, Cid
from thenar.domain.leaves import LEAF_BYTES
from thenar.errors import Corrupt, Late, NotFound, Unavailable
from thenar.services.holders import known_holders
from thenar.services.keep import check_cipher_root, fetch_description
from thenar.services.ports import Progress, one_part
from thenar.services.records import held, key_held, remember_held
from thenar.services.retrieve import sealed_of
from thenar.services.storing.keeping import MOST_COPIES, Stock, fetch, layer
from thenar.services.storing.spreading import can_fetch, gather, let_go, listed_for, outlined, rebuild

log = logging.getLogger(__name__)

HERE, WHOLE, PIECES, LAYERED = "here", "a replica", "four pieces", "a layered replica"
"""Where a restored capture came from."""


async def mend(stock: Stock, roots: Iterable[bytes]) -> None:
    """Have again what the disk lost. Raises as ``bring`` does."""
    for root in roots:
        log.warning("mending a replica", extra={"replica": root.hex()})
        await bring(stock, stock.replica(root))


async def bring(stock: Stock, record: ReplicaRecord, progress: Progress | None = None) -> None:
    """Fetch a replica from whoever gives it, or make it anew out of four other pieces. Raises as ``fetch`` does."""
    try:
        await fetch(stock, record, progress)
    except (Unavailable, NotFound, Late) as cause:
        try:
            await rebuild(stock, record)
        except Unavailable:
            raise cause from None


async def restore(stock: Stock, asset: AssetId, progress: Progress | None = None) -> tuple[Cid, str]:
    """Have an asset's sealed file here again, whatever is left of it; returns its CID and where it came from.

    Tried in turn: this disk, a replica that is the file itself, any four pieces, and a layered replica, whose layer
    only its maker takes off. Raises NotFound for an unknown asset, Unavailable while nothing is enough.
    """
    record = stock.trade.belief.catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    if await _is_here(stock, record):
        places = await held(stock.trade.journal, asset)
        if places is not None:
            return places[1], HERE
    for attempt, how in ((_whole, WHOLE), (_joined, PIECES), (_peeled, LAYERED)):
        found = await attempt(stock, record, progress)
        if found is not None:
            await remember_held(stock.trade.journal, asset, record.commitment.manifest_cid, found)
            return found, how
    raise Unavailable(
        f"what is left of {asset} does not give it back now",
        next_step="`thenar storage list` shows who keeps what; ask them to start their nodes",
    )


async def open_restored(
    stock: Stock, asset: AssetId, sealed: Cid, into: Path, progress: Progress | None = None
) -> Path:
    """Write a restored asset's plaintext to ``into`` (a folder or a file name); the list of leaves for disputes, which
    keepers do not have, is not needed. Raises NotFound without the asset's key, Unavailable, Corrupt.
    """
    trade = stock.trade
    key = await key_held(trade.journal, trade.sealer, asset)
    if key is None:
        raise NotFound(f"this node has no key for {asset}", next_step="open it where the key is")
    commitment = trade.belief.catalog.assets[asset].commitment
    holders = await known_holders(asset, trade.journal, stock.peers)
    try:
        description = await fetch_description(commitment, store=stock.store, holders=holders, peers=stock.peers)
    except NotFound as cause:
        raise Unavailable(f"nobody gives the manifest of {asset} now") from cause
    target = into / description.files[0].name if await trio.Path(into).is_dir() else into
    parts, expected = stock.store.read(sealed), sealed_of(description)
    await trade.sealer.open(key, parts, expected=expected, into=target, progress=progress)
    return target


async def _is_here(stock: Stock, record: AssetRecord) -> bool:
    places = await held(stock.trade.journal, record.id)
    if places is None:
        return False
    try:
        await check_cipher_root(stock.store, places[1], LEAF_BYTES, record.commitment.cipher_root)
    except (NotFound, Corrupt):
        return False
    return True


async def _whole(stock: Stock, record: AssetRecord, _: Progress | None) -> Cid | None:
    listed = stock.trade.belief.catalog.replicas.get(record.commitment.cipher_root)
    return Cid.parse(listed.cid) if listed is not None and await can_fetch(stock, listed) else None


async def _joined(stock: Stock, record: AssetRecord, progress: Progress | None) -> Cid | None:
    try:
        found = await gather(stock, record.id)
    except Unavailable as cause:
        log.info("no four pieces", extra={"asset": record.id, "reason": cause.message})
        return None
    sealed = await _stored(stock, found.file(stock), record, progress)
    await let_go(stock, found.brought)
    if sealed is not None:
        manifest = await stock.store.add(one_part(found.manifest))
        if manifest.root != record.commitment.manifest_cid:
            await stock.store.unpin(manifest.root)
    return sealed


async def _peeled(stock: Stock, record: AssetRecord, progress: Progress | None) -> Cid | None:
    """A layered replica without its layer; copies were listed in the order they count."""
    mine = [one for one in listed_for(stock, record.id) if one.lister == stock.trade.me]
    for place, replica in enumerate(mine):
        if not await can_fetch(stock, replica):
            continue
        copy = await _copy_of(stock, record, replica, place)
        if copy is None:
            continue
        sealed = await _stored(stock, _without(stock, record, replica, copy), record, progress)
        if sealed is not None:
            return sealed
    return None


async def _copy_of(stock: Stock, record: AssetRecord, replica: ReplicaRecord, place: int) -> int | None:
    """Which layer is around a replica: the one under which the file's root comes out."""
    likely = sorted(range(1, MOST_COPIES), key=lambda copy: abs(copy - place))
    for copy in likely:
        if (await outlined(_without(stock, record, replica, copy))).root == record.commitment.cipher_root:
            return copy
    return None


def _without(stock: Stock, record: AssetRecord, replica: ReplicaRecord, copy: int) -> AsyncIterable[bytes]:
    return layer(stock, record.id, copy, stock.store.read(Cid.parse(replica.cid)))


async def _stored(
    stock: Stock, parts: AsyncIterable[bytes], record: AssetRecord, progress: Progress | None
) -> Cid | None:
    """Store what should be the sealed file; None when it is something else."""
    stored = await stock.store.add(parts, progress=progress)
    try:
        await check_cipher_root(stock.store, stored.root, LEAF_BYTES, record.commitment.cipher_root)
    except Corrupt as cause:
        log.warning("something else came out", extra={"asset": record.id, "reason": cause.message})
        return None
    return stored.root
