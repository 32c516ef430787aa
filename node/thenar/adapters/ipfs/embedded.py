"""The store that needs nothing installed: block files and an index. It is both ``Store`` and ``Blocks``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import trio

from thenar.adapters.ipfs.cutting import LEAVES_PER_HOP, build, leaves
from thenar.adapters.ipfs.dag import Spot, pieces
from thenar.adapters.ipfs.fetching import Fetching
from thenar.adapters.ipfs.holdings import Holdings, Intake
from thenar.adapters.ipfs.together import Together
from thenar.domain.hashes import Octets
from thenar.domain.ids import Cid, PeerId
from thenar.domain.unixfs import Builder
from thenar.errors import BadInput, ThenarError, Unavailable
from thenar.services.ports import Exchange, Progress, Stored, Usage


class EmbeddedStore:
    """Files as DAGs on this machine's disk. Nothing is kept that was not added, put or fetched on purpose."""

    __slots__ = ("_exchange", "_holdings")

    def __init__(self, holdings: Holdings, exchange: Exchange | None) -> None:
        self._holdings, self._exchange = holdings, exchange

    def fetch_through(self, exchange: Exchange) -> None:
        """Set where ``fetch`` gets blocks from, when that could not be known at opening."""
        self._exchange = exchange

    async def has(self, cid: Cid) -> bool:
        """Whether a block is here."""
        return await trio.to_thread.run_sync(self._holdings.has, cid)

    async def get(self, cid: Cid) -> bytes:
        """A block, hashed again. Raises NotFound, Corrupt."""
        return await trio.to_thread.run_sync(self._holdings.read, cid)

    async def put(self, cid: Cid, block: bytes) -> None:
        """Keep a block durably; unless a pin reaches it, ``collect`` may delete it. Raises Corrupt, Refused."""
        await trio.to_thread.run_sync(self._put, cid, block)

    async def add(self, parts: AsyncIterable[Octets], *, progress: Progress | None = None) -> Stored:
        """Store, pin and sync a stream of any part sizes in constant memory. Raises Refused over quota."""
        async with _intake(self._holdings) as intake:
            builder = Builder(intake.take)
            async with aclosing(leaves(parts)) as batches:
                async for batch in batches:
                    await trio.to_thread.run_sync(build, builder, batch)
                    if progress:
                        progress(builder.size, 0)
            return await trio.to_thread.run_sync(_close, builder, intake)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Together]:
        """Adds that share their syncs: durable and pinned when the block ends, none of them if it fails."""
        async with _intake(self._holdings) as intake:
            adds = Together(intake)
            yield adds
            await trio.to_thread.run_sync(adds.finish)

    async def read(self, root: Cid, *, offset: int = 0, length: int | None = None) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a stored file in order, hashes checked. Raises NotFound, Corrupt, BadInput."""
        if offset < 0 or (length is not None and length < 0):
            raise BadInput("a range has no negative numbers")
        found = pieces(root, self._holdings.read, offset, length)
        while batch := await trio.to_thread.run_sync(self._read_some, found):
            for piece in batch:
                yield piece

    async def fetch(
        self, root: Cid, peers: Sequence[PeerId], *, limit: int, progress: Progress | None = None
    ) -> Stored:
        """Bring a file of at most ``limit`` bytes here, verify and pin it. What arrived before a failure is kept.

        Raises Refused (over the limit or quota), Corrupt, NotFound, Late, Unavailable (no exchange).
        """
        if self._exchange is None:
            raise Unavailable("this store is not connected to any peers")
        async with _intake(self._holdings) as intake:
            try:
                return await Fetching(intake, self._exchange, peers, limit, progress).run(root)
            except ThenarError:
                await trio.to_thread.run_sync(intake.settle)  # whatever arrived was checked; a retry starts from there
                raise

    async def pin(self, root: Cid) -> None:
        """Pin a file that is completely here. Raises NotFound."""
        await trio.to_thread.run_sync(self._holdings.pin, root)

    async def unpin(self, root: Cid) -> None:
        """Drop a pin, if there is one."""
        await trio.to_thread.run_sync(self._holdings.index.unpin, root)

    async def pins(self) -> frozenset[Cid]:
        """All pinned roots."""
        return frozenset(await trio.to_thread.run_sync(self._holdings.index.pins))

    async def collect(self) -> int:
        """Delete every block that neither a pin nor a running add or fetch needs; return the bytes freed."""
        return await trio.to_thread.run_sync(self._holdings.collect)

    async def usage(self) -> Usage:
        """Bytes and number of blocks, and pins."""
        return await trio.to_thread.run_sync(self._holdings.usage)

    def _put(self, cid: Cid, block: bytes) -> None:
        with Intake(self._holdings) as intake:
            intake.take_checked(cid, block)
            intake.settle()

    def _read_some(self, found: Iterator[tuple[Spot, int, int]]) -> list[bytes]:
        batch: list[bytes] = []
        for spot, start, stop in found:
            block = self._holdings.read(spot.cid)
            batch.append(block if stop - start == len(block) else block[start:stop])
            if len(batch) == LEAVES_PER_HOP:
                break
        return batch


@asynccontextmanager
async def open_embedded(
    directory: Path, *, quota: int, exchange: Exchange | None = None
) -> AsyncIterator[EmbeddedStore]:
    """Open or make a store. Raises Conflict when another process has it open, BadConfig, BadInput (quota)."""
    if quota < 1:
        raise BadInput(f"a quota of {quota} bytes holds nothing")
    holdings = await trio.to_thread.run_sync(Holdings, directory, quota)
    try:
        yield EmbeddedStore(holdings, exchange)
    finally:
        holdings.close()


@asynccontextmanager
async def _intake(holdings: Holdings) -> AsyncIterator[Intake]:
    intake = await trio.to_thread.run_sync(Intake, holdings)
    try:
        yield intake
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(intake.close)


def _close(builder: Builder, intake: Intake) -> Stored:
    root = builder.finish()
    intake.finish(root, builder.size, builder.blocks)
    return Stored(root, builder.size, builder.blocks)
