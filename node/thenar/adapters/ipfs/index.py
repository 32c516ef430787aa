"""What the embedded store holds: one SQLite row per block and per pin.

A block's row says HERE only between two moments: after its file and its directory entry are on disk, and before the
file is deleted. ARRIVING and LEAVING rows exist only around those moments; ``unsettled`` names the ones a crash left.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from thenar.domain.ids import Cid
from thenar.errors import Corrupt, Unavailable

HERE, ARRIVING, LEAVING = 0, 1, 2
_SPOILED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_MISMATCH")
"""What SQLite says of a file that makes no sense; of an outage it says something else."""
AGAIN = "kept files are fetched again from peers"

_SCHEMA = """
create table if not exists blocks(cid text primary key, size integer not null, state integer not null) without rowid;
create table if not exists pins(root text primary key, size integer not null, blocks integer not null) without rowid;
create index if not exists unsettled on blocks(state) where state <> 0;
create table if not exists totals(used integer not null, blocks integer not null, allocated integer not null);
insert into totals select 0, 0, 0 where not exists (select 1 from totals);
create trigger if not exists came after update of state on blocks when old.state <> 0 and new.state = 0
begin update totals set used = used + new.size, blocks = blocks + 1,
allocated = allocated + (new.size + 4095) / 4096 * 4096; end;
create trigger if not exists went after update of state on blocks when old.state = 0 and new.state <> 0
begin update totals set used = used - old.size, blocks = blocks - 1,
allocated = allocated - (old.size + 4095) / 4096 * 4096; end;
create trigger if not exists dropped after delete on blocks when old.state = 0
begin update totals set used = used - old.size, blocks = blocks - 1,
allocated = allocated - (old.size + 4095) / 4096 * 4096; end;
create temporary table reached(cid text primary key) without rowid;
"""

_COUNT_ALLOCATED = """
begin immediate;
alter table totals add column allocated integer not null default 0;
update totals set allocated =
(select coalesce(sum((size + 4095) / 4096 * 4096), 0) from blocks where state = 0);
drop trigger if exists came; drop trigger if exists went; drop trigger if exists dropped;
commit;
"""
"""For an index of a version that did not count what file systems give to files, in pieces of 4 KiB."""


class Index:
    """The rows, behind one connection and a lock, for use from worker threads.

    Raises Unavailable when SQLite fails, Corrupt when its file is spoiled.
    """

    __slots__ = ("_connection", "_lock", "_totals")

    def __init__(self, path: Path) -> None:
        """Open or make the index. Raises Corrupt."""
        self._lock = threading.RLock()
        self._totals: tuple[int, int, int] | None = None  # as read last; a transaction forgets it
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            self._connection.executescript("pragma journal_mode = wal; pragma synchronous = full;")
            columns = {row[1] for row in self._connection.execute("pragma table_info(totals)")}
            if columns and "allocated" not in columns:
                self._connection.executescript(_COUNT_ALLOCATED)
            self._connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as cause:
            raise Corrupt(
                f"the block index {path} cannot be opened: {cause}", next_step="restore it from a backup"
            ) from cause

    def close(self) -> None:
        """Close the connection; nothing is lost."""
        self._connection.close()

    def totals(self) -> tuple[int, int, int]:
        """Bytes and number of the blocks that are here, and bytes their files take on disk.

        Triggers keep all three in step with every transaction.
        """
        with self._guarded():
            if self._totals is None:
                row = self._connection.execute("select used, blocks, allocated from totals").fetchone()
                self._totals = int(row[0]), int(row[1]), int(row[2])
            return self._totals

    def size_of(self, cid: Cid) -> int | None:
        """The size of a block that is here, or None."""
        with self._guarded():
            row = self._connection.execute("select size from blocks where cid = ? and state = 0", (cid,)).fetchone()
        return None if row is None else int(row[0])

    def expect(self, blocks: Iterable[tuple[Cid, int]]) -> None:
        """Say that files of these names are about to appear."""
        with self._transaction() as connection:
            connection.executemany("insert or ignore into blocks values(?, ?, 1)", blocks)

    def confirm(self, cids: Iterable[Cid]) -> None:
        """Say that these files are on disk under their names."""
        with self._transaction() as connection:
            connection.executemany("update blocks set state = 0 where cid = ?", ((cid,) for cid in cids))

    def pin(self, root: Cid, size: int, blocks: int) -> None:
        """Pin a root whose blocks are all here."""
        self.pin_all([(root, size, blocks)])

    def pin_all(self, roots: Iterable[tuple[Cid, int, int]]) -> None:
        """Pin roots (name, bytes, blocks) whose blocks are all here."""
        with self._transaction() as connection:
            connection.executemany("insert or replace into pins values(?, ?, ?)", roots)

    def unpin(self, root: Cid) -> None:
        """Drop a pin, if there is one."""
        with self._transaction() as connection:
            connection.execute("delete from pins where root = ?", (root,))

    def pins(self) -> list[Cid]:
        """All pinned roots."""
        with self._guarded():
            return [Cid(row[0]) for row in self._connection.execute("select root from pins")]

    def pin_count(self) -> int:
        """How many roots are pinned."""
        with self._guarded():
            return int(self._connection.execute("select count(*) from pins").fetchone()[0])

    def leave(self, cid: Cid) -> None:
        """Say that a block is about to be deleted."""
        with self._transaction() as connection:
            connection.execute("update blocks set state = 2 where cid = ?", (cid,))

    def forget(self, cids: Iterable[Cid]) -> None:
        """Remove rows whose files are gone."""
        with self._transaction() as connection:
            connection.executemany("delete from blocks where cid = ?", ((cid,) for cid in cids))

    def unsettled(self) -> list[tuple[Cid, int]]:
        """Rows (name, state) that a crash left between two moments."""
        with self._guarded():
            return [
                (Cid(row[0]), int(row[1]))
                for row in self._connection.execute("select cid, state from blocks where state <> 0")
            ]

    def mark(self, cids: Iterable[Cid]) -> None:
        """Note blocks that must stay in the coming ``unreached``."""
        with self._transaction() as connection:
            connection.executemany("insert or ignore into reached values(?)", ((cid,) for cid in cids))

    def unreached(self) -> list[Cid]:
        """Turn every block here that was not marked to LEAVING and name them; clears the marks."""
        with self._transaction() as connection:
            connection.execute(
                "update blocks set state = 2 where state = 0 and cid not in (select cid from temp.reached)"
            )
            connection.execute("delete from temp.reached")
            return [Cid(row[0]) for row in connection.execute("select cid from blocks where state = 2")]

    def clear_marks(self) -> None:
        """Forget marks that an interrupted collection left."""
        with self._guarded():
            self._connection.execute("delete from temp.reached")

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as cause:
                if getattr(cause, "sqlite_errorname", "").startswith(_SPOILED):
                    raise Corrupt(
                        f"the block index is damaged: {cause}", next_step=f"move the store's folder away; {AGAIN}"
                    ) from cause
                raise Unavailable(f"the block index does not answer: {cause}") from cause

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._guarded():
            self._totals = None
            self._connection.execute("begin immediate")
            try:
                yield self._connection
                self._connection.execute("commit")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
