"""Facts, duties, statements: what one transaction does to the tables. Runs on the journal's lane."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from thenar.adapters.journal import codec
from thenar.domain import guard as signing
from thenar.domain.duties import Duty, DutyKind
from thenar.domain.facts import Fact
from thenar.errors import Conflict, Corrupt
from thenar.services.ports import Batch

PAGE = 1_000
"""Rows read at once."""
KEPT_BLOCKS = 256
"""Block hashes kept for finding where a reorganisation began."""


def blocks(db: sqlite3.Connection) -> dict[int, str]:
    """The hashes that are kept, by height."""
    return {int(block): str(found) for block, found in db.execute("SELECT block, hash FROM blocks")}


def facts(db: sqlite3.Connection) -> list[Fact]:
    """Every fact in chain order."""
    rows = db.execute("SELECT kind, body, block, log_index, block_hash, tx_hash FROM facts ORDER BY block, log_index")
    found: list[Fact] = []
    while page := rows.fetchmany(PAGE):
        found += codec.read_page(page)
    return found


def remember(db: sqlite3.Connection, values: Mapping[str, bytes]) -> None:
    """Put values under their names."""
    statement = "INSERT INTO remembered VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    db.executemany(statement, values.items())


def forget(db: sqlite3.Connection, names: tuple[str, ...]) -> None:
    """Delete values by name."""
    db.executemany("DELETE FROM remembered WHERE name = ?", [(name,) for name in names])


def take_in(db: sqlite3.Connection, batch: Batch, duties: tuple[Duty, ...]) -> None:
    """Insert facts and duties and advance the cursor."""
    at, held = db.execute("SELECT max(block), hash FROM blocks").fetchone()
    if at is not None and batch.last == at and batch.last_hash == held:
        return
    if at is not None and batch.first != at + 1:
        raise Conflict(f"blocks {batch.first} to {batch.last} do not follow block {at}")
    db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)", [_row(fact) for fact in batch.facts])
    db.executemany(
        "INSERT INTO duties (key, kind, subject, block, not_before, deep, state) VALUES (?, ?, ?, ?, ?, ?, 'pending')"
        " ON CONFLICT (key) DO UPDATE SET block = excluded.block, not_before = excluded.not_before"
        " WHERE state = 'pending'",
        [(duty.key, duty.kind, duty.subject, duty.block, duty.not_before, int(duty.deep)) for duty in duties],
    )
    db.execute("INSERT INTO blocks VALUES (?, ?)", (batch.last, batch.last_hash))
    kept = "SELECT block FROM blocks ORDER BY block DESC LIMIT ?"
    db.execute(f"DELETE FROM blocks WHERE block < (SELECT min(block) FROM ({kept}))", (KEPT_BLOCKS,))


def rewind(db: sqlite3.Connection, to_block: int) -> None:
    """Forget what came after a block, and open again what ended by it: a story told twice does nothing twice."""
    db.execute("DELETE FROM facts WHERE block > ?", (to_block,))
    db.execute("DELETE FROM duties WHERE block > ?", (to_block,))
    db.execute("UPDATE duties SET state = 'pending', ended = NULL WHERE ended > ?", (to_block,))
    db.execute("DELETE FROM blocks WHERE block > ?", (to_block,))
    if db.execute("SELECT count(*) FROM blocks WHERE block = ?", (to_block,)).fetchone()[0] == 0:
        raise Conflict(f"block {to_block} was never taken in, so nothing can be rewound to it")


def duty(kind: str, subject: str, block: int, not_before: int, deep: int) -> Duty:
    """A row's duty. Raises Corrupt for a kind there is none of."""
    try:
        return Duty(DutyKind(kind), subject, block, not_before, bool(deep))
    except ValueError as cause:
        raise Corrupt(f"the journal holds a damaged duty: {cause}", next_step="restore a backup") from cause


def end(db: sqlite3.Connection, key: str, state: str, reason: str) -> None:
    """A duty is done or failed, as of the cursor."""
    cursor = "SELECT coalesce(max(block), -1) FROM blocks"
    db.execute(f"UPDATE duties SET state = ?, ended = ({cursor}), reason = ? WHERE key = ?", (state, reason, key))


def reopen(db: sqlite3.Connection, key: str) -> None:
    """A failed duty is pending again."""
    db.execute("UPDATE duties SET state = 'pending', ended = NULL WHERE key = ? AND state = 'failed'", (key,))


def postpone(db: sqlite3.Connection, key: str, not_before: int, reason: str) -> int:
    """Put a pending duty off; returns how often that happened."""
    db.execute(
        "UPDATE duties SET not_before = ?, reason = ?, attempts = attempts + 1 WHERE key = ? AND state = 'pending'",
        (not_before, reason, key),
    )
    row = db.execute("SELECT attempts FROM duties WHERE key = ?", (key,)).fetchone()
    return 0 if row is None else int(row[0])


def guard(db: sqlite3.Connection, domain: str, key: str, digest: bytes, about: int | None = None) -> None:
    """Insert a statement, or compare with the one that is there."""
    row = db.execute("SELECT value FROM remembered WHERE name = ?", (signing.FLOOR,)).fetchone()
    floor = int(row[0]) if row is not None else 0
    verdict = signing.judge(_said(db, domain, key), digest, about=about, floor=floor)
    if not verdict.may_sign:
        raise Conflict(
            f"{domain} {key} is not signed: {verdict.value}",
            next_step="check that no other node uses this account's keys",
        )
    if verdict is signing.Verdict.NEW:
        db.execute("INSERT INTO statements VALUES (?, ?, ?)", (domain, key, digest))


def statements(db: sqlite3.Connection) -> tuple[signing.Said, ...]:
    """Everything that was signed, and what is spoiled."""
    rows = db.execute("SELECT domain, key, digest FROM statements ORDER BY domain, key")
    return tuple(signing.Said(domain, key, bytes(digest)) for domain, key, digest in rows)


def hear(db: sqlite3.Connection, said: tuple[signing.Said, ...]) -> dict[str, int]:
    """Take in what another copy of this node signed; how many subjects were added, known and spoiled."""
    changes: list[tuple[bytes | None, bytes]] = []
    for one in said:
        held = _said(db, one.domain, one.key)
        after = signing.merged(held, one.digest)
        db.execute("INSERT OR REPLACE INTO statements VALUES (?, ?, ?)", (one.domain, one.key, after))
        changes.append((held, after))
    return signing.counts(changes)


def _said(db: sqlite3.Connection, domain: str, key: str) -> bytes | None:
    row = db.execute("SELECT digest FROM statements WHERE domain = ? AND key = ?", (domain, key)).fetchone()
    return None if row is None else bytes(row[0])


def _row(fact: Fact) -> tuple[int, int, str, str, str, str]:
    at = fact.at
    return at.block, at.log_index, at.block_hash, at.tx_hash, type(fact).__name__, codec.spell(fact)
