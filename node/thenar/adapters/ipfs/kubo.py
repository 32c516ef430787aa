"""The store that is a Kubo daemon. Every block that comes out is hashed again; what goes in is asked for by one CID."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, closing, suppress
from typing import TypeVar

import trio

from thenar.adapters.ipfs.cutting import LEAVES_PER_HOP, leaves
from thenar.adapters.ipfs.dag import Spot, pieces
from thenar.adapters.ipfs.fetching import Fetching
from thenar.adapters.ipfs.kuborpc import LANES, KuboRpc
from thenar.domain.hashes import Octets
from thenar.domain.ids import Cid, PeerId
from thenar.domain.unixfs import Builder, check_block
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.ports import Exchange, Progress, Stored, Usage

_T = TypeVar("_T")


class KuboStore:
    """Files as DAGs in a Kubo daemon. ``Store`` and ``Blocks`` in one.

    Fetches through the given exchange, block by checked block; without one, through the daemon's own bitswap. Blocks
    of a fetch are pinned only when all are here: should the daemon collect meanwhile, the fetch fails and is repeated.
    """

    __slots__ = ("_exchange", "_limiter", "_looking", "_quota", "_rpc")

    def __init__(self, rpc: KuboRpc, exchange: Exchange | None, quota: int | None, fetch_timeout: float) -> None:
        self._rpc, self._quota = rpc, quota
        self._exchange: Exchange = exchange or _DaemonSwarm(self, rpc, fetch_timeout)
        self._limiter = trio.CapacityLimiter(LANES)
        self._looking = trio.CapacityLimiter(1)  # however often it is given up, one thread waits for usage

    def fetch_through(self, exchange: Exchange) -> None:
        """Set where ``fetch`` gets blocks from, when that could not be known at opening."""
        self._exchange = exchange

    async def connect(self, multiaddr: str) -> None:
        """Let the daemon dial a peer. Raises Unavailable."""
        await self._run(lambda: self._rpc.connect(multiaddr))

    async def has(self, cid: Cid) -> bool:
        """Whether a block is in the daemon's own store."""
        return await self._run(lambda: self._rpc.has(cid))

    async def get(self, cid: Cid) -> bytes:
        """A block, hashed again. Raises NotFound, Corrupt."""
        return await self._run(lambda: self._rpc.block(cid, offline=True))

    async def put(self, cid: Cid, block: bytes) -> None:
        """Keep a block; unless a pin reaches it, ``collect`` may delete it. Raises Corrupt, Refused."""
        check_block(cid, block)
        keeper = _Keeper(self._rpc, await self._room(), cid)
        await self._run(lambda: keeper.take(cid, block))

    async def add(self, parts: AsyncIterable[Octets], *, progress: Progress | None = None) -> Stored:
        """Stream into the daemon, pin, and hold its CID against our own. Raises Refused over quota, Corrupt."""
        room = await self._room()
        async with aclosing(leaves(parts)) as batches:
            with closing(_Body(batches, room, progress)) as body:
                named = await trio.to_thread.run_sync(self._rpc.add, body)  # not in the limited lanes, see there
                stored = await trio.to_thread.run_sync(body.stored)
            if named != stored.root:
                raise Corrupt(
                    f"the daemon stored {stored.root} as {named}", next_step="check the daemon's Import settings"
                )
            return stored

    @asynccontextmanager
    async def together(self) -> AsyncIterator[KuboStore]:
        """Adds that may share their syncs; the daemon syncs each by itself."""
        yield self

    async def read(self, root: Cid, *, offset: int = 0, length: int | None = None) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a stored file in order, hashes checked. Raises NotFound, Corrupt, BadInput."""
        if offset < 0 or (length is not None and length < 0):
            raise BadInput("a range has no negative numbers")
        found = pieces(root, lambda cid: self._rpc.block(cid, offline=True), offset, length)
        while batch := await self._run(lambda: self._read_some(found)):
            for piece in batch:
                yield piece

    async def fetch(
        self, root: Cid, peers: Sequence[PeerId], *, limit: int, progress: Progress | None = None
    ) -> Stored:
        """Bring a file of at most ``limit`` bytes into the daemon, verify and pin it.

        Raises Refused (over the limit or quota), Corrupt, NotFound, Late.
        """
        keeper = _Keeper(self._rpc, await self._room(), root)
        return await Fetching(keeper, self._exchange, peers, limit, progress).run(root)

    async def pin(self, root: Cid) -> None:
        """Pin a file that is completely here. Raises NotFound."""
        await self._run(lambda: self._rpc.pin(root))

    async def unpin(self, root: Cid) -> None:
        """Drop a pin, if there is one."""
        await self._run(lambda: self._rpc.unpin(root))

    async def pins(self) -> frozenset[Cid]:
        """All pinned roots of our kind."""
        return frozenset(await self._run(self._rpc.pins))

    async def collect(self) -> int:
        """Let the daemon delete every block no pin reaches; return the bytes freed."""
        before, _ = await self._run(self._rpc.room)
        await self._run(self._rpc.collect)
        after, _ = await self._run(self._rpc.room)
        return max(0, before - after)

    async def usage(self) -> Usage:
        """What the daemon's repository occupies; the quota is ours, or else its StorageMax.

        Can be given up while a daemon that hangs does not answer: a status must tell about everything else.
        """
        return await trio.to_thread.run_sync(  # type: ignore[call-arg]  # trio-typing's stubs know an older trio
            self._occupied, limiter=self._looking, abandon_on_cancel=True
        )

    def _occupied(self) -> Usage:
        used, allowed, blocks = self._rpc.stat()
        return Usage(used, self._quota or allowed, blocks, len(self._rpc.pins()))

    async def _room(self) -> int:
        used, allowed = await self._run(self._rpc.room)
        return (self._quota or allowed) - used

    def _read_some(self, found: Iterator[tuple[Spot, int, int]]) -> list[bytes]:
        batch: list[bytes] = []
        for spot, start, stop in found:
            batch.append(self._rpc.block(spot.cid, offline=True)[start:stop])
            if len(batch) == LEAVES_PER_HOP:
                break
        return batch

    async def _run(self, call: Callable[[], _T]) -> _T:
        return await trio.to_thread.run_sync(call, limiter=self._limiter)


class _Keeper:
    """Where a fetch finds and leaves blocks. Only blocks that were not here count against the room."""

    __slots__ = ("_here", "_room", "_root", "_rpc")

    def __init__(self, rpc: KuboRpc, room: int, root: Cid) -> None:
        self._rpc, self._room, self._root = rpc, room, root
        self._here: set[Cid] = set()

    def take(self, cid: Cid, block: bytes) -> None:
        if cid in self._here:
            return
        self._room -= len(block)
        if self._room < 0:
            raise _over_quota()
        self._rpc.put_block(cid, block)
        self._here.add(cid)

    def local(self, cid: Cid) -> bytes | None:
        try:
            block = self._rpc.block(cid, offline=True)
        except NotFound:
            return None
        except Corrupt:
            self._rpc.unpin(self._root)  # a pinned block cannot be deleted; the fetch ends with the pin again
            self._rpc.drop_block(cid)
            return None
        self._here.add(cid)
        return block

    def finish(self, root: Cid, size: int, blocks: int) -> None:
        self._rpc.pin(root)


class _Body(io.RawIOBase):
    """An upload that a worker thread reads and the trio side fills; another thread works out the CID meanwhile."""

    def __init__(self, batches: AsyncGenerator[list[Octets], None], room: int, progress: Progress | None) -> None:
        super().__init__()
        self._builder, self._size = Builder(lambda cid, block: None), 0
        self._namer = ThreadPoolExecutor(1, "name")
        self._naming: Future[None] | None = None
        self._batches, self._room, self._progress = batches, room, progress
        self._ready: list[Octets] = []

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next leaf, or nothing at the end. Raises Refused over quota."""
        if not self._ready:
            self._ready = trio.from_thread.run(self._more)
            self._size += sum(map(len, self._ready))
            if self._size > self._room:
                raise _over_quota()
            self._named()
            self._naming = self._namer.submit(self._builder.leaves, tuple(self._ready))
            self._ready.reverse()
        return bytes(self._ready.pop()) if self._ready else b""

    async def _more(self) -> list[Octets]:
        if self._progress and self._size:
            self._progress(self._size, 0)
        return await anext(self._batches, [])

    def stored(self) -> Stored:
        """What was read so far, under the one root it may have."""
        self._named()
        return Stored(self._builder.finish(), self._builder.size, self._builder.blocks)

    def close(self) -> None:
        """Let go of the naming thread, without waiting for it."""
        self._namer.shutdown(wait=False)
        super().close()

    def _named(self) -> None:
        if self._naming is not None:
            self._naming.result()
            self._naming = None


