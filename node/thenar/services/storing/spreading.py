"""A capture in eight pieces, any four of which give it back: cut by its owner, rebuilt by whoever misses one."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import trio

from thenar.domain.catalog import ReplicaRecord
from thenar.domain.ids import AssetId, Cid
from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.segments import CHUNK_BYTES, Outline, Outliner
from thenar.domain.storage.coding import NEEDED, PIECES, Row, factors, mix, row_of
from thenar.domain.storage.pieces import Codeword, PieceNote
from thenar.errors import Corrupt, Late, NotFound, Refused, Unavailable
from thenar.services.ports import Progress
from thenar.services.storing.keeping import Stock, fetch, offer, own_places, remember

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a stored file: ``size`` from ``start`` on, and zeros after them."""

    cid: Cid
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """Four pieces of one file that are here now, by place; ``brought`` are the ones that were not kept here before."""

    of: Codeword
    manifest: bytes
    at: Mapping[int, Cid]
    brought: tuple[ReplicaRecord, ...]

    def part(self, stock: Stock, place: int) -> AsyncIterator[bytes]:
        """The code of any piece."""
        given = tuple(self.at)
        parts = [Part(self.at[one], 0, self.of.part) for one in given]
        return _mixed(stock, factors(place, given), parts, self.of.part)

    def piece(self, stock: Stock, place: int) -> AsyncIterator[bytes]:
        """Any piece, whole."""
        return _with_tail(self.part(stock, place), self.of.tail(place, self.manifest))

    async def file(self, stock: Stock) -> AsyncIterator[bytes]:
        """The sealed file that was cut."""
        left = self.of.size
        for place in range(NEEDED):
            async for block in self.part(stock, place):
                yield block[:left]
                left -= min(left, len(block))


async def spread(stock: Stock, asset: AssetId, progress: Progress | None = None) -> list[bytes]:
    """Cut an own sealed file into eight pieces and have them listed to be kept; returns their roots, in order.

    Twice the room of the file, and any four pieces bring it back. Whoever holds four can also make the others, so they
    belong to different keepers. Safe to repeat. Raises NotFound, Refused.
    """
    manifest_cid, sealed = await own_places(stock, asset)
    manifest = b"".join([part async for part in stock.store.read(manifest_cid)])
    size = sum([len(part) async for part in stock.store.read(sealed)])
    word = Codeword(asset, size, str(sealed), str(manifest_cid), len(manifest))
    parts = [Part(sealed, part * word.part, max(0, min(word.part, size - part * word.part))) for part in range(NEEDED)]
    roots = []
    for place in range(PIECES):
        body = _mixed(stock, row_of(place), parts, word.part)
        stored = await stock.store.add(_with_tail(body, word.tail(place, manifest)), progress=progress)
        roots.append(await offer(stock, asset, stored.root))
    return roots


async def rebuild(stock: Stock, record: ReplicaRecord) -> None:
    """Make a listed piece anew out of four others and keep it here, whoever gives those.

    Raises Unavailable while no four others are given, Corrupt when they make another piece than the listed one.
    """
    found = await gather(stock, record.asset, without=record.held.root)
    for place in sorted(set(range(PIECES)) - set(found.at)):
        if (await outlined(found.piece(stock, place))).root == record.held.root:
            stored = await stock.store.add(found.piece(stock, place))
            await remember(stock, stored.root)
            await let_go(stock, found.brought)
            if str(stored.root) != record.cid:
                raise Corrupt(f"0x{record.held.root.hex()} was listed under {record.cid} and is {stored.root}")
            log.info("piece rebuilt", extra={"replica": record.held.root.hex(), "place": place})
            return
    await let_go(stock, found.brought)
    raise Corrupt(f"four pieces of {record.asset} make none with the root 0x{record.held.root.hex()}")


async def gather(stock: Stock, asset: AssetId, *, without: bytes = b"") -> Gathered:
    """Have four pieces of an asset here, fetched from whoever keeps them. Raises Unavailable while there are fewer."""
    words: dict[Codeword, dict[int, Cid]] = {}
    brought: list[ReplicaRecord] = []
    pinned = await stock.store.pins()
    for record in sorted(listed_for(stock, asset), key=lambda one: one.held.leaves):  # pieces are the small ones
        if record.held.root == without or not await can_fetch(stock, record):
            continue
        cid = Cid.parse(record.cid)
        brought += [record] if cid not in pinned else []
        note = await note_of(stock, record)
        if note is None or note.of.asset != asset:
            continue
        places = words.setdefault(note.of, {})
        places[note.place] = cid
        if len(places) == NEEDED:
            return Gathered(note.of, await _manifest(stock, note.of, cid), places, tuple(brought))
    await let_go(stock, brought)
    most = max(map(len, words.values()), default=0)
    raise Unavailable(f"{most} pieces of {asset} are given now, and {NEEDED} are needed")


def listed_for(stock: Stock, asset: AssetId) -> list[ReplicaRecord]:
    """Everything that was listed of an asset, in the order it was."""
    return [record for record in stock.trade.belief.catalog.replicas.values() if record.asset == asset]


async def can_fetch(stock: Stock, record: ReplicaRecord) -> bool:
    """Bring a replica here if anybody gives it."""
    try:
        await fetch(stock, record)
    except (Unavailable, NotFound, Corrupt, Refused, Late) as cause:
        log.info("a replica is not given", extra={"replica": record.held.root.hex(), "reason": cause.message})
        return False
    return True


async def note_of(stock: Stock, record: ReplicaRecord) -> PieceNote | None:
    """What a replica that is here says of itself, or None where it is no piece. Raises NotFound."""
    start = (record.held.leaves - 1) * LEAF_BYTES
    last = [part async for part in stock.store.read(Cid.parse(record.cid), offset=start, length=LEAF_BYTES)]
    return PieceNote.read(b"".join(last), record.held.leaves)


async def let_go(stock: Stock, brought: Sequence[ReplicaRecord]) -> None:
    """Pin no longer what was only here to make something else."""
    for record in brought:
        await stock.store.unpin(Cid.parse(record.cid))


async def outlined(parts: AsyncIterable[bytes]) -> Outline:
    """What proves the leaves of a stream."""
    outliner = Outliner()
    async for part in parts:
        outliner.take(part)
    return outliner.finish()


async def _manifest(stock: Stock, word: Codeword, piece: Cid) -> bytes:
    parts = stock.store.read(piece, offset=word.part, length=word.manifest_bytes)
    return b"".join([part async for part in parts])


async def _mixed(stock: Stock, row: Row, parts: Sequence[Part], size: int) -> AsyncIterator[bytes]:
    """The sum of four runs of bytes, each multiplied by its factor."""
    for at in range(0, size, CHUNK_BYTES):
        want = min(CHUNK_BYTES, size - at)
        pairs = zip(row, parts, strict=True)
        blocks = [await _block(stock, part, at, want) if factor else b"" for factor, part in pairs]
        yield await trio.to_thread.run_sync(mix, row, blocks)


async def _block(stock: Stock, part: Part, at: int, want: int) -> bytes:
    there = max(0, min(want, part.size - at))
    if not there:
        return bytes(want)
    found = [data async for data in stock.store.read(part.cid, offset=part.start + at, length=there)]
    return b"".join(found).ljust(want, b"\0")


async def _with_tail(body: AsyncIterator[bytes], tail: bytes) -> AsyncIterator[bytes]:
    async for part in body:
        yield part
    yield tail
