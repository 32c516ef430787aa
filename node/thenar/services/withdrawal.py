"""Consent taken back: licenses end on chain, the key's share is destroyed, copies are dropped after the notice."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import trio

from thenar.domain.assets import AssetKind, Purpose
from thenar.domain.card import decode_description
from thenar.domain.catalog import Catalog, StreamRecord
from thenar.domain.duties import Duty
from thenar.domain.exclusion import EVERYTHING
from thenar.domain.ids import Address, AssetId, Cid
from thenar.domain.licenses import FOREVER, Stage
from thenar.errors import NotFound, Refused
from thenar.services.consent import revoke_all
from thenar.services.licensing import Trade
from thenar.services.payouts import owned
from thenar.services.ports import Journal, Receipt, Store
from thenar.services.records import all_held, contents, held, rows_of
from thenar.services.storing.keeping import Stock
from thenar.services.storing.leaving import asked_for, leave


@dataclass(frozen=True, slots=True)
class Toll:
    """What a withdrawal would end: who is licensed, which sales run, and what goes back from the Escrow."""

    licensees: tuple[Address, ...]
    sales: int
    unearned: int
    notice: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal did: keys destroyed, files dropped, bytes freed; the transaction unless it was sent before.

    ``shared`` are assets sealed from the same bytes: the key they share is destroyed with the last of them.
    """

    keys: int
    files: int
    freed: int
    shared: tuple[AssetId, ...]
    receipt: Receipt | None


def toll_of(catalog: Catalog, asset: AssetId, now: int) -> Toll:
    """What withdrawing an asset would end at a time."""
    record = catalog.assets[asset]
    asked = {licensee for named, licensee in catalog.grants if named == asset}
    asked |= {sale.deal.buyer for sale in catalog.sales.values() if asset in (sale.deal.asset, sale.deal.batch)}
    licensed = {who for who in asked if who != record.owner and _may(catalog, asset, who, now)}
    licensed |= {
        sale.deal.buyer
        for sale in catalog.sales.values()
        if sale.deal.batch == asset and sale.stage is Stage.SETTLED and (now < sale.until or sale.until == FOREVER)
    }
    open_sales = [
        sale
        for sale in catalog.sales.values()
        if asset in (sale.deal.asset, sale.deal.batch) and sale.stage in (Stage.OPEN, Stage.DELIVERED)
    ]
    unearned = sum(_unearned(stream, now) for stream in catalog.streams.values() if _under(stream, asset))
    written = catalog.terms.get(record.terms)
    return Toll(tuple(sorted(licensed)), len(open_sales), unearned, written.notice if written else 0)


async def withdraw(trade: Trade, store: Store, asset: AssetId) -> Withdrawn:
    """End every license of an owned asset, destroy what its key hangs from and drop this node's copies. For good.

    Safe to repeat: what is done is not done again. Raises NotFound, Refused.
    """
    owned(trade, asset)
    assets = await _with_members(trade, asset)
    lost, shared = await _contents_of(trade.journal, assets)
    marker, record = f"withdrawing/{asset}", trade.belief.catalog.assets[asset]
    begun = await trade.journal.get(marker)
    receipt = None
    if begun is None or int(begun) > record.consent_epoch:
        await trade.journal.put(marker, str(record.consent_epoch + 1).encode())
        receipt = await revoke_all(trade, store, asset)
    keys = await _destroy(trade, lost)
    files, freed = await _forget(trade, store, assets)
    return Withdrawn(keys, files, freed, shared, receipt)


def is_withdrawn(catalog: Catalog, asset: AssetId) -> bool:
    """Whether consent for all of an asset was taken back and not given again by an offer."""
    record = catalog.assets[asset]
    gone = record.consent_epoch > 0 and record.exclusion_root == EVERYTHING
    return gone and not catalog.parts_of(asset)


async def drop_copy(stock: Stock, opened: Path, duty: Duty) -> None:
    """Everybody else, once the notice is over: forget keys, drop blocks and what was opened, unless consent is back.

    Replicas that are kept for pay are given up on chain; their blocks go when no round asks for them any more.
    """
    asset, trade = AssetId(duty.subject.split("/")[0]), stock.trade
    catalog, now = trade.belief.catalog, (await trade.chain.head()).timestamp
    if not is_withdrawn(catalog, asset) or _may(catalog, asset, trade.me, now):
        return
    assets = await _with_members(trade, asset)
    lost, _ = await _contents_of(trade.journal, assets)
    await _destroy(trade, lost)  # what was sealed here and handed on since: its new owner took consent back
    await leave(stock, assets, duty.subject)
    asked = {Cid.parse(stock.replica(root).cid) for root in await asked_for(stock)}
    await _forget(trade, stock.store, assets, asked)
    for one in assets:
        await trio.to_thread.run_sync(shutil.rmtree, opened / one, True)


