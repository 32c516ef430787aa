"""What a node has on disk: the real journal's tables in memory, and a disk that fills or loses power at a write."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import trio
from net_of_peers import PowerCut

from thenar.adapters.journal.sqlite import SqliteJournal, _execute, _in_transaction, failure_of, migrate
from thenar.domain.sending import Call, Intent, Signed
from thenar.errors import Unavailable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
WRITES = (_in_transaction, _execute)


@dataclass
class Disk:
    """One machine's disk. ``cuts`` is the share of writes at which the power goes, before or after they are durable."""

    dice: random.Random
    told: Counter[str] = field(default_factory=Counter)
    full: bool = False
    cuts: float = 0.0

    def before(self) -> None:
        """A write begins. Raises Unavailable, PowerCut."""
        if self.full:
            self.told["writes refused by a full disk"] += 1
            raise Unavailable("the journal cannot be written: database or disk is full", next_step="free space")
        if self.cuts and self.dice.random() < self.cuts:
            self.told["power cuts before a write"] += 1
            raise PowerCut("before a write")

    def after(self) -> None:
        """A write is durable, and nobody knows yet. Raises PowerCut."""
        if self.cuts and self.dice.random() < self.cuts:
            self.told["power cuts after a write"] += 1
            raise PowerCut("after a write")


def new_tables() -> sqlite3.Connection:
    """An empty journal with the real schema."""
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=256)
    migrate(db, Path(":memory:"))
    db.execute("PRAGMA foreign_keys = ON")
    return db


class DurableJournal(SqliteJournal):
    """The real journal without its thread: each call is one transaction, and what was committed outlives the node.

    ``on_wanted`` and ``on_signed`` hear what was acknowledged; a plant may replace any method.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        disk: Disk,
        on_wanted: Callable[[str, Call], None],
        on_signed: Callable[[str, Signed], None],
    ) -> None:
        super().__init__(db, trio.CapacityLimiter(1))
        self._disk, self._on_wanted, self._on_signed = disk, on_wanted, on_signed

    async def remember_intent(self, key: str, call: Call) -> Intent:
        """Acknowledged as soon as it returns."""
        found = await super().remember_intent(key, call)
        self._on_wanted(key, call)
        return found

    async def note_signed(self, key: str, signed: Signed) -> None:
        """On disk before it leaves."""
        self._on_signed(key, signed)
        await super().note_signed(key, signed)

    async def _run(self, work: Callable[[sqlite3.Connection, *Ts], T], *arguments: *Ts) -> T:
        await trio.lowlevel.checkpoint()
        writes = work in WRITES
        if writes:
            self._disk.before()
        try:
            made = work(self._db, *arguments)
        except sqlite3.DatabaseError as cause:
            raise failure_of(cause) from cause
        if writes:
            self._disk.after()
        return made
