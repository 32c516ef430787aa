"""A node is killed with SIGKILL at each named point: nothing acknowledged is lost, and nothing happens twice.

Every kill is of a whole node at work on a real chain, with a real journal, store and neighbour; see
tests/support/crash_points.py for the points. After a kill the errand is asked for once more, as a person or the
command line does, and nothing else is done.
"""

from __future__ import annotations

import json
import os
import random

import pytest
import trio
from crash_books import Acknowledged, Effects, left_over, quantile
from crash_points import POINTS, Point
from crash_town import PRICE, Town, town_on
from local_chain import local_chain

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.journal import FILE_NAME as JOURNAL

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
SEEDS = range(20) if FULL else range(1)
LENGTH = 960  # seconds of the chain; waiting for a round of storage is skipped
RECOVERED_SECONDS = 10.0


@pytest.fixture
async def devnet(tmp_path):
    windows = {"dispute_window": 2, "round_length": LENGTH, "answer_time": LENGTH // 4, "show_time": LENGTH // 2}
    async with local_chain(
        tmp_path / "chain", block_time=0.1, parameters=Parameters(minimum_stake=100, **windows)
    ) as net:
        yield net


async def killed_and_started(town: Town, point: Point, turn: int, acknowledged: Acknowledged) -> float:
    """One kill at a point; the seconds from the start of the next life until the errand is at its end."""
    name, time = point.step.errands[turn % len(point.step.errands)]
    errand = await town.errand(name)
    async with trio.open_nursery() as nursery:
        await town.lives.say(json.dumps(errand.words | {"point": point.name, "time": time}))
        if errand.beside is not None:
            nursery.start_soon(errand.beside)
        ended = await town.lives.hear()
        assert ended == ("ended", 9), (point.name, name, ended)
        acknowledged.look(town.lives.told)
        town.lives.told.clear()
        await town.gone()
        began = trio.current_time()
        await town.lives.begin()
        await town.lives.ask(errand.words)
        seconds = trio.current_time() - began
        await errand.once()
        assert left_over(town.lives.folder) == [], point.name
    return seconds


async def every_block_is_whole(town: Town) -> int:
    """Read all that is pinned, hashes checked; how many files that were."""
    async with open_embedded(town.lives.folder / "store", quota=1 << 40) as store:
        pins = await store.pins()
        for root in pins:
            async for _ in store.read(root):
                pass
    return len(pins)


async def the_books_are_equal(town: Town, began: tuple[int, int]) -> None:
    """Ana has what she began with, less what she asked to be spent; the Ledger holds what it owes."""
    catalog = (await town.seen()).belief.catalog
    wallet = await town.ben.chain.wallet(town.ana)
    held = (await town.ben.chain.wallet(town.ben.chain.contract("Ledger"))).tokens

    assert wallet.tokens == began[0] - town.paid - town.deposited - PRICE * town.bought
    assert wallet.account == began[1] + town.deposited
    assert held == sum(catalog.accounts.values()) + sum(catalog.locks.values())


async def test_nothing_is_lost_and_nothing_happens_twice_wherever_a_node_is_killed(devnet, tmp_path, record_property):
    seconds: list[float] = []
    async with town_on(devnet, tmp_path, seed=5) as (town, loading):
        acknowledged, effects = Acknowledged(town.lives.folder), Effects(devnet, town.ana)
        wallet = await town.ben.chain.wallet(town.ana)
        for seed in SEEDS:
            for turn, point in enumerate(random.Random(seed).sample(POINTS, len(POINTS))):
                seconds.append(loading + await killed_and_started(town, point, seed + turn // 2, acknowledged))
        await the_books_are_equal(town, (wallet.tokens, wallet.account))
    acknowledged.look(town.lives.told)
    await effects.read()
    twice, missing = effects.beside(town.lives.folder / JOURNAL)
    files = await every_block_is_whole(town)

    record_property("points", len(POINTS))
    record_property("kills", len(seconds))
    record_property("acknowledged", acknowledged.told)
    record_property("lost", len(acknowledged.lost) + len(missing))
    record_property("transactions", len(effects.mined))
    record_property("duplicates", len(twice))
    record_property("manual_steps", 0)  # the errand was asked for again, nothing else
    record_property("loading_cpu_s", round(loading, 2))
    record_property("recovery_p50_s", round(quantile(seconds, 0.5), 2))
    record_property("recovery_p99_s", round(quantile(seconds, 0.99), 2))
    assert acknowledged.lost == [] and missing == [] and twice == []
    assert len(seconds) == len(SEEDS) * len(POINTS) and len(POINTS) == 42
    assert files > len(town.spare)
    if FULL:  # of 42 the slowest would be judged, beside whatever else the machine does
        assert quantile(seconds, 0.99) <= RECOVERED_SECONDS
