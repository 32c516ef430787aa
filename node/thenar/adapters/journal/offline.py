"""A journal's file looked at and copied by somebody who is not its node. Nothing here changes what it says."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from thenar.adapters.journal import rows, tables
from thenar.adapters.journal.sqlite import FAILURES, MIGRATIONS, failure_of
from thenar.errors import BadConfig


@dataclass(frozen=True, slots=True)
class Survey:
    """What is in a journal: its schema's version, the digest of every row, and counts."""

    version: int
    digest: str
    facts: int
    statements: int
    failed_duties: int
    open_intents: int

    @property
    def newer(self) -> bool:
        """Whether this version of Thenar does not know its schema."""
        return self.version > len(MIGRATIONS)


def survey(path: Path, *, leave_out: Collection[str] = ()) -> Survey:
    """Read a whole journal, also one in use. ``leave_out`` names remembered values the digest passes over.

    Raises Corrupt when it is damaged, Unavailable when it cannot be read, BadConfig when there is none.
    """
    with _reading(path) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):  # its tables may be others
            return Survey(int(version), "", 0, 0, 0, 0)
        rows.check(db, version)
        return Survey(
            int(version),
            _digest(db, leave_out),
            _count(db, "facts"),
            _count(db, "statements"),
            _count(db, "duties WHERE state = 'failed'"),
            _count(db, "intents WHERE state IN ('wanted', 'signed', 'mined')"),
        )


def blocks_in(path: Path) -> dict[int, str]:
    """The hashes of blocks that a journal remembers, by height. Raises what ``survey`` raises."""
    with _reading(path) as db:
        return tables.blocks(db)


def copy_journal(source: Path, target: Path) -> None:
    """Copy a journal as it is at one moment, also while its node writes; on disk when this returns.

    Raises what ``survey`` raises.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with _reading(source) as db:
        copy = sqlite3.connect(target)
        try:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        finally:
            copy.close()
    handle = os.open(target, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise BadConfig(f"there is no journal at {path}", next_step="name a node's data directory with --data")
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=5)
        try:
            db.execute("BEGIN")
            yield db
        finally:
            db.close()
    except FAILURES as cause:
        raise failure_of(cause) from cause


def _count(db: sqlite3.Connection, what: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


def _digest(db: sqlite3.Connection, leave_out: Collection[str]) -> str:
    """SHA-256 over every row of every table, each value with its type, in the order of the rows' contents."""
    running = hashlib.sha256()
    for table in rows.TABLES:
        order = ", ".join(str(number + 1) for number in range(len(rows.columns(db, table))))
        running.update(f"\n{table}\n".encode())
        for row in db.execute(f"SELECT * FROM {table} ORDER BY {order}"):
            if table != "remembered" or row[0] not in leave_out:
                running.update(repr(row).encode())
    return running.hexdigest()
