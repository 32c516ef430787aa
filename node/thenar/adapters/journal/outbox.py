"""Intents and what was signed for them: what one transaction does to the tables. Runs on the journal's lane."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from typing import Any

from thenar.domain.ids import Address, TxHash
from thenar.domain.sending import Call, Failure, Intent, Mined, SendState, Signed
from thenar.errors import Conflict, Corrupt

NEWEST = 512
"""Intents that are looked at for what a reorganisation undid."""
_NEWEST = "seq > (SELECT coalesce(max(seq), 0) - ? FROM intents)"
_COLUMNS = "SELECT seq, key, target, data, value, state, mined, failure FROM intents"


def remember(db: sqlite3.Connection, key: str, call: Call) -> Intent:
    """Insert an intent, or find it; one that failed without effect is wanted again, with the new call."""
    held = one(db, key)
    if held is None:
        db.execute(
            "INSERT INTO intents (key, target, data, value, state) VALUES (?, ?, ?, ?, 'wanted')",
            (key, call.to, call.data, str(call.value)),
        )
    elif held.state is SendState.FAILED:
        db.execute(
            "UPDATE intents SET target = ?, data = ?, value = ?, state = 'wanted', mined = '', failure = ''"
            " WHERE key = ?",
            (call.to, call.data, str(call.value), key),
        )
    elif held.call != call:
        raise Conflict(
            f"{key!r} already stands for another transaction ({held.state})",
            next_step="wait for it, or ask under another key",
        )
    found = one(db, key)
    if found is None:
        raise AssertionError("an intent vanished inside its transaction")
    return found


def one(db: sqlite3.Connection, key: str) -> Intent | None:
    """The intent of a key, or None."""
    row = db.execute(f"{_COLUMNS} WHERE key = ?", (key,)).fetchone()
    return None if row is None else _intent(db, row)


def opened(db: sqlite3.Connection) -> list[Intent]:
    """Intents neither final nor failed."""
    rows = db.execute(f"{_COLUMNS} WHERE state IN ('wanted', 'signed', 'mined') ORDER BY seq").fetchall()
    return [_intent(db, row) for row in rows]


def every(db: sqlite3.Connection) -> list[Intent]:
    """All intents, oldest first."""
    return [_intent(db, row) for row in db.execute(f"{_COLUMNS} ORDER BY seq").fetchall()]


def note_signed(db: sqlite3.Connection, key: str, signed: Signed) -> None:
    """Write the raw transaction down; the nonce must be free or this intent's own."""
    (seq,) = db.execute("SELECT seq FROM intents WHERE key = ?", (key,)).fetchone()
    taken = db.execute("SELECT 1 FROM signed WHERE nonce = ? AND intent <> ?", (signed.nonce, seq)).fetchone()
    mine = db.execute(
        "SELECT 1 FROM signed WHERE intent = ? AND nonce <> ? AND displaced = 0", (seq, signed.nonce)
    ).fetchone()
    if taken is not None or mine is not None:
        raise Conflict(
            f"nonce {signed.nonce} would carry a second, different transaction",
            next_step="check that no other process signs with this account",
        )
    values = (signed.tx_hash, seq, signed.nonce, signed.raw, signed.gas)
    fees = (str(signed.max_fee), str(signed.priority_fee), signed.block)
    db.execute("INSERT INTO signed VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)", (*values, *fees))
    db.execute("UPDATE intents SET state = 'signed' WHERE seq = ?", (seq,))


def note_mined(db: sqlite3.Connection, key: str, mined: Mined) -> None:
    """Write down where it was mined."""
    db.execute("UPDATE intents SET state = 'mined', mined = ? WHERE key = ?", (_json(mined), key))


def note_displaced(db: sqlite3.Connection, key: str) -> None:
    """Give up what was signed; the nonce is spent by somebody else."""
    db.execute("UPDATE signed SET displaced = 1 WHERE intent = (SELECT seq FROM intents WHERE key = ?)", (key,))
    db.execute("UPDATE intents SET state = 'wanted', mined = '' WHERE key = ?", (key,))


