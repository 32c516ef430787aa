"""The embedded store, synchronous half: index and files kept in step. Runs in worker threads.

One gate serialises whatever moves blocks in or out. An intake (one add, fetch or put) leases the names it relies on,
from before it looks them up until it ends, so a collection in between cannot take them away.
"""

from __future__ import annotations

import fcntl
import threading
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Self

from thenar.adapters.ipfs.blockfiles import BlockFiles
from thenar.adapters.ipfs.dag import blocks_of
from thenar.adapters.ipfs.index import ARRIVING, Index
from thenar.domain.ids import RAW, Cid
from thenar.domain.unixfs import LEAF_BYTES, MAX_NODE_BYTES, Octets, check_block
from thenar.errors import BadConfig, Conflict, Corrupt, NotFound, Refused
from thenar.services.ports import Usage

_MARK_BLOCKS = 4096
_SETTLE_BLOCKS = 128  # 32 MiB: what is synced and named at once


class Holdings:
    """Blocks and pins on disk. One process at a time."""

    def __init__(self, directory: Path, quota: int) -> None:
        """Open or make a store. Raises Conflict when another process holds it, BadConfig."""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock_file = (directory / "lock").open("w")
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.files = BlockFiles(directory)
        except BlockingIOError as cause:
            self._lock_file.close()
            raise Conflict(f"another process uses the store at {directory}") from cause
        except OSError as cause:
            raise BadConfig(f"{directory} cannot hold a store: {cause.strerror}") from cause
        self.quota = quota
        self.index = Index(directory / "index.sqlite")
        self.gate = threading.RLock()
        self.leases: Counter[Cid] = Counter()
        self.reserved = 0
        self._recover()

    def close(self) -> None:
        """Release the files. Open intakes must have ended."""
        self.index.close()
        self._lock_file.close()

    def has(self, cid: Cid) -> bool:
        """Whether a block is here."""
        return self.index.size_of(cid) is not None

    def read(self, cid: Cid) -> bytes:
        """A block, hashed again. A block that fails its hash is dropped. Raises NotFound, Corrupt, Unavailable."""
        if not self.has(cid):
            raise NotFound(f"block {cid} is not here")
        try:
            return self.files.read(cid)
        except (Corrupt, NotFound):
            return self._read_or_drop(cid)

    def pin(self, root: Cid) -> None:
        """Pin a file all of whose blocks are here. Raises NotFound."""
        with self.gate:
            size, count = 0, 0
            for spot in blocks_of(root, self.read):
                if not self.has(spot.cid):
                    raise NotFound(f"block {spot.cid} of {root} is not here", next_step="fetch the file first")
                size, count = size + (spot.size if spot.depth == 0 else 0), count + 1
            self.index.pin(root, size, count)

    def collect(self) -> int:
        """Delete every block that no pin reaches and no intake leases; return the bytes freed.

        Raises Corrupt or NotFound, with nothing deleted, when a pinned file cannot be walked to its end.
        """
        with self.gate:
            before, _ = self.index.totals()
            self.index.clear_marks()
            self.index.mark(list(self.leases))
            for root in self.index.pins():
                walk = blocks_of(root, self.read)
                while batch := [spot.cid for spot in islice(walk, _MARK_BLOCKS)]:
                    self.index.mark(batch)
            leaving = self.index.unreached()
            self.files.delete(leaving)
            self.index.forget(leaving)
            return before - self.index.totals()[0]

    def usage(self) -> Usage:
        """What is here now. Does not wait for the gate, so that a long collection does not silence a status request."""
        used, blocks = self.index.totals()
        return Usage(used, self.quota, blocks, self.index.pin_count())

    def _read_or_drop(self, cid: Cid) -> bytes:
        """Read once more, with nothing moving; what is still bad is dropped, so that a fetch can heal it."""
        with self.gate:
            if not self.has(cid):
                raise NotFound(f"block {cid} is not here")
            try:
                return self.files.read(cid)
            except (Corrupt, NotFound) as cause:
                self.index.leave(cid)
                self.files.delete([cid])
                self.index.forget([cid])
                raise Corrupt(f"block {cid} went bad on disk", next_step="fetch it again from a peer") from cause

    def _recover(self) -> None:
        """Finish what a crash interrupted: a named file was synced before it was named, so it counts."""
        arrived: list[Cid] = []
        gone: list[Cid] = []
        for cid, state in self.index.unsettled():
            if state == ARRIVING and self.files.holds(cid):
                arrived.append(cid)
            else:
                gone.append(cid)
        if arrived or gone:
            self.files.delete(gone)
            self.index.confirm(arrived)
            self.index.forget(gone)


