"""The embedded store, synchronous half: index and files kept in step. Runs in worker threads.

One gate serialises whatever moves blocks in or out. An intake (one add, fetch or put) leases the names it relies on,
from before it looks them up until it ends, so a collection in between cannot take them away.
"""

from __future__ import annotations

import fcntl
import threading
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Self

from thenar.adapters.ipfs.blockfiles import BlockFiles
from thenar.adapters.ipfs.dag import blocks_of
from thenar.adapters.ipfs.index import AGAIN, ARRIVING, Index
from thenar.domain.hashes import Octets
from thenar.domain.ids import RAW, Cid
from thenar.domain.unixfs import LEAF_BYTES, MAX_NODE_BYTES, check_block
from thenar.errors import BadConfig, Conflict, Corrupt, NotFound, Refused
from thenar.services.ports import Stored, Usage

_MARK_BLOCKS = 4096
_SETTLE_BLOCKS = 128  # 32 MiB: what is synced and named at once
_WRITERS, _UNWRITTEN_BLOCKS = 3, 8  # the disk is kept busy while further blocks are made


class Holdings:
    """Blocks and pins on disk. One process at a time."""

    def __init__(self, directory: Path, quota: int) -> None:
        """Open or make a store. Raises Conflict when another process holds it, BadConfig, Corrupt."""
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
        index = directory / "index.sqlite"
        if index.exists() and not index.stat().st_size and any((directory / "blocks").glob("*/*")):
            self._lock_file.close()
            raise Corrupt(f"{index} is empty, and there are blocks", next_step=f"move {directory} away; {AGAIN}")
        self.index = Index(index)
        self.gate = threading.RLock()
        self.settling = threading.Lock()  # taken before the gate
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
            before = self.index.totals()[0]
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
        used, blocks, allocated = self.index.totals()
        return Usage(used, self.quota, blocks, self.index.pin_count(), allocated + self.files.overhead())

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
        """Finish what a crash interrupted: a block that was arriving counts if it is whole, and is on disk first."""
        arrived: list[Cid] = []
        gone: list[Cid] = []
        for cid, state in self.index.unsettled():
            (arrived if state == ARRIVING and self._whole(cid) else gone).append(cid)
        if arrived or gone:
            self.files.delete(gone)
            self.files.sync(arrived)
            self.index.confirm(arrived)
            self.index.forget(gone)

    def _whole(self, cid: Cid) -> bool:
        try:
            self.files.read(cid)
        except (Corrupt, NotFound):
            return False
        return True


class Intake:
    """One writer: an add, a fetch or a single put. Blocks are trusted once ``settle`` ran; ``finish`` also pins.

    Threads of its own write and wait for the disk while further blocks are taken; at most 2 MiB are not yet written, at
    most 66 MiB not yet under their names.
    """

    __slots__ = (
        "_fresh",
        "_holdings",
        "_leased",
        "_reserved",
        "_settler",
        "_settling",
        "_staged",
        "_staging",
        "_writers",
        "_writing",
    )

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._staging = holdings.files.stage()
        self._leased: set[Cid] = set()
        self._fresh: list[tuple[Cid, int]] = []  # written, not yet given to the settling thread
        self._staged: set[Cid] = set()
        self._reserved = 0
        self._writers = ThreadPoolExecutor(_WRITERS, "write")  # threads start with the first work
        self._writing: deque[tuple[Future[None], Cid, int]] = deque()
        self._settler = ThreadPoolExecutor(1, "settle")
        self._settling: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything that was not settled. May wait for the disk."""
        self._writers.shutdown()
        self._settler.shutdown()
        self._staging.discard()
        with self._holdings.gate:
            self._holdings.reserved -= self._reserved
            self._holdings.leases -= Counter(self._leased)

    def take(self, cid: Cid, block: Octets) -> None:
        """Keep a block whose hash is known to be right. Raises Refused (quota, too big, disk), Unavailable (disk).

        It is written later; what goes wrong then is raised by a later call. One that is here is read before it is
        relied on: whoever adds a file again may do so because the disk lost it.
        """
        holdings, length = self._holdings, memoryview(block).nbytes
        if length > (LEAF_BYTES if cid.codec == RAW else MAX_NODE_BYTES):
            raise Refused(f"block {cid} of {length} bytes is too big")
        with holdings.gate:
            if cid in self._staged or self.local(cid) is not None:
                return
            if holdings.index.totals()[0] + holdings.reserved + length > holdings.quota:
                raise Refused(
                    f"the store's quota of {holdings.quota} bytes is reached",
                    next_step="raise the quota, or unpin something and collect",
                )
            holdings.reserved += length
            self._reserved += length
            self._staged.add(cid)
        self._writing.append((self._writers.submit(self._staging.write, cid, block), cid, length))
        self._land(_UNWRITTEN_BLOCKS)
        if len(self._fresh) >= _SETTLE_BLOCKS:
            self._settled()
            self._settling, self._fresh = self._settler.submit(self._settle, self._fresh), []

    def take_checked(self, cid: Cid, block: bytes) -> None:
        """Keep a block from outside. Raises Corrupt, Refused, Unavailable."""
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
        """Bring everything taken so far to disk, under its name. Raises Refused (disk full), Unavailable."""
        self._settled()
        try:
            self._land(0)
        finally:  # what was written is kept, also when something else was not
            self._settle(self._fresh)
            self._fresh = []

    def finish(self, root: Cid, size: int, blocks: int) -> None:
        """Settle, then pin: a pin never names a block that is not on disk."""
        self.settle()
        self._holdings.index.pin(root, size, blocks)

    def pin(self, stored: Iterable[Stored]) -> None:
        """Pin files whose blocks this intake settled."""
        self._holdings.index.pin_all((each.root, each.size, each.blocks) for each in stored)

    def _land(self, most: int) -> None:
        """Wait until at most so many writes are under way. Raises what went wrong with one, once."""
        while len(self._writing) > most:
            writing, cid, length = self._writing.popleft()
            writing.result()
            self._fresh.append((cid, length))

    def _settled(self) -> None:
        """Wait for what the settling thread was given last. Raises what went wrong there."""
        if self._settling is not None:
            self._settling.result()
            self._settling = None

    def _settle(self, rows: list[tuple[Cid, int]]) -> None:
        if not rows:
            return
        holdings, names = self._holdings, [cid for cid, _ in rows]
        size = sum(length for _, length in rows)
        with holdings.settling:  # one intake at a time, so that no file takes the place of one that is trusted already
            with holdings.gate:
                holdings.index.expect(rows)
                fresh = [cid for cid in names if not holdings.has(cid)]
                self._staging.publish(fresh)
            holdings.files.sync(fresh)
            with holdings.gate:
                holdings.index.confirm(names)
                holdings.reserved -= size
                self._reserved -= size
                self._staged.difference_update(names)
