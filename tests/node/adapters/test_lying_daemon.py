"""A Kubo daemon that lies costs time and nothing else: no byte of what it sends is taken for a block that it is not."""

from __future__ import annotations

import io
import os
import random
from collections import Counter
from collections.abc import Callable

import pytest
import trio
from lying_kubo import LIES, lying_kubo

from thenar.adapters.ipfs.kubo import open_kubo
from thenar.adapters.ipfs.kuborpc import KuboRpc
from thenar.domain.ids import Cid
from thenar.domain.unixfs import leaf_cid
from thenar.errors import BadInput, Corrupt, Late, ThenarError, Unavailable

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
FETCHES = 10_000 if FULL else 200
FAILOVER_SECONDS = 5.0
PATIENCE = 60.0


@pytest.fixture
def daemon():
    with lying_kubo() as made:
        dice = random.Random(12)
        for size in (1, 2, 100, 4_096, 60_000):
            block = dice.randbytes(size)
            made.blocks[leaf_cid(block)] = block
        yield made


async def test_no_bad_byte_is_taken_in(daemon, record_property):
    dice, told, bad = random.Random(120), Counter(), 0
    async with open_kubo(daemon.api, timeout=PATIENCE) as store:
        for _ in range(FETCHES):
            daemon.mood, cid = dice.choice(LIES), dice.choice(sorted(daemon.blocks))
            try:
                block = await store.get(cid)
            except ThenarError as refused:
                told[type(refused).__name__] += 1
                assert daemon.mood != "honest"
                continue
            told["taken"] += 1
            bad += block != daemon.blocks[cid]

    assert bad == 0
    record_property("fetches", FETCHES)
    record_property("bad_blocks_taken", bad)
    for name, count in sorted(told.items()):
        record_property(f"fetches_{name.lower()}", count)
    assert told["taken"] >= FETCHES // len(LIES) // 2
    assert told["Corrupt"]
    assert told["Unavailable"]


async def test_a_daemon_that_sends_a_byte_now_and_then_is_given_up(daemon, record_property):
    daemon.mood, cid = "slow", max(daemon.blocks, key=lambda one: len(daemon.blocks[one]))
    async with open_kubo(daemon.api, timeout=PATIENCE) as store:
        store._rpc._timeout = 2.0
        began = trio.current_time()
        with pytest.raises(Late, match=r"too slowly|in time"):
            await store.get(cid)
        took = trio.current_time() - began
        daemon.mood, store._rpc._timeout = "honest", PATIENCE
        assert await store.get(cid) == daemon.blocks[cid]

    record_property("failover_s", round(took, 2))
    assert took < FAILOVER_SECONDS or not FULL


async def test_an_endless_answer_is_not_taken_into_memory(daemon):
    daemon.mood = "endless"
    async with open_kubo(daemon.api, timeout=PATIENCE) as store:
        with pytest.raises(Corrupt, match="bigger than a block may be"):
            await store.get(next(iter(daemon.blocks)))


VERBS: dict[str, Callable[[KuboRpc, Cid], object]] = {
    "block": lambda rpc, cid: rpc.block(cid, offline=True),
    "has": lambda rpc, cid: rpc.has(cid),
    "put": lambda rpc, cid: rpc.put_block(cid, b"x"),
    "drop": lambda rpc, cid: rpc.drop_block(cid),
    "add": lambda rpc, _: rpc.add(io.BytesIO(b"x")),  # type: ignore[arg-type]
    "pin": lambda rpc, cid: rpc.pin(cid),
    "unpin": lambda rpc, cid: rpc.unpin(cid),
    "pins": lambda rpc, _: rpc.pins(),
    "collect": lambda rpc, _: rpc.collect(),
    "stat": lambda rpc, _: rpc.stat(),
    "room": lambda rpc, _: rpc.room(),
    "connect": lambda rpc, _: rpc.connect("/ip4/127.0.0.1/tcp/9"),
}


@pytest.mark.parametrize(
    ("mood", "kind", "code"),
    [("broken", Unavailable, 6), ("overloaded", Unavailable, 6), ("refusing", BadInput, 2), ("closed", BadInput, 2)],
)
def test_a_failing_daemon_is_unavailable_and_one_that_was_asked_wrongly_says_so(daemon, mood, kind, code):
    rpc, cid = KuboRpc(daemon.api, PATIENCE), next(iter(daemon.blocks))
    daemon.mood = mood
    for verb, ask in VERBS.items():
        with pytest.raises(ThenarError, match="disk on fire") as told:
            ask(rpc, cid)
        assert (type(told.value), told.value.exit_code) == (kind, code), verb
    rpc.close()


async def test_a_daemon_that_is_down_is_unavailable_at_once(daemon):
    api = daemon.api.rsplit("/", 1)[0] + "/9"
    with pytest.raises(Unavailable):
        await trio.to_thread.run_sync(KuboRpc, api, PATIENCE)