class Intake:
    """One writer: an add, a fetch or a single put. Blocks are trusted once ``settle`` ran; ``finish`` also pins."""

    __slots__ = ("_fresh", "_holdings", "_leased", "_ripe", "_staged", "_staging")

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._staging = holdings.files.stage()
        self._leased: set[Cid] = set()
        self._fresh: list[tuple[Cid, int]] = []  # written last; the kernel is still busy with them
        self._ripe: list[tuple[Cid, int]] = []  # written before those; probably on disk by now
        self._staged: set[Cid] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._staging.discard()
        with self._holdings.gate:
            self._holdings.reserved -= sum(size for _, size in (*self._fresh, *self._ripe))
            self._holdings.leases -= Counter(self._leased)

    def take(self, cid: Cid, block: Octets) -> None:
        """Keep a block whose hash is known to be right. Raises Refused (quota, too big)."""
        holdings, length = self._holdings, memoryview(block).nbytes
        if length > (LEAF_BYTES if cid.codec == RAW else MAX_NODE_BYTES):
            raise Refused(f"block {cid} of {length} bytes is too big")
        with holdings.gate:
            if self.lease(cid) or cid in self._staged:
                return
            if holdings.index.totals()[0] + holdings.reserved + length > holdings.quota:
                raise Refused(
                    f"the store's quota of {holdings.quota} bytes is reached",
                    next_step="raise the quota, or unpin something and collect",
                )
            holdings.reserved += length
            self._fresh.append((cid, length))
        self._staged.add(cid)
        self._staging.write(cid, block)
        if len(self._fresh) >= _SETTLE_BLOCKS:
            self._settle(self._ripe)
            self._ripe, self._fresh = self._fresh, []

    def take_checked(self, cid: Cid, block: bytes) -> None:
        """Keep a block from outside. Raises Corrupt, Refused."""
        check_block(cid, block)
        self.take(cid, block)

    def lease(self, cid: Cid) -> bool:
        """Whether a block is here already; if it is, it stays at least until this intake ends."""
        with self._holdings.gate:
            if cid not in self._leased:
                self._leased.add(cid)
                self._holdings.leases[cid] += 1
            return self._holdings.has(cid)

    def local(self, cid: Cid) -> bytes | None:
        """A block that is here already, hashed again, or None."""
        if not self.lease(cid):
            return None
        try:
            return self._holdings.read(cid)
        except Corrupt:
            return None  # it was dropped and must be fetched again

    def settle(self) -> None:
        """Bring everything taken so far to disk, under its name."""
        self._settle(self._ripe)
        self._ripe = []
        self._settle(self._fresh)
        self._fresh = []

    def finish(self, root: Cid, size: int, blocks: int) -> None:
        """Settle, then pin: a pin never names a block that is not on disk."""
        self.settle()
        self._holdings.index.pin(root, size, blocks)

    def _settle(self, blocks: Iterable[tuple[Cid, int]]) -> None:
        rows = list(blocks)
        if not rows:
            return
        holdings, names = self._holdings, [cid for cid, _ in rows]
        self._staging.sync(names)
        with holdings.gate:
            holdings.index.expect(rows)
            self._staging.publish(names)
            holdings.index.confirm(names)
            holdings.reserved -= sum(size for _, size in rows)
        self._staged.difference_update(names)
