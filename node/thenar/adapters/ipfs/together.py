"""Many small files at once: their blocks are synced and their pins written together."""

from __future__ import annotations

from collections.abc import AsyncIterable
from contextlib import aclosing

import trio

from thenar.adapters.ipfs.cutting import build, leaves
from thenar.adapters.ipfs.holdings import Intake
from thenar.domain.hashes import Octets
from thenar.domain.unixfs import Builder
from thenar.services.ports import Progress, Stored


class Together:
    """Adds to one intake, one after the other. Nothing is durable or pinned before the block it was opened for ends."""

    __slots__ = ("_intake", "_lock", "_stored")

    def __init__(self, intake: Intake) -> None:
        self._intake, self._lock = intake, trio.Lock()
        self._stored: list[Stored] = []

    async def add(self, parts: AsyncIterable[Octets], *, progress: Progress | None = None) -> Stored:
        """Store a stream of any part sizes in constant memory. Raises Refused over quota."""
        async with self._lock, aclosing(leaves(parts)) as batches:
            builder = Builder(self._intake.take)
            async for batch in batches:
                await trio.to_thread.run_sync(build, builder, batch)
                if progress:
                    progress(builder.size, 0)
            root = await trio.to_thread.run_sync(builder.finish)
            stored = Stored(root, builder.size, builder.blocks)
            self._stored.append(stored)
            return stored

    def finish(self) -> None:
        """Bring everything to disk, then pin it."""
        self._intake.settle()
        self._intake.pin(self._stored)