def _may(catalog: Catalog, asset: AssetId, who: Address, now: int) -> bool:
    return any(catalog.is_allowed(asset, who, purpose, now) for purpose in Purpose)


def _under(record: StreamRecord, asset: AssetId) -> bool:
    return record.open and asset in (record.stream.asset, record.stream.batch)


def _unearned(record: StreamRecord, now: int) -> int:
    return record.stream.price - record.stream.earned(now)


async def _with_members(trade: Trade, asset: AssetId) -> tuple[AssetId, ...]:
    """An asset and, of a batch, every member that is under its consent."""
    catalog = trade.belief.catalog
    if catalog.assets[asset].kind is not AssetKind.BATCH:
        return (asset,)
    own = [AssetId(name.split("/", 1)[1]) for name in await trade.journal.names("member/")]
    found = []
    for member in own:
        if member not in catalog.assets and await _is_member(trade.journal, member, asset):
            found.append(member)
    return (*found, asset)


async def _is_member(journal: Journal, member: AssetId, batch: AssetId) -> bool:
    row = await journal.get(f"member/{member}")
    return row is not None and batch.encode() in row


async def _contents_of(journal: Journal, assets: Sequence[AssetId]) -> tuple[list[bytes], tuple[AssetId, ...]]:
    """The content hashes behind assets sealed here that nothing else was sealed from; and what else was."""
    known, leaving = await contents(journal), set(assets)
    mine = {known[asset] for asset in assets if asset in known}
    shared = {other: content for other, content in known.items() if content in mine and other not in leaving}
    return sorted(mine - set(shared.values())), tuple(sorted(shared))


async def _destroy(trade: Trade, lost: Sequence[bytes]) -> int:
    """Destroy keys, and forget that files were sealed under them: sealing them again must begin anew."""
    if not lost:
        return 0
    words = [content.hex().encode() for content in lost]
    sealed = []
    for name in await trade.journal.names("episode/"):
        row = await trade.journal.get(name) or b""
        if any(word in row for word in words):
            sealed.append(name)
    keys = await trio.to_thread.run_sync(trade.sealer.destroy_keys, lost)
    await trade.journal.forget(sealed)
    return keys


async def _forget(
    trade: Trade, store: Store, assets: Sequence[AssetId], asked: AbstractSet[Cid] = frozenset()
) -> tuple[int, int]:
    """Drop pins that only these assets need, but for what rounds ask for, then every row about them; returns files
    dropped and bytes freed.
    """
    journal, needed = trade.journal, set[Cid]()
    for other in await all_held(journal) - set(assets):
        needed.update(await held(journal, other) or ())
    roots = _listed_here(trade, assets) & await store.pins()
    for asset in assets:
        found = await _roots_of(journal, store, asset)
        roots.update(found[:1] if needed.intersection(found[1:]) else found)  # leaves stay with the sealed file
    roots -= needed | asked
    for root in roots:
        await store.unpin(root)
    freed = await store.collect() if roots else 0
    names = [name for asset in assets for name in await rows_of(journal, asset)]
    await journal.forget(names)
    return len(roots), freed


def _listed_here(trade: Trade, assets: Sequence[AssetId]) -> set[Cid]:
    """Copies and pieces of assets that this account made for others to keep."""
    replicas = trade.belief.catalog.replicas.values()
    return {Cid.parse(one.cid) for one in replicas if one.asset in assets and one.lister == trade.me}


async def _roots_of(journal: Journal, store: Store, asset: AssetId) -> tuple[Cid, ...]:
    """Description, sealed file and list of leaves of an asset held here; empty when none is."""
    places = await held(journal, asset)
    if places is None:
        return ()
    try:
        data = b"".join([part async for part in store.read(places[0])])
        leaves = decode_description(data).enc.leaves
    except (NotFound, Refused):  # a batch's card is no description of a file
        return places
    return (*places, Cid.parse(leaves)) if leaves else places
