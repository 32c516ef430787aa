"""Bytes by content id, and progress on the way."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from thenar.domain.hashes import Octets
from thenar.domain.ids import Cid, PeerId

Progress = Callable[[int, int], None]
"""Called with (done, total) bytes; total is 0 when unknown."""


Tell = Callable[[dict[str, object]], None]
"""Takes one piece of progress of a command: ``label``, ``done`` and ``total``."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A byte string kept as IPFS blocks."""

    root: Cid
    size: int
    blocks: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a store occupies, in bytes, and what it may occupy.

    ``used`` counts what blocks hold, ``on_disk`` what their file system gives them, as ``du`` does; None where the
    store does not know.
    """

    used: int
    quota: int
    blocks: int
    pins: int
    on_disk: int | None = field(default=None, compare=False)  # an index's log comes and goes


async def one_part(data: bytes) -> AsyncIterator[bytes]:
    """A stream of one part."""
    yield data


class Blocks(Protocol):
    """Blocks by content id. What comes in is hashed before it is kept; what goes out is hashed again."""

    async def has(self, cid: Cid) -> bool: ...

    async def get(self, cid: Cid) -> bytes:
        """Raises NotFound, Corrupt."""
        ...

    async def put(self, cid: Cid, block: bytes) -> None:
        """Keep a block durably. Raises Corrupt (wrong hash), Refused (too big, over quota)."""
        ...


class Exchange(Protocol):
    """Blocks from other peers."""

    def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """Yield each wanted block once, hash already checked, in any order.

        Raises NotFound when every named peer said it has none of what is left, Late after the deadline.
        """
        ...


class Adds(Protocol):
    """The part of a store that takes bytes in."""

    async def add(self, parts: AsyncIterable[Octets], *, progress: Progress | None = None) -> Stored:
        """Store, pin and sync a stream of any part sizes in constant memory. Raises Refused over quota."""
        ...


class Store(Protocol):
    """Files as UnixFS DAGs: CIDv1, raw leaves, SHA-256, 256 KiB chunks, width 174."""

    async def add(self, parts: AsyncIterable[Octets], *, progress: Progress | None = None) -> Stored:
        """Store, pin and sync a stream of any part sizes in constant memory. Raises Refused over quota."""
        ...

    def together(self) -> AbstractAsyncContextManager[Adds]:
        """Many small adds that share their syncs: durable and pinned when the block ends, none of them if it fails."""
        ...

    def read(self, root: Cid, *, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes of a stored file in order, hashes checked. Raises NotFound when a block is missing."""
        ...

    async def fetch(
        self, root: Cid, peers: Sequence[PeerId], *, limit: int, progress: Progress | None = None
    ) -> Stored:
        """Bring a whole DAG of at most ``limit`` bytes here from the named peers, verify and pin it."""
        ...

    async def pin(self, root: Cid) -> None: ...

    async def unpin(self, root: Cid) -> None:
        """Drop a pin; the blocks stay until ``collect``. No error when it was not pinned."""
        ...

    async def pins(self) -> frozenset[Cid]: ...

    async def collect(self) -> int:
        """Delete every block no pin reaches; return the bytes freed."""
        ...

    async def usage(self) -> Usage: ...