class _DaemonSwarm:
    """The daemon's own bitswap as an exchange. What it fetches lies in its store until a collection."""

    def __init__(self, store: KuboStore, rpc: KuboRpc, timeout: float) -> None:
        self._store, self._rpc, self._timeout = store, rpc, timeout

    async def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """Yield each block. Raises Late when the daemon cannot find one in time."""
        for peer in peers:
            with suppress(Unavailable):  # perhaps it is connected already, or another peer has everything
                await self._store.connect(f"/p2p/{peer}")
        for cid, block in await trio.to_thread.run_sync(self._all, list(cids)):
            yield cid, block

    def _all(self, cids: list[Cid]) -> list[tuple[Cid, bytes]]:
        with ThreadPoolExecutor(LANES) as pool:
            blocks = pool.map(lambda cid: self._rpc.block(cid, offline=False, timeout=self._timeout), cids)
            return list(zip(cids, blocks, strict=True))


@asynccontextmanager
async def open_kubo(
    api_multiaddr: str,
    *,
    exchange: Exchange | None = None,
    quota: int | None = None,
    timeout: float = 60.0,
    fetch_timeout: float = 30.0,
) -> AsyncIterator[KuboStore]:
    """Use a running daemon, such as ``/ip4/127.0.0.1/tcp/5001``. Timeouts in seconds.

    Raises Unavailable when it does not answer, BadConfig when its version is out of range.
    """
    rpc = await trio.to_thread.run_sync(KuboRpc, api_multiaddr, timeout)
    try:
        yield KuboStore(rpc, exchange, quota, fetch_timeout)
    finally:
        rpc.close()


def _over_quota() -> Refused:
    return Refused(
        "the daemon's quota is reached", next_step="raise Datastore.StorageMax, or unpin something and collect"
    )
