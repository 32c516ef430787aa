"""Bringing a whole file here from other peers, parents before children, a window of wants at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

import trio

from thenar.adapters.ipfs.dag import Spot, children, root_spot
from thenar.domain.ids import Cid, PeerId
from thenar.domain.unixfs import check_block
from thenar.errors import Corrupt, NotFound, Refused
from thenar.services.ports import Exchange, Progress, Stored

_WINDOW = 32  # wants out at once: at most 8 MiB of blocks in memory


class Keeper(Protocol):
    """Where a fetch finds and leaves blocks; called from worker threads."""

    def local(self, cid: Cid) -> bytes | None:
        """A block that is here already, or None."""
        ...

    def take(self, cid: Cid, block: bytes) -> None:
        """Keep a block whose hash is known to be right."""
        ...

    def finish(self, root: Cid, size: int, blocks: int) -> None:
        """Make everything durable, then pin."""
        ...


class Fetching:
    """One fetch. A parent is checked and cut into the only children it may have before any child is wanted."""

    __slots__ = ("_blocks", "_done", "_exchange", "_keeper", "_limit", "_peers", "_progress", "_size", "_todo")

    def __init__(
        self, keeper: Keeper, exchange: Exchange, peers: Sequence[PeerId], limit: int, progress: Progress | None
    ) -> None:
        self._keeper, self._exchange, self._peers = keeper, exchange, peers
        self._limit, self._progress = limit, progress
        self._todo: list[Spot] = []  # in file order from the end, so a node's children come before its next sibling
        self._size = self._done = self._blocks = 0

    async def run(self, root: Cid) -> Stored:
        """Fetch and pin. Raises Refused (over the limit or quota), Corrupt, NotFound, Late."""
        async for _, block in self._blocks_of([Spot(root, 0, 0, 0)]):
            check_block(root, block)
            top = root_spot(root, block)
            if top.size > self._limit:
                raise Refused(f"{root} has {top.size} bytes, over the limit of {self._limit}")
            self._size = top.size
            self._todo = list(reversed(await self._keep(top, block)))
        while self._todo:
            window = [self._todo.pop() for _ in range(min(_WINDOW, len(self._todo)))]
            below: dict[int, list[Spot]] = {}
            async for spot, block in self._blocks_of(window):
                below[spot.offset] = await self._keep(spot, block)
            for offset in sorted(below, reverse=True):
                self._todo += reversed(below[offset])
        await trio.to_thread.run_sync(self._keeper.finish, root, self._size, self._blocks)
        return Stored(root, self._size, self._blocks)

    async def _blocks_of(self, window: Sequence[Spot]) -> AsyncGenerator[tuple[Spot, bytes], None]:
        """Every spot's block once, from here if possible, else from the peers. Hashes are checked in ``_keep``."""
        missing: dict[Cid, list[Spot]] = {}
        for spot in window:
            block = None if spot.cid in missing else await trio.to_thread.run_sync(self._keeper.local, spot.cid)
            if block is None:
                missing.setdefault(spot.cid, []).append(spot)
            else:
                yield spot, block
        if not missing:
            return
        async for cid, block in self._exchange.want(list(missing), self._peers):
            spots = missing.pop(cid, None)
            if spots is None:
                raise Corrupt(f"a peer's answer {cid} was not asked for")
            for spot in spots:
                yield spot, block
        if missing:
            raise NotFound(f"no peer has {len(missing)} of the blocks asked for, such as {next(iter(missing))}")

    async def _keep(self, spot: Spot, block: bytes) -> list[Spot]:
        below = await trio.to_thread.run_sync(self._checked, spot, block)
        self._blocks += 1
        if spot.depth == 0:
            self._done += spot.size
        if self._progress:
            self._progress(self._done, self._size)
        return below

    def _checked(self, spot: Spot, block: bytes) -> list[Spot]:
        check_block(spot.cid, block)
        below = children(spot, block)
        self._keeper.take(spot.cid, block)
        return below
