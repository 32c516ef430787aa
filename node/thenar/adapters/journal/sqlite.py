"""The journal in SQLite: WAL, synchronous=FULL, one connection on one thread lane, one process per data directory.

A method returns only when what it wrote is on disk, so SIGKILL at any moment loses nothing that was acknowledged.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import trio

from thenar.adapters.journal import outbox, rows, tables
from thenar.domain.duties import Duty
from thenar.domain.facts import Fact
from thenar.domain.guard import Said
from thenar.domain.ids import TxHash
from thenar.domain.sending import Call, Failure, Intent, Mined, Signed
from thenar.errors import BadConfig, Conflict, Corrupt, Unavailable
from thenar.services.ports import Batch

FILE_NAME = "journal.sqlite"
CACHE_KIB = 256
"""What of the file this process keeps in memory; the system keeps the rest, and takes it back when it is needed."""
MIGRATIONS = ("0001_init.sql", "0002_digests.sql", "0003_ends.sql")
"""In order; the schema version is how many have run."""
AFTER = "\U0010ffff"
"""Sorts after every character of a name, so that names with a prefix are a range of the table's key."""
FAILURES = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises; the second where what it would say of a damaged schema is no text."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@asynccontextmanager
async def open_journal(directory: Path) -> AsyncIterator[SqliteJournal]:
    """Open, or begin, the journal of a data directory and hold the directory's lock.

    Raises Conflict when another process holds it, BadConfig for a newer version's schema, Corrupt for a damaged file.
    """
    lane = trio.CapacityLimiter(1)
    with hold(directory):
        db = await trio.to_thread.run_sync(_open, directory / FILE_NAME, limiter=lane)
        try:
            yield SqliteJournal(db, lane)
        finally:
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(db.close, limiter=lane)


