"""The power is cut at any moment: what was told to be safe is there, and what is there is whole.

A killed process leaves its writes to the kernel; a cut does not. A layer below the node notes every write and every
sync, and throws away what was not synced, whole or in torn sectors.
"""

from __future__ import annotations

import os
import random
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from journal_writer import block_hash, digest_of
from power_cut import SUPPORT, Disk, Note, built, cuts, recorded
from power_user import STORE, content

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.journal import open_journal
from thenar.domain.ids import Cid
from thenar.errors import Conflict, NotFound

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
ROUNDS, CUTS = (20, 500) if FULL else (12, 25)
BIG = 1 << 30

if shutil.which("cc") is None:
    pytest.skip("no C compiler for the layer that forgets what was not synced", allow_module_level=True)


@dataclass
class Told:
    """What a program said was safe."""

    opened: bool = False
    block: int = 0
    stored: dict[int, Cid] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)

    @classmethod
    def by(cls, notes: list[Note], until: int, safe: int) -> Told:
        """Read what was written to the file of that inode up to a change."""
        told = cls()
        said = b"".join(note.data for note in notes[: until + 1] if note.kind == "W" and note.inode == safe)
        for line in said.decode().splitlines():
            match line.split():
                case ["open"]:
                    told.opened = True
                case ["block", number]:
                    told.block = int(number)
                case ["stored", number, root]:
                    told.stored[int(number)] = Cid.parse(root)
                case ["dropping", number]:
                    told.dropped.add(int(number))
        return told


async def journal_holds(folder: Path, told: Told) -> None:
    async with open_journal(folder) as journal:
        cursor = await journal.cursor() or 0
        assert told.block <= cursor <= told.block + 1
        assert [fact.at.block for fact in await journal.facts()] == [n for n in range(1, cursor + 1) for _ in range(3)]
        assert [duty.block for duty in await journal.open_duties()] == list(range(1, cursor + 1))
        for block in {1, told.block // 2 + 1, told.block} & set(range(1, told.block + 1)):
            intent = await journal.intent(f"intent {block}")
            assert intent is not None and [attempt.nonce for attempt in intent.attempts] == [block]
            with pytest.raises(Conflict):
                await journal.guard_statement("block", str(block), b"another")
            await journal.guard_statement("block", str(block), digest_of(block))
        if cursor:
            assert await journal.block_hash(cursor) == block_hash(cursor)


async def store_holds(folder: Path, told: Told) -> None:
    async with open_embedded(folder, quota=BIG) as store:
        pins = await store.pins()
        for number, root in told.stored.items():
            if number in told.dropped:
                continue
            assert root in pins
            assert b"".join([part async for part in store.read(root)]) == content(number)
        for path in (folder / "blocks").glob("*/*"):
            cid = Cid.parse(path.name)
            if await store.has(cid):
                with suppress(NotFound):
                    await store.get(cid)  # hashed on the way: anything else than the block is Corrupt


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[list[Note], int]:
    """Every change of one run, and the inode of the file in which it said what was safe."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "data" / STORE).mkdir(parents=True)
    program = [str(SUPPORT / "power_user.py"), str(folder / "data"), str(ROUNDS)]
    notes = recorded(built(folder), folder / "data", folder / "notes", *program)
    safe = next(note.inode for note in notes if note.kind == "C" and note.path == "safe")
    return notes, safe


async def found_after(disk: Disk, at: int, run: tuple[list[Note], int], folder: Path, seed: int) -> Told:
    """What was told before a cut holds after it."""
    told = Told.by(run[0], at, run[1])
    (folder / STORE).mkdir(parents=True)
    disk.after_a_cut(folder, random.Random(seed))
    (folder / "safe").unlink(missing_ok=True)
    if told.opened:
        await journal_holds(folder, told)
    await store_holds(folder / STORE, told)
    shutil.rmtree(folder)
    return told


async def test_what_was_told_to_be_safe_outlives_a_power_cut(run, tmp_path, record_property) -> None:
    cut, acknowledged = 0, 0
    for at, disk in cuts(run[0], CUTS, random.Random(6)):
        told = await found_after(disk, at, run, tmp_path / "found", at)
        cut, acknowledged = cut + 1, acknowledged + told.block + len(told.stored)

    record_property("cuts", cut)
    record_property("acknowledged_before_cuts", acknowledged)
    record_property("acknowledged_lost", 0)
    assert cut == CUTS
    assert (told.block, len(told.stored)) == (ROUNDS, ROUNDS)


async def test_a_program_that_does_not_sync_is_found_out(run, tmp_path) -> None:
    """The layer forgets: without the syncs, the same run loses what it told."""
    notes, safe = run
    careless = [note for note in notes if note.kind not in "SF"]
    (_, disk), *_ = cuts(careless, 1, random.Random(6))
    disk.after_a_cut(tmp_path, random.Random(1))

    assert Told.by(careless, len(careless), safe).block == ROUNDS
    assert list(tmp_path.rglob("*.sqlite")) == []
