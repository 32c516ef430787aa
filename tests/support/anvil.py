"""Local chains for tests that need a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio
from dev_key import DevKey

from thenar.adapters.chain.calls import call_of
from thenar.adapters.chain.client import ChainClient, ChainSettings, open_chain
from thenar.adapters.chain.devnet import Devnet
from thenar.adapters.chain.views import View, Views
from thenar.adapters.journal import SqliteJournal, open_journal
from thenar.domain.actions import WriteTerms
from thenar.domain.assets import Purpose, Terms
from thenar.domain.sending import Call
from thenar.services.ports import Batch, Rewind

FAST = ChainSettings(confirmations=0, interval=0.05)


def write_terms(number: int) -> WriteTerms:
    """An action with an effect that can be counted: each number writes terms of its own."""
    return WriteTerms(Terms(Purpose.TRAIN, 0, number, 0, 0))


def terms_call(devnet: Devnet, number: int) -> Call:
    """The same as a call."""
    return call_of(write_terms(number), devnet.deployment.contracts)


@dataclass(frozen=True, slots=True)
class Seat:
    """A journal and a client of one account, with the sender running."""

    chain: ChainClient
    journal: SqliteJournal
    key: DevKey


@asynccontextmanager
async def seated(
    devnet: Devnet, folder: Path, key: DevKey, settings: ChainSettings = FAST, **more: Any
) -> AsyncIterator[Seat]:
    """Open journal and chain and run the sender inside the scope."""
    url = more.pop("url", devnet.rpc_url)
    async with (
        open_journal(folder) as journal,
        open_chain(url, devnet.deployment, key, journal, settings, check=False, **more) as chain,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(chain.send_transactions)
        yield Seat(chain, journal, key)
        nursery.cancel_scope.cancel()


async def take_in_until(seat: Seat, block: int, start: int) -> list[Batch | Rewind]:
    """Follow from the cursor, or ``start``, until the journal stands at a block; returns what the reader said."""
    said: list[Batch | Rewind] = []
    cursor = await seat.journal.cursor()
    start = start if cursor is None else cursor + 1
    with trio.fail_after(20):
        async for item in seat.chain.confirmed(start, seat.journal.block_hash):
            said.append(item)
            if isinstance(item, Rewind):
                await seat.journal.rewind(item.to_block)
            else:
                await seat.journal.take_in(item, [])
            if isinstance(item, Batch) and item.last >= block:
                break
    return said


async def count_terms(devnet: Devnet) -> int:
    """How many terms are on the chain."""
    return int(await Views(devnet.rpc, devnet.deployment.contracts).one(View("TermsBook", "count", {}, int)))
