"""What must be true after a node was killed: what it was told to be safe is there, and nothing happened twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.journal import FILE_NAME as JOURNAL
from thenar.adapters.vault.shares import DESTROYED, HASH_BYTES, RECORD_BYTES

PAGE = 200
"""Blocks read at once."""
STATE: Final = "SELECT state FROM intents WHERE key = ?"
TEMPORARY: Final = (
    "workspace/*", "store/staging/*", "keys/.*", "node.[0-9]*", "export-*", "live/*",
    "opened/**/.*", "opened/**/*.part", "previewed/**/.*", "work/**/*.part", ".*",
)  # fmt: skip
"""Names in a data directory that only something under way has."""


def left_over(directory: Path) -> list[str]:
    """What somebody was in the middle of, in a node's data directory."""
    found = {path for name in TEMPORARY for path in directory.glob(name)}
    return sorted(path.relative_to(directory).as_posix() for path in found)


@dataclass
class Acknowledged:
    """What a node was told to be safe, and how much of it was not there afterwards."""

    directory: Path
    told: int = 0
    lost: list[list[Any]] = field(default_factory=list)

    def look(self, fresh: list[list[Any]]) -> None:
        """Look for everything told since the last look, with the node dead. The last word about a thing counts."""
        self.told += len(fresh)
        last = {(_subject(kind), which): [kind, which, value] for kind, which, value in fresh}
        shares = _shares(self.directory / "keys" / "shares")
        with (
            closing(sqlite3.connect(self.directory / JOURNAL)) as journal,
            closing(sqlite3.connect(self.directory / "store" / "index.sqlite")) as index,
        ):
            self.lost += [one for one in last.values() if not _holds(one, journal, index, shares)]


def _subject(kind: str) -> str:
    """What later words of a kind put aside."""
    return {"forgotten": "remembered", "unpinned": "pinned", "destroyed": "shared", "done": "due"}.get(kind, kind)


def _holds(told: list[Any], journal: sqlite3.Connection, index: sqlite3.Connection, shares: dict[str, bytes]) -> bool:
    kind, which, value = told

    def one(statement: str) -> Any:
        row = journal.execute(statement, (which,)).fetchone()
        return None if row is None else row[0]

    look: dict[str, Callable[[], bool]] = {
        "remembered": lambda: _same(which, one("SELECT value FROM remembered WHERE name = ?"), value),
        "forgotten": lambda: one("SELECT 1 FROM remembered WHERE name = ?") is None,
        "wanted": lambda: one("SELECT hex(data) FROM intents WHERE key = ?") == value.upper(),
        "signed": lambda: value in _attempts(journal, which),
        "mined": lambda: one(STATE) in ("mined", "final"),
        "final": lambda: one(STATE) == "final",
        "followed": lambda: journal.execute("SELECT max(block) FROM blocks").fetchone()[0] >= value,
        "due": lambda: one("SELECT 1 FROM duties WHERE key = ?") == 1,
        "done": lambda: one("SELECT state FROM duties WHERE key = ?") == "done",
        "pinned": lambda: index.execute("SELECT 1 FROM pins WHERE root = ?", (which,)).fetchone() is not None,
        "unpinned": lambda: index.execute("SELECT 1 FROM pins WHERE root = ?", (which,)).fetchone() is None,
        "shared": lambda: shares.get(which, DESTROYED) != DESTROYED,
        "destroyed": lambda: shares.get(which) == DESTROYED,
    }
    return look[kind]()


def _same(name: str, found: bytes | None, value: str) -> bool:
    """Who holds what is heard again and again; everything else is what it was."""
    return found is not None and (found.hex() == value or name.startswith("source/"))


def _attempts(journal: sqlite3.Connection, key: str) -> set[str]:
    statement = "SELECT tx_hash FROM signed JOIN intents ON intent = seq WHERE key = ?"
    return {row[0] for row in journal.execute(statement, (key,))}


def _shares(path: Path) -> dict[str, bytes]:
    data = path.read_bytes()
    starts = range(0, len(data) - len(data) % RECORD_BYTES, RECORD_BYTES)
    return {data[at : at + HASH_BYTES].hex(): data[at + HASH_BYTES : at + RECORD_BYTES] for at in starts}


@dataclass
class Effects:
    """What an account's transactions did, block by block."""

    devnet: Devnet
    account: str
    upto: int = -1
    mined: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    """By hash: to whom, with which data, and whether it succeeded."""

    async def read(self) -> None:
        """Read every block since the last time."""
        head = int(await self.devnet.rpc.read("eth_blockNumber"), 16)
        while self.upto < head:
            numbers = range(self.upto + 1, min(self.upto + PAGE, head) + 1)
            asked = [("eth_getBlockByNumber", [hex(number), True]) for number in numbers]
            for block in await self.devnet.rpc.read_all(asked):
                sent = [one for one in block["transactions"] if one["from"] == self.account]
                for one in sent:
                    receipt = await self.devnet.rpc.read("eth_getTransactionReceipt", one["hash"])
                    self.mined[one["hash"]] = (one["to"], one["input"], receipt["status"] == "0x1")
            self.upto = numbers[-1]

    def beside(self, journal: Path) -> tuple[list[str], list[str]]:
        """Effects no intent stands for, or more than one stands for; and ended intents without an effect."""
        with closing(sqlite3.connect(journal)) as db:
            intents = {row[0]: row[1:] for row in db.execute("SELECT key, lower(hex(data)), state FROM intents")}
            rows = db.execute("SELECT tx_hash, key FROM signed JOIN intents ON intent = seq").fetchall()
        key_of = dict(rows)
        had = Counter(key_of.get(tx, tx) for tx, (_, _, succeeded) in self.mined.items() if succeeded)
        twice = [key for key, times in had.items() if times > 1 or key not in intents]
        ended = [key for key, (_, state) in intents.items() if state in ("mined", "final")]
        return twice, [key for key in ended if key not in had]


def quantile(values: Iterable[float], share: float) -> float:
    """The value that a share of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
