"""A digest in every row, so that what a disk changed is found when the journal is opened.

SQLite checks how its pages hang together, not what stands in them: a bit flipped inside a value reads as another one.
The schema has a table's digests computed whenever a row is written, by the function that ``equip`` gives a connection.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Final

from thenar.errors import Corrupt

TABLES: Final = ("blocks", "facts", "duties", "intents", "signed", "statements", "remembered")
"""Every table, in the order in which they are read."""
SINCE: Final = 2
"""The first version of the schema whose rows have digests."""


def equip(db: sqlite3.Connection) -> None:
    """Give a connection what it needs to write rows."""
    db.create_function("row_digest", -1, _digest, deterministic=True)


def check(db: sqlite3.Connection, version: int) -> None:
    """Raises Corrupt when a page, an index or a row is not as it was written; DatabaseError when it cannot be read.

    Rows of a schema older than the digests are taken as they are.
    """
    equip(db)
    (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise _damaged(str(said))
    for table in TABLES if version >= SINCE else ():
        changed = f"SELECT count(*) FROM {table} WHERE written IS NOT row_digest({', '.join(columns(db, table))})"
        if count := db.execute(changed).fetchone()[0]:
            raise _damaged(f"{count} of the {table} are not what was written")


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns, its digest left out."""
    return [str(row[1]) for row in db.execute(f"PRAGMA table_info({table})")]


def _damaged(what: str) -> Corrupt:
    return Corrupt(f"the journal is damaged: {what}", next_step="restore a backup; facts come back from the chain")


def _digest(*values: object) -> int:
    """64 bits of BLAKE2b over the values of a row and their types."""
    short = hashlib.blake2b(repr(values).encode(), digest_size=8).digest()
    return int.from_bytes(short, "big", signed=True)
