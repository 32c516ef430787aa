"""SIGKILL at any moment: what was acknowledged is there afterwards, whole and once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from journal_writer import block_hash, digest_of

from thenar.adapters.journal import open_journal
from thenar.domain.sending import SendState
from thenar.errors import Conflict

ROUNDS = 12
SUPPORT = Path(__file__).resolve().parents[2] / "support"


def write_until_killed(folder: Path, first: int, patience: float) -> int:
    """Let a child write from block ``first`` on, kill it after a while; returns the last block it acknowledged."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(SUPPORT / "journal_writer.py"), str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        acknowledged = first - 1
        try:
            assert child.stdout.readline() == b"ready\n"
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().split():
            acknowledged = int(line)
        child.wait()
        assert child.returncode == -signal.SIGKILL
    return acknowledged


async def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    chance, acknowledged = random.Random(8), 0
    for _ in range(ROUNDS):
        acknowledged = write_until_killed(tmp_path, acknowledged + 1, chance.uniform(0.0, 0.25))
        async with open_journal(tmp_path) as journal:
            cursor = await journal.cursor() or 0
            assert acknowledged <= cursor <= acknowledged + 1  # one more may be on disk, unheard
            acknowledged = cursor
            blocks = [fact.at.block for fact in await journal.facts()]
            assert blocks == [block for block in range(1, cursor + 1) for _ in range(3)]
            assert [duty.block for duty in await journal.open_duties()] == list(range(1, cursor + 1))
            for block in range(1, cursor + 1):
                await check_block(journal, block, cursor)
    assert acknowledged > ROUNDS


async def check_block(journal, block: int, cursor: int) -> None:
    """The intent and the guarded statement of an acknowledged block, whatever happened after it."""
    intent = await journal.intent(f"intent {block}")
    if block < cursor:
        assert intent is not None and intent.state is SendState.SIGNED
        assert [attempt.nonce for attempt in intent.attempts] == [block]
        with pytest.raises(Conflict):
            await journal.guard_statement("block", str(block), b"another")
    await journal.guard_statement("block", str(block), digest_of(block))
    if block > cursor - 200:
        assert await journal.block_hash(block) == block_hash(block)