def note_failed(db: sqlite3.Connection, key: str, failure: Failure) -> None:
    """Close an intent without effect. What was signed for it is mined and reverted, so its nonce is spent."""
    db.execute("UPDATE signed SET displaced = 1 WHERE intent = (SELECT seq FROM intents WHERE key = ?)", (key,))
    db.execute("UPDATE intents SET state = 'failed', failure = ? WHERE key = ?", (_json(failure), key))


def ended_since(db: sqlite3.Connection, block: int) -> list[Intent]:
    """Intents among the newest that ended in a block after ``block``, oldest first."""
    ended = "state IN ('final', 'failed') AND mined <> '' AND mined ->> '$.block' > ?"
    rows = db.execute(f"{_COLUMNS} WHERE {_NEWEST} AND {ended} ORDER BY seq", (NEWEST, block)).fetchall()
    return [_intent(db, row) for row in rows]


def note_undone(db: sqlite3.Connection, keys: tuple[str, ...]) -> None:
    """What was signed for these intents may be mined again, or not: it is signed, no more.

    One that failed and was wanted again meanwhile is left as it is.
    """
    for key in keys:
        ended = "key = ? AND state IN ('final', 'failed') AND mined <> ''"
        row = db.execute(f"SELECT mined FROM intents WHERE {ended}", (key,)).fetchone()
        if row is None:
            continue
        mined = json.loads(row[0])
        (nonce,) = db.execute("SELECT nonce FROM signed WHERE tx_hash = ?", (mined["tx_hash"],)).fetchone()
        mine = "intent = (SELECT seq FROM intents WHERE key = ?) AND nonce = ?"
        db.execute(f"UPDATE signed SET displaced = 0 WHERE {mine}", (key, nonce))
        db.execute("UPDATE intents SET state = 'signed', mined = '', failure = '' WHERE key = ?", (key,))


def given_up_since(db: sqlite3.Connection, block: int) -> list[tuple[str, TxHash]]:
    """What was signed after ``block`` and given up, of the newest intents that are not mined; with their keys."""
    held = "SELECT key, tx_hash FROM signed JOIN intents ON seq = intent WHERE"
    lost = f"{_NEWEST} AND displaced = 1 AND block > ? AND state IN ('wanted', 'signed', 'failed')"
    rows = db.execute(f"{held} {lost} ORDER BY signed.rowid", (NEWEST, block)).fetchall()
    return [(str(key), TxHash(tx)) for key, tx in rows]


def note_revived(db: sqlite3.Connection, key: str, tx_hash: TxHash) -> None:
    """An intent is signed, by this transaction alone."""
    mine = "intent = (SELECT seq FROM intents WHERE key = ?)"
    db.execute(f"UPDATE signed SET displaced = (tx_hash <> ?) WHERE {mine}", (tx_hash, key))
    db.execute("UPDATE intents SET state = 'signed', mined = '', failure = '' WHERE key = ?", (key,))


def _json(value: Mined | Failure) -> str:
    return json.dumps(dataclasses.asdict(value))


def _intent(db: sqlite3.Connection, row: tuple[Any, ...]) -> Intent:
    try:
        return _read(db, row)
    except (LookupError, TypeError, ValueError) as cause:
        raise Corrupt(f"the journal holds a damaged intent: {cause}", next_step="restore a backup") from cause


def _read(db: sqlite3.Connection, row: tuple[Any, ...]) -> Intent:
    seq, key, target, data, value, state, mined, failure = row
    attempts = db.execute(
        "SELECT tx_hash, nonce, raw, gas, max_fee, priority_fee, block FROM signed"
        " WHERE intent = ? AND displaced = 0 ORDER BY rowid",
        (seq,),
    ).fetchall()
    return Intent(
        key=key,
        call=Call(Address(target), bytes(data), int(value)),
        state=SendState(state),
        attempts=tuple(
            Signed(TxHash(tx), nonce, bytes(raw), gas, int(most), int(tip), block)
            for tx, nonce, raw, gas, most, tip, block in attempts
        ),
        mined=Mined(**json.loads(mined)) if mined else None,
        failure=_failure(json.loads(failure)) if failure else None,
    )


def _failure(body: dict[str, Any]) -> Failure:
    return Failure(body["reason"], body["name"], tuple(body["values"]), body["poor"])
