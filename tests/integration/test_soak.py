"""Half an hour of everything at once: a node holds no more memory, files, threads and tasks, and answers soon.

The half hour begins when the node is warm, see docs/adr/0045-memory-is-judged-when-the-pools-are-full.md.
"""

from __future__ import annotations

import os
import statistics
from contextlib import asynccontextmanager

import pytest
import trio
from local_chain import local_chain
from p2p_processes import peer_process
from soaking import HELD, Pace, Soak, eventually, p95, slope

from thenar.adapters.chain.blueprint import Parameters
from thenar.demo.cast import enrol, peer_address

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
SECONDS, WARM_UP = (4500, 2700) if FULL else (25, 8)
"""Envelopes are remembered for twelve minutes, and the interpreter's pools are full of their kinds after forty."""
QUICK = Pace(asked=0.05, streamed=0.5, told=0.5, said=0.2, fetched=0.5, published=0.5, reorganised=4, sampled=0.5)
STEADY = Pace(asked=0.1, streamed=1, told=2, said=0.5, fetched=2, published=20, reorganised=30, sampled=5)
SILENCE = 180
"""Seconds: a link to a peer is given up after two minutes without a word."""
GROWTH_AN_HOUR = 1e6 if FULL else 600e6
"""Bytes. In half a minute one megabyte that the allocator takes at once looks like a hundred an hour."""
SOON = 0.05
WITHIN = {"open_files": 2, "threads": 1, "tasks": 2}
"""How many more there may be, idle, than before; and between the medians of the first and the last quarter."""
DRIFT = WITHIN if FULL else {"open_files": 15, "threads": 4, "tasks": 30}
"""Quarters of half a minute have few looks, at another moment of the load each."""


@pytest.fixture
async def chain(tmp_path):
    async with local_chain(
        tmp_path / "chain", block_time=1.0 if FULL else 0.2, parameters=Parameters(minimum_stake=100)
    ) as net:
        yield net


@asynccontextmanager
async def settled(devnet, name, folder, *known: str, **more: object):
    """Somebody's registered node as a process of its own, two blocks behind the chain, as long as the context lasts."""
    settings = {
        "chain_rpc": devnet.rpc_url,
        "chain_deployment": str(devnet.deployment_file),
        "chain_poll_ms": 200,
        "chain_confirmations": 2,
        "chain_deep": 2,
        "p2p_bootstrap": known,
    }
    person = await trio.to_thread.run_sync(enrol, name, folder, settings | more)
    await devnet.fund(person.account)
    try:
        await person.start()
        await person.ask("node.register", lambda _: None, stake="100")
        yield person
    finally:
        with trio.CancelScope(shield=True):
            await person.stop()


async def test_a_node_under_mixed_load_holds_no_more_than_before(chain, tmp_path, record_property):
    async with (
        settled(chain, "ana", tmp_path / "ana") as ana,
        settled(chain, "ben", tmp_path / "ben", peer_address(ana), store_pin="none") as ben,
        peer_process("carl", peer_address(ana)) as carl,
    ):
        await carl.wait_for_mesh()
        soak = Soak(ana, ben, carl, chain, tmp_path, STEADY if FULL else QUICK)
        await soak.run(5)  # what is made once, is made
        soak.samples.clear(), soak.latency.clear(), soak.did.clear()
        before = await soak.holds()
        began = trio.current_time()
        await soak.run(SECONDS)
        after = before

        async def is_back() -> bool:
            nonlocal after
            after = await soak.holds()
            return all(after[name] <= before[name] + more for name, more in WITHIN.items())

        came_back = await eventually(is_back, seconds=SILENCE)

    warm = [(at, one) for at, one in soak.samples if at - began > WARM_UP]
    growth = slope([(at / 3600, one["resident_bytes"]) for at, one in warm])
    quarter = len(warm) // 4
    drift = {
        name: statistics.median(one[name] for _, one in warm[-quarter:])
        - statistics.median(one[name] for _, one in warm[:quarter])
        for name in HELD
    }
    print(before, after, drift, growth, soak.did, {kind: p95(all_) for kind, all_ in soak.latency.items()})
    record_property("seconds", SECONDS)
    record_property("warm_up_seconds", WARM_UP)
    for what, times in soak.did.items():
        record_property(what, times)
    record_property("rss_growth_mb_an_hour", round(growth / 1e6, 2))
    record_property("rss_mb_before", round(before["resident_bytes"] / 1e6, 1))
    record_property("rss_mb_after", round(after["resident_bytes"] / 1e6, 1))
    for name in WITHIN:
        record_property(f"{name}_before", before[name])
        record_property(f"{name}_after", after[name])
        record_property(f"{name}_drift_under_load", drift[name])
    for kind, times in soak.latency.items():
        record_property(f"{kind}_p95_ms", round(p95(times) * 1e3, 1))
    assert soak.did.keys() >= {
        "asked",
        "streams",
        "statuses",
        "said",
        "fetched",
        "sealed",
        "dropped",
        "reorganisations",
    }
    assert came_back, (before, after)
    assert all(drift[name] <= more for name, more in DRIFT.items()), drift
    assert growth <= GROWTH_AN_HOUR
    assert p95(soak.latency["collections"]) <= SOON or not FULL
