"""Cutting a stream of any part sizes into IPFS leaves, a few at a time, without copying parts that fit already."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable

from thenar.domain.hashes import Octets
from thenar.domain.unixfs import LEAF_BYTES, Builder

LEAVES_PER_HOP = 16  # 4 MiB; a hop to a worker thread costs about 70 µs


async def leaves(parts: AsyncIterable[Octets]) -> AsyncGenerator[list[Octets], None]:
    """Yield lists of up to 16 leaves; only the very last leaf is short. Nothing for an empty stream."""
    ready: list[Octets] = []
    held = bytearray()
    async for part in parts:
        if not held and len(part) == LEAF_BYTES:
            ready.append(part)
        else:
            view = memoryview(part)
            while view:  # however big the part, at most one leaf more is held
                take = LEAF_BYTES - len(held)
                held += view[:take]
                view = view[take:]
                if len(held) == LEAF_BYTES:
                    ready.append(bytes(held))
                    held.clear()
                if len(ready) == LEAVES_PER_HOP:
                    yield ready
                    ready = []
        if len(ready) == LEAVES_PER_HOP:
            yield ready
            ready = []
    if held:
        ready.append(bytes(held))
    if ready:
        yield ready


def build(builder: Builder, batch: list[Octets]) -> None:
    """Give a list of leaves to a builder and let go of them; for a worker thread."""
    builder.leaves(batch)
    batch.clear()
