"""Whatever the chain took back, a journal that lived through it holds what one begun today holds."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest
import trio
import trio.testing
from chain_facts import ANA
from paper_chain import LEDGER
from shifting_chain import ShiftingChain

from thenar.adapters.chain.decode import Decoder
from thenar.adapters.chain.reader import DEPTH, Reader
from thenar.adapters.chain.rpc import Rpc
from thenar.adapters.journal import FILE_NAME, SqliteJournal, open_journal
from thenar.domain.duties import Me
from thenar.errors import Corrupt
from thenar.services.belief import Belief
from thenar.services.follow import Followed, follow_chain

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
HISTORIES = [(number, 1 + number % DEPTH) for number in range(200 if FULL else 2)]
HISTORIES += [] if FULL else [(1_000, 31), (1_001, DEPTH)]
ME = Me(ANA, pins_for_others=False)


@asynccontextmanager
async def following(paper: ShiftingChain, journal: SqliteJournal, belief: Belief) -> AsyncIterator[None]:
    with httpx.Client() as sync:
        async with httpx.AsyncClient(transport=paper.transport()) as client, trio.open_nursery() as nursery:
            rpc = Rpc("http://paper", client, sync, timeout=1e6, limit=10_000_000)
            reader = Reader(rpc, Decoder({"Ledger": LEDGER}), chain_id=31_337, confirmations=0, interval=0.5)
            await nursery.start(follow_chain, reader, journal, belief, Followed(1, ME))
            yield
            nursery.cancel_scope.cancel()


async def stands(paper: ShiftingChain, journal: SqliteJournal, belief: Belief) -> bool:
    newest = paper.hash_of(paper.head)
    return not paper.ambush and belief.block == paper.head and await journal.block_hash(paper.head) == newest


async def settled(paper: ShiftingChain, journal: SqliteJournal, belief: Belief) -> None:
    """Wait until the journal stands on the chain's newest block."""
    while not await stands(paper, journal, belief):
        with trio.move_on_after(0.5):
            await belief.changed()


def digest_of(folder: Path) -> str:
    """Everything a journal knows of the chain."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        rows = db.execute(
            "SELECT block, log_index, block_hash, tx_hash, kind, body FROM facts ORDER BY 1, 2"
        ).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


async def lived(folder: Path, paper: ShiftingChain, depth: int, belief: Belief) -> None:
    async with open_journal(folder) as journal, following(paper, journal, belief):
        await settled(paper, journal, belief)
        for again in range(paper.dice.randint(1, 3)):
            size = depth if not again else paper.dice.randint(1, DEPTH // 2)
            if paper.dice.random() < 0.5:
                paper.reorganise(size)
            else:
                paper.grow(1)  # something to read, and then it is another chain's
                paper.ambush = min(size + 1, DEPTH)
            await settled(paper, journal, belief)
            paper.grow(paper.dice.randint(0, 20))
            await settled(paper, journal, belief)


async def fresh(folder: Path, paper: ShiftingChain, belief: Belief) -> None:
    async with open_journal(folder) as journal, following(paper, journal, belief):
        await settled(paper, journal, belief)


def virtually(work, *arguments) -> None:
    trio.run(work, *arguments, clock=trio.testing.MockClock(autojump_threshold=0.001))


def test_what_lived_through_reorganisations_equals_what_begins_afterwards(tmp_path, record_property):
    equal = came_back = lost = removed = 0
    for seed, depth in HISTORIES:
        dice = random.Random(seed)
        paper = ShiftingChain(head=DEPTH + 10 + dice.randint(0, 30), dice=dice)
        old, new = Belief(), Belief()

        virtually(lived, tmp_path / f"{seed}", paper, depth, old)
        virtually(fresh, tmp_path / f"{seed}-fresh", paper, new)

        assert digest_of(tmp_path / f"{seed}") == digest_of(tmp_path / f"{seed}-fresh"), (seed, depth)
        assert old.catalog == new.catalog, (seed, depth)
        equal += 1
        came_back, lost, removed = came_back + paper.came_back, lost + paper.lost, removed + paper.removed_told
    record_property("histories", equal)
    record_property("depths", len({depth for _, depth in HISTORIES}))
    record_property("included_again", came_back)
    record_property("dropped", lost)
    record_property("removed_logs_told", removed)
    assert came_back and lost


def test_a_reorganisation_that_is_too_deep_stops_and_changes_nothing(tmp_path):
    paper, belief = ShiftingChain(head=2 * DEPTH + 20, dice=random.Random(65)), Belief()
    virtually(fresh, tmp_path / "journal", paper, belief)
    before = digest_of(tmp_path / "journal")
    paper.reorganise(DEPTH + 1)

    with pytest.RaisesGroup(
        pytest.RaisesExc(Corrupt, match=f"more than {DEPTH} blocks"), flatten_subgroups=True
    ) as stop:
        virtually(fresh, tmp_path / "journal", paper, Belief())

    assert stop.value.exceptions[0].next_step
    assert Corrupt.exit_code == 11
    assert digest_of(tmp_path / "journal") == before
