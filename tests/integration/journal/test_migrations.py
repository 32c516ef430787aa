"""A migration may be killed at every statement: the journal is of the old version or of the new one, never between."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from thenar.adapters.journal import sqlite as journal
from thenar.errors import BadConfig

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
ROWS = 1_000_000 if FULL else 20_000
LIMIT_SECONDS = 30
NEXT = """
-- A later version's step, as large as one gets: every fact is rewritten.
ALTER TABLE facts ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
UPDATE facts SET seen = block;
CREATE INDEX facts_seen ON facts (seen);
CREATE TABLE later (name TEXT PRIMARY KEY) STRICT;
INSERT INTO later SELECT DISTINCT kind FROM facts;
"""


@pytest.fixture
def one_more(monkeypatch):
    """A program that knows one schema more than this one."""
    steps = (*journal.steps(), NEXT)
    monkeypatch.setattr(journal, "steps", lambda: steps)
    return steps


def connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


def state_of(path: Path) -> tuple[int, set[str]]:
    """The version, and the tables there are."""
    db = connect(path)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return version, {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        db.close()


def killed_at(statement: int, path: Path) -> bool:
    """Migrate in a child that is killed by the kernel as a statement begins; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        begun = 0

        def count(_: str) -> None:
            nonlocal begun
            begun += 1
            if begun == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        db = connect(path)
        db.set_trace_callback(count)
        journal.migrate(db, path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def filled(path: Path, rows: int) -> None:
    """A journal of the first version, with facts."""
    db = connect(path)
    db.executescript(f"BEGIN;\n{journal.steps()[0]}\nPRAGMA user_version = 1;\nCOMMIT;")
    made = ((number, 0, "0xaa", "0xbb", f"Kind{number % 40}", '{"a":1}') for number in range(rows))
    db.execute("BEGIN")
    db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)", made)
    db.execute("COMMIT")
    db.close()


def test_a_migration_is_whole_or_not_there_wherever_it_is_killed(tmp_path, one_more, record_property):
    kills, statement = 0, 1
    while True:
        path = tmp_path / f"{statement}.sqlite"
        path.touch(0o600)
        if not killed_at(statement, path):
            break
        kills += 1
        version, tables = state_of(path)
        assert 0 <= version <= len(one_more)
        assert ("facts" in tables) == (version >= 1)
        assert ("later" in tables) == (version == len(one_more))
        assert not any(name.endswith("_2") for name in tables), "a table that is being made"
        assert not killed_at(10_000, path), "the next start finishes it"
        assert state_of(path)[0] == len(one_more)
        statement += 1

    record_property("statements_killed_at", kills)
    assert kills >= 40


def test_what_was_in_it_is_in_it_after_a_killed_migration(tmp_path, one_more):
    whole = tmp_path / "whole.sqlite"
    filled(whole, 1_000)
    was_killed, statement = True, 0
    while was_killed:
        statement += 1
        path = tmp_path / f"{statement}.sqlite"
        path.write_bytes(whole.read_bytes())
        was_killed = killed_at(statement, path)
        assert not killed_at(10_000, path)
        db = connect(path)
        assert db.execute("SELECT count(*), sum(seen) FROM facts").fetchone() == (1_000, sum(range(1_000)))
        db.close()
    assert statement > 30


def test_many_rows_are_migrated_in_time(tmp_path, one_more, record_property):
    path = tmp_path / "large.sqlite"
    filled(path, ROWS)
    db, began = connect(path), time.monotonic()

    journal.migrate(db, path)

    seconds = time.monotonic() - began
    (moved,) = db.execute("SELECT count(*) FROM facts WHERE seen = block").fetchone()
    db.close()
    record_property("rows_migrated", moved)
    record_property("migration_seconds", round(seconds, 1))
    assert moved == ROWS
    if FULL:
        assert seconds <= LIMIT_SECONDS


def test_an_older_program_refuses_what_a_newer_one_migrated(tmp_path, monkeypatch):
    path = tmp_path / "newer.sqlite"
    db = connect(path)
    with monkeypatch.context() as newer:
        steps = (*journal.steps(), NEXT)
        newer.setattr(journal, "steps", lambda: steps)
        journal.migrate(db, path)

    with pytest.raises(BadConfig, match="newer version"):
        journal.migrate(db, path)

    assert db.execute("PRAGMA user_version").fetchone() == (len(steps),)
    db.close()
