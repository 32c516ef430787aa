"""Thousands of calls through a node that fails, forgets and grows dear: each has one effect, or none and a reason."""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import trio
import trio.testing
from bad_pool import CALM, FAILING, REFUSED, BadPool
from coincurve import PrivateKey

from thenar.adapters.chain.rpc import Rpc
from thenar.adapters.chain.sender import Sender, SendRules
from thenar.adapters.journal import open_journal
from thenar.adapters.vault.keyring import OpenKeyring
from thenar.domain.ids import Address
from thenar.domain.sending import Call
from thenar.errors import Reverted

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
INTENTS, WORKERS = (5_000, 16) if FULL else (64, 16)
REVERTING = 50 if FULL else 4
"""Calls beside them that can never work, half of them found out in a block only."""
TROUBLE = 0.3
CAP = 50 * CALM
DESK = Address("0x" + "de" * 20)
SPEED = 1_000
"""How much faster than the real clock pauses pass; requests are waited for however long they take."""
SEEDS = (8,)


def key() -> OpenKeyring:
    return OpenKeyring(PrivateKey(b"\x07" * 32).secret, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)


@asynccontextmanager
async def sending(pool: BadPool, folder: Path, keyring: OpenKeyring):
    """A sender with a journal, on the pool."""
    transport = pool.transport()
    with httpx.Client(transport=transport) as sync:
        async with (
            httpx.AsyncClient(transport=transport) as client,
            open_journal(folder) as journal,
            trio.open_nursery() as nursery,
        ):
            rpc = Rpc("http://pool", client, sync, timeout=1e9, limit=10_000_000)
            sender = Sender(rpc, journal, keyring, SendRules(31_337, CAP, confirmations=2))
            await nursery.start(sender.send_transactions)
            yield sender, journal
            nursery.cancel_scope.cancel()


async def campaign(folder: Path, pool: BadPool, keyring: OpenKeyring, refused: Counter[bytes]) -> None:
    calls = [number.to_bytes(4, "big") for number in range(INTENTS)]
    calls += [(REFUSED if one % 2 else FAILING) + one.to_bytes(4, "big") for one in range(REVERTING)]
    pool.dice.shuffle(calls)

    async def work(sender: Sender, share: list[bytes]) -> None:
        for data in share:
            try:
                await sender.send(data.hex(), Call(DESK, data))
            except Reverted:
                refused[data] += 1

    async with sending(pool, folder, keyring) as (sender, journal):
        async with trio.open_nursery() as nursery:
            for worker in range(WORKERS):
                nursery.start_soon(work, sender, calls[worker::WORKERS])
        while await journal.open_intents():  # noqa: ASYNC110  until all is final; the journal has no event for it
            await trio.sleep(1)


def test_every_intent_has_exactly_one_effect(tmp_path, record_property):
    for seed in SEEDS:
        keyring = key()
        pool = BadPool(keyring.account, CAP, TROUBLE, random.Random(seed))
        refused: Counter[bytes] = Counter()

        trio.run(campaign, tmp_path / str(seed), pool, keyring, refused, clock=trio.testing.MockClock(rate=SPEED))

        ours = {data: count for data, count in pool.effects.items() if data}
        assert ours == {number.to_bytes(4, "big"): 1 for number in range(INTENTS)}
        assert len(refused) == REVERTING
        assert set(refused.values()) == {1}
        assert pool.told["fees over the cap"] == 0
        assert pool.pool == {}
        assert all(pool.simulated[data] <= 2 for data in refused if data.startswith(REFUSED))
    record_property("intents", INTENTS)
    record_property("effects", sum(ours.values()))
    record_property("reverted_and_told_once", len(refused))
    for name, count in sorted(pool.told.items()):
        record_property(name.replace(" ", "_"), count)
    record_property("most_tries_of_a_refused_call", max(pool.simulated[data] for data in refused))
