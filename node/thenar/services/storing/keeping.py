"""Ciphertexts that are kept: made and listed by owners, fetched, checked and read again by nodes."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from thenar.domain import merkle
from thenar.domain.actions import ListReplica, PledgeStorage
from thenar.domain.catalog import ReplicaRecord
from thenar.domain.ids import AssetId, Cid, PeerId
from thenar.domain.leaves import LEAF_BYTES, sealed_leaves
from thenar.domain.segments import CHUNK_BYTES, CHUNK_LEAVES, Outline, Outliner
from thenar.domain.storage.pledges import Held, PledgeTree
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.ask import nodes_of
from thenar.services.holders import known_holders
from thenar.services.licensing import Trade
from thenar.services.ports import AEAD_TAG, Peers, Progress, Store
from thenar.services.records import held

MOST_COPIES: Final = 16
DAG_OVERHEAD: Final = 1.02


@dataclass(frozen=True, slots=True)
class Stock:
    """The ports of a storage story; ``limit`` is the most bytes one replica may have."""

    trade: Trade
    store: Store
    peers: Peers
    limit: int

    def replica(self, root: bytes) -> ReplicaRecord:
        """A listed replica. Raises NotFound."""
        found = self.trade.belief.catalog.replicas.get(root)
        if found is None:
            raise NotFound(f"no replica 0x{root.hex()}", next_step="`thenar storage list` shows what can be kept")
        return found

    def held_by_me(self) -> tuple[Held, ...]:
        """What this account took, in the order it is pledged."""
        return tuple(sorted(self.trade.belief.catalog.kept.get(self.trade.me, {}).values()))


def pledging(stock: Stock) -> PledgeStorage:
    """The pledge over all that this account took. Raises BadInput when it took nothing."""
    tree = PledgeTree.build(stock.held_by_me())
    return PledgeStorage(tree.root, tree.leaves, tree.depth)


async def replicate(stock: Stock, asset: AssetId, copies: int, progress: Progress | None = None) -> list[bytes]:
    """Have ``copies`` unrelated ciphertexts of an own asset in the store and listed; returns their roots.

    The first is the sealed file itself. Each other one has a layer of XChaCha20 around it under a key only this
    account knows: whoever holds one cannot make another. Safe to repeat. Raises NotFound, Refused, BadInput.
    """
    if not 1 <= copies <= MOST_COPIES:
        raise BadInput(f"an asset has 1 to {MOST_COPIES} replicas, not {copies}")
    places = await own_places(stock, asset)
    roots = []
    for copy in range(copies):
        cid = places[1]
        if copy:
            layered = layer(stock, asset, copy, stock.store.read(places[1]))
            cid = (await stock.store.add(layered, progress=progress)).root
        roots.append(await offer(stock, asset, cid))
    return roots


async def own_places(stock: Stock, asset: AssetId) -> tuple[Cid, Cid]:
    """Manifest and sealed file of an asset that this account owns and holds. Raises NotFound, Refused."""
    record = stock.trade.belief.catalog.assets.get(asset)
    places = await held(stock.trade.journal, asset)
    if record is None or places is None:
        raise NotFound(f"{asset} is not held here", next_step="replicas are made where the sealed file lies")
    if record.owner != stock.trade.me:
        raise Refused(f"{asset} belongs to {record.owner}, not to this account")
    return places


async def offer(stock: Stock, asset: AssetId, cid: Cid) -> bytes:
    """List a stored file as a replica of an own asset, unless it is; returns its root."""
    outline = await remember(stock, cid)
    if outline.root not in stock.trade.belief.catalog.replicas:
        action = ListReplica(asset, outline.root, outline.leaves, str(cid))
        await stock.trade.seen(await stock.trade.outbox.send(f"replica-list:{outline.root.hex()}", action))
    return outline.root


async def layer(stock: Stock, asset: AssetId, copy: int, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Put a replica's layer around a stream, or take it off: the same cipher both ways. Needs this account's keys."""
    seed = hashlib.sha256(f"thenar.replica-key/1/{asset}/{copy}".encode()).digest()
    key, _ = stock.trade.wrapper.one_time_key(seed)
    chunk, rest = 0, b""
    async for part in parts:
        rest += part
        while len(rest) >= CHUNK_BYTES:
            yield stock.trade.sealer.bare(key, chunk, rest[:CHUNK_BYTES] + bytes(AEAD_TAG))
            chunk, rest = chunk + 1, rest[CHUNK_BYTES:]
    if rest:
        yield stock.trade.sealer.bare(key, chunk, rest + bytes(AEAD_TAG))


async def fetch(stock: Stock, record: ReplicaRecord, progress: Progress | None = None) -> None:
    """Bring a replica's blocks here, check its root and pin it. Raises Refused, Corrupt, Unavailable."""
    size = record.held.leaves * LEAF_BYTES
    if size > stock.limit:
        raise Refused(f"0x{record.held.root.hex()} has {size} bytes; this node keeps at most {stock.limit} each")
    cid = Cid.parse(record.cid)
    try:
        limit = int(size * DAG_OVERHEAD) + CHUNK_BYTES
        await stock.store.fetch(cid, await holders(stock, record), limit=limit, progress=progress)
    except NotFound as cause:
        raise Unavailable(f"nobody who holds 0x{record.held.root.hex()} gives all of it now") from cause
    outline = await remember(stock, cid)
    if (outline.root, outline.leaves) != (record.held.root, record.held.leaves):
        await stock.store.unpin(cid)
        raise Corrupt(f"what {record.lister} listed as 0x{record.held.root.hex()} has another root")


async def holders(stock: Stock, record: ReplicaRecord) -> tuple[PeerId, ...]:
    """Who may give a replica: its lister's nodes, its holder's, and who announced the asset."""
    catalog = stock.trade.belief.catalog
    named = [*nodes_of(catalog, record.lister), *(nodes_of(catalog, record.holder) if record.holder else [])]
    announced = await known_holders(record.asset, stock.trade.journal, stock.peers)
    return tuple(peer for peer in dict.fromkeys([*named, *announced]) if peer != stock.peers.me)


async def remember(stock: Stock, cid: Cid) -> Outline:
    """Read a file once and keep what proves its leaves."""
    outliner = Outliner()
    async for part in stock.store.read(cid):
        outliner.take(part)
    outline = outliner.finish()
    await stock.trade.journal.put(f"replica/{outline.root.hex()}", outline.encode())
    return outline


async def leaf_of(stock: Stock, root: bytes, index: int) -> tuple[bytes, tuple[bytes, ...]]:
    """A leaf of a replica kept here and its path. Raises NotFound or Corrupt when the disk does not give it."""
    data = await stock.trade.journal.get(f"replica/{root.hex()}")
    if data is None:
        raise NotFound(f"this node never held 0x{root.hex()}")
    outline, chunk = Outline.decode(data), index // CHUNK_LEAVES
    cid = Cid.parse(stock.replica(root).cid)
    parts = [part async for part in stock.store.read(cid, offset=chunk * CHUNK_BYTES, length=CHUNK_BYTES)]
    block, within = b"".join(parts), (index - chunk * CHUNK_LEAVES) * LEAF_BYTES
    hashes = sealed_leaves(block)
    path = (*merkle.proof(hashes, index % CHUNK_LEAVES), *merkle.proof(outline.chunks, chunk))
    return block[within : within + LEAF_BYTES], path