class SqliteJournal:
    """Implements the Journal and SendLog ports. Made by ``open_journal``."""

    def __init__(self, db: sqlite3.Connection, lane: trio.CapacityLimiter) -> None:
        self._db = db
        self._lane = lane

    async def cursor(self) -> int | None:
        """The last block taken in, or None."""
        row = await self._one("SELECT max(block) FROM blocks")
        return None if row is None else row[0]

    async def block_hash(self, block: int) -> str | None:
        """The hash taken in at a height, or None when that height is not kept."""
        row = await self._one("SELECT hash FROM blocks WHERE block = ?", block)
        return None if row is None else str(row[0])

    async def blocks(self) -> Mapping[int, str]:
        """The hashes that are kept, by height."""
        return dict(await self._run(tables.blocks))

    async def facts(self) -> Sequence[Fact]:
        """Every fact taken in, in chain order."""
        return await self._run(tables.facts)

    async def take_in(self, batch: Batch, duties: Sequence[Duty]) -> None:
        """Facts, the duties they give and the cursor, all or nothing. A batch already taken in changes nothing.

        Raises Conflict when the batch does not follow the cursor.
        """
        await self._write(tables.take_in, batch, tuple(duties))

    async def rewind(self, to_block: int) -> None:
        """Drop facts after a block and the duties they gave; what ended since is open again: it may not be done now."""
        await self._write(tables.rewind, to_block)

    async def open_duties(self) -> Sequence[Duty]:
        """Duties neither done nor failed, oldest first."""
        found = await self._all(
            "SELECT kind, subject, block, not_before, deep FROM duties WHERE state = 'pending' ORDER BY seq"
        )
        return [tables.duty(*row) for row in found]

    async def finish(self, duty: Duty) -> None:
        """The duty is done, by what the chain says at the cursor."""
        await self._write(tables.end, duty.key, "done", "")

    async def fail(self, duty: Duty, reason: str) -> None:
        """The duty can never be done, by what the chain says at the cursor."""
        await self._write(tables.end, duty.key, "failed", reason[:1000])

    async def reopen(self, duty: Duty) -> None:
        """A failed duty is to be tried again."""
        await self._write(tables.reopen, duty.key)

    async def postpone(self, duty: Duty, not_before: int, reason: str) -> int:
        """Try a pending duty again from a chain time on; returns how often it was put off."""
        return await self._write(tables.postpone, duty.key, not_before, reason[:1000])

    async def failed_duties(self) -> Sequence[tuple[Duty, str]]:
        """Duties that can never be done, and why."""
        found = await self._all(
            "SELECT kind, subject, block, not_before, deep, reason FROM duties WHERE state = 'failed' ORDER BY seq"
        )
        return [(tables.duty(*row[:5]), row[5]) for row in found]

    async def guard_statement(self, domain: str, key: str, digest: bytes, about: int | None = None) -> None:
        """Write down what is about to be signed. Raises Conflict when that could contradict what was signed."""
        await self._write(tables.guard, domain, key, digest, about)

    async def statements(self) -> Sequence[Said]:
        """Everything signed under the guard."""
        return await self._run(tables.statements)

    async def hear_statements(self, said: Sequence[Said]) -> dict[str, int]:
        """Take in what another copy of this node signed; how many subjects were added, known and spoiled."""
        return await self._write(tables.hear, tuple(said))

    async def put(self, name: str, value: bytes) -> None:
        """Remember a small value under a name."""
        await self.put_all({name: value})

    async def put_all(self, values: Mapping[str, bytes]) -> None:
        """Remember many small values, all or nothing."""
        await self._write(tables.remember, values)

    async def get(self, name: str) -> bytes | None:
        """The value under a name, or None."""
        row = await self._one("SELECT value FROM remembered WHERE name = ?", name)
        return None if row is None else bytes(row[0])

    async def forget(self, names: Sequence[str]) -> None:
        """Forget values and overwrite where they lay, in the file and in its log."""
        await self._write(tables.forget, tuple(names))
        await self._change("PRAGMA wal_checkpoint(TRUNCATE)")

    async def names(self, prefix: str) -> Sequence[str]:
        """The remembered names that start with ``prefix``, in order."""
        statement = "SELECT name FROM remembered WHERE name >= ? AND name < ? ORDER BY name"
        found = await self._all(statement, prefix, prefix + AFTER)
        return [str(row[0]) for row in found]

    async def remember_intent(self, key: str, call: Call) -> Intent:
        """Want a call once per key; see the SendLog port."""
        return await self._write(outbox.remember, key, call)

    async def intent(self, key: str) -> Intent | None:
        """The intent of a key, or None."""
        return await self._run(outbox.one, key)

    async def open_intents(self) -> Sequence[Intent]:
        """Intents neither final nor failed, in the order they were wanted."""
        return await self._run(outbox.opened)

    async def next_nonce(self) -> int:
        """One more than the highest nonce ever signed, or 0."""
        row = await self._one("SELECT coalesce(max(nonce) + 1, 0) FROM signed")
        return 0 if row is None else int(row[0])

    async def note_signed(self, key: str, signed: Signed) -> None:
        """A signed transaction, before it is broadcast. Raises Conflict when the nonce belongs to another intent."""
        await self._write(outbox.note_signed, key, signed)

    async def note_mined(self, key: str, mined: Mined) -> None:
        """The transaction is in a block."""
        await self._write(outbox.note_mined, key, mined)

    async def note_unmined(self, key: str) -> None:
        """The block is gone; the transaction is signed, no more."""
        await self._change("UPDATE intents SET state = 'signed', mined = '' WHERE key = ?", key)

    async def note_displaced(self, key: str) -> None:
        """The nonce is lost for good; the intent is wanted again."""
        await self._write(outbox.note_displaced, key)

    async def note_final(self, key: str) -> None:
        """The transaction is too deep to be undone."""
        await self._change("UPDATE intents SET state = 'final' WHERE key = ?", key)

    async def ended_since(self, block: int) -> Sequence[Intent]:
        """Intents that ended in a block after ``block``, of the newest 512."""
        return await self._run(outbox.ended_since, block)

    async def note_undone(self, keys: Sequence[str]) -> None:
        """The blocks these intents ended in are gone; they are signed, no more."""
        await self._write(outbox.note_undone, tuple(keys))

    async def given_up_since(self, block: int) -> Sequence[tuple[str, TxHash]]:
        """Transactions of the newest 512 intents signed after ``block`` and given up, unless the intents are mined."""
        return await self._run(outbox.given_up_since, block)

    async def note_revived(self, key: str, tx_hash: TxHash) -> None:
        """What was given up is on the chain after all; it is the intent's only transaction."""
        await self._write(outbox.note_revived, key, tx_hash)

    async def signed_under(self, nonce: int) -> bytes | None:
        """The newest transaction ever signed under a nonce, or None."""
        row = await self._one("SELECT raw FROM signed WHERE nonce = ? ORDER BY rowid DESC LIMIT 1", nonce)
        return None if row is None else bytes(row[0])

    async def note_failed(self, key: str, failure: Failure) -> None:
        """The intent ended without effect."""
        await self._write(outbox.note_failed, key, failure)

    async def transactions(self) -> Sequence[Intent]:
        """Every intent ever wanted, oldest first."""
        return await self._run(outbox.every)

    async def _run(self, work: Callable[[sqlite3.Connection, *Ts], T], *arguments: *Ts) -> T:
        try:
            return await trio.to_thread.run_sync(work, self._db, *arguments, limiter=self._lane)
        except FAILURES as cause:
            raise failure_of(cause) from cause

    async def _write(self, work: Callable[[sqlite3.Connection, *Ts], T], *arguments: *Ts) -> T:
        return await self._run(_in_transaction, work, *arguments)

    async def _change(self, statement: str, *values: object) -> None:
        await self._run(_execute, statement, values)

    async def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return await self._run(_fetch, statement, values)

    async def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        found = await self._all(statement, *values)
        return found[0] if found else None


@contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Hold a data directory for this process while the scope lasts; no lock file to delete after a crash.

    Raises Conflict when another process holds it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise Conflict(
                f"another process works in {directory}", next_step="stop it, or name another data directory"
            ) from cause
        yield
    finally:
        os.close(handle)


def _open(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
        migrate(db, path)
        db.execute("PRAGMA foreign_keys = ON")  # a migration takes tables away and puts others in their place
        rows.check(db, len(MIGRATIONS))
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    except FAILURES as cause:
        db.close()
        raise failure_of(cause) from cause
    except (BadConfig, Corrupt):
        db.close()
        raise
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(handle)  # the file's name is durable too
    os.close(handle)
    return db


def steps() -> tuple[str, ...]:
    """What brings a journal from each version of the schema to the next."""
    folder = resources.files(__package__).joinpath("schema")
    return tuple(folder.joinpath(name).read_text("utf-8") for name in MIGRATIONS)


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring a journal to this version's schema, each step whole or not at all. Raises BadConfig for a newer one."""
    version, known = int(db.execute("PRAGMA user_version").fetchone()[0]), steps()
    if version > len(known):
        raise BadConfig(
            f"{path} was written by a newer version (schema {version}, this one knows {len(known)})",
            next_step="upgrade thenar, or restore a backup made before the upgrade",
        )
    rows.equip(db)
    for number in range(version, len(known)):
        db.executescript(f"BEGIN IMMEDIATE;\n{known[number]}\nPRAGMA user_version = {number + 1};\nCOMMIT;")


def _in_transaction(db: sqlite3.Connection, work: Callable[[sqlite3.Connection, *Ts], T], *arguments: *Ts) -> T:
    db.execute("BEGIN IMMEDIATE")
    try:
        made = work(db, *arguments)
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return made


def _execute(db: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    db.execute(statement, values)


def _fetch(db: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    return db.execute(statement, values).fetchall()


def failure_of(cause: sqlite3.DatabaseError | UnicodeDecodeError) -> Unavailable | Corrupt:
    """What SQLite's error means: no room and no access may pass, a damaged file does not."""
    name = getattr(cause, "sqlite_errorname", "")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return Unavailable(f"the journal cannot be written: {cause}", next_step="free space, or check the disk")
    return Corrupt(f"the journal is damaged: {cause}", next_step="restore a backup; facts come back from the chain")
