"""The guard's word is on disk before a signature leaves, and asking it costs little."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from thenar.adapters.journal import open_journal
from thenar.domain.guard import Said
from thenar.errors import Conflict
from thenar.services.restored import RESTORED

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
ASKED = 2_000 if FULL else 100
MOST_MS = 5.0


async def test_asking_the_guard_takes_little_time(tmp_path: Path, record_property) -> None:
    took = []
    async with open_journal(tmp_path) as journal:
        for number in range(ASKED):
            began = time.perf_counter()
            await journal.guard_statement("run", str(number), number.to_bytes(32, "big"), number)
            took.append((time.perf_counter() - began) * 1_000)
        assert len(await journal.statements()) == ASKED

    p95 = sorted(took)[int(0.95 * ASKED)]
    record_property("check_p95_ms", round(p95, 2))
    assert p95 <= MOST_MS or not FULL  # a busy machine's disk is no measure


async def test_what_was_heard_is_guarded_after_a_restart(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.guard_statement("run", "mine", b"one")
        heard = (Said("run", "theirs", b"two"), Said("run", "mine", b"other"))
        assert await journal.hear_statements(heard) == {"added": 1, "known": 0, "spoiled": 1}

    async with open_journal(tmp_path) as journal:
        await journal.guard_statement("run", "theirs", b"two")
        for key, digest in (("theirs", b"three"), ("mine", b"one"), ("mine", b"other")):
            with pytest.raises(Conflict):
                await journal.guard_statement("run", key, digest)


async def test_a_restored_journal_says_nothing_about_the_time_before(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await journal.put(RESTORED, b"1000")
        with pytest.raises(Conflict, match="restored from"):
            await journal.guard_statement("live epoch", "1/9", b"one", 999)
        await journal.guard_statement("live epoch", "1/10", b"one", 1_000)
