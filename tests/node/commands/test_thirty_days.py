"""A node on a living network: late blocks, small reorganisations, slow answers. Nothing is wrong, nothing is said."""

from __future__ import annotations

import os
import random
from functools import partial
from types import SimpleNamespace

import pytest
import trio
import trio.testing

from thenar.commands import overview
from thenar.config import Config
from thenar.domain.facts import Fact
from thenar.domain.ids import Address
from thenar.errors import Late, Unavailable
from thenar.services.belief import Belief
from thenar.services.follow import Followed, follow_chain
from thenar.services.ports import Batch, Head, Rewind, Seen, Wallet
from thenar.services.ports.content import Usage
from thenar.services.reach import COUNTS, EVERY, Reach

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
DAYS = 30 if FULL else 0.25
LOOKS = 60.0
"""Seconds between looks at the status."""
LIAR, PLACE = "3", "/ip4/9.9.9.9/tcp/4001"
BEGAN = 1_800_000_000
SLOT = 12
ME = Address("0x" + "aa" * 20)


class LivingChain:
    """A chain with missed slots and small reorganisations, behind an endpoint that takes its time."""

    chain_id = 31_337

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.block, self.timestamp, self.reorganised = 100, BEGAN, 0
        self.down = False

    async def live(self) -> None:
        while True:
            missed = self.dice.choices((0, 1, 3, 20), (950, 40, 9, 1))[0]
            await trio.sleep(SLOT * (1 + missed))
            self.block += 1
            self.timestamp = int(BEGAN + trio.current_time())

    async def answer(self) -> None:
        await trio.sleep(self.dice.betavariate(1, 6) * 0.9)
        if self.down:
            raise Unavailable("the chain node does not answer")

    async def head(self) -> Head:
        await self.answer()
        return Head(self.block, self.timestamp)

    async def wallet(self, _: Address) -> Wallet:
        await self.answer()
        return Wallet(10**18, 10**9, 0, 0)

    async def confirmed(self, start: int, _: object):
        at = start
        while True:
            await trio.sleep(SLOT if self.dice.random() < 0.999 else 60)  # now and then a batch takes long
            if self.down:
                continue
            if self.dice.random() < 0.0005 and at > start + 3:
                at -= self.dice.randint(1, 3)
                self.reorganised += 1
                yield Rewind(at - 1)
            while at <= self.block - 2:
                yield Batch(at, at, f"0x{at:064x}", ())
                at += 1


class Notes:
    """The journal of a node to whom nothing happens."""

    def __init__(self) -> None:
        self.last: int | None = None
        self.kept: dict[str, bytes] = {}

    async def block_hash(self, block: int) -> str | None:
        return f"0x{block:064x}"

    async def facts(self) -> list[Fact]:
        return []

    async def cursor(self) -> int | None:
        return self.last

    async def take_in(self, batch: Batch, _: object) -> None:
        self.last = batch.last

    async def rewind(self, to_block: int) -> None:
        self.last = to_block

    async def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    async def put(self, name: str, value: bytes) -> None:
        self.kept[name] = value

    async def none(self) -> list[object]:
        return []

    open_duties = failed_duties = open_intents = none


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A node whose clock is trio's, with threads that take no time."""

    async def at_once(work, *arguments, **_):
        await trio.lowlevel.checkpoint()
        return work(*arguments)

    monkeypatch.setattr(trio.to_thread, "run_sync", at_once)
    monkeypatch.setattr(overview, "time", SimpleNamespace(time=lambda: BEGAN + trio.current_time()))
    dice = random.Random(30)
    chain, journal = LivingChain(dice), Notes()

    async def usage() -> Usage:
        await trio.sleep(dice.random() * 0.5)
        return Usage(used=10**9, quota=2 * 10**10, blocks=4_000, pins=7, on_disk=10**9)

    peers = SimpleNamespace(
        me="12D3KooWMe",
        addresses=("/ip4/127.0.0.1/tcp/4001",),
        counts=SimpleNamespace(heard=1, refused=0),
        shut_out=0,
        listening=("/ip4/127.0.0.1/tcp/4001",),
        connected=lambda: frozenset(map(str, range(dice.randint(0, 9)))),
        seen_by=partial(seen_by, dice),
    )
    return SimpleNamespace(
        chain=chain,
        journal=journal,
        belief=Belief(),
        store=SimpleNamespace(usage=usage),
        peers=peers,
        reach=Reach(peers, nothing_held),
        me=ME,
        decimals=6,
        config=Config(),
        directory=tmp_path,
    )


async def seen_by(dice: random.Random, peer: str, _: object = None) -> Seen:
    """What a peer tells: one of them always lies, and a third of the others are busy."""
    await trio.sleep(dice.random())
    if peer == LIAR:
        return Seen("198.51.100.9", (), (PLACE,), served=False)
    if dice.random() < 1 / 3:
        raise Late("no answer")
    return Seen("9.9.9.9", (PLACE,), (), served=True)


async def nothing_held() -> None:
    return None


async def watched(node, days: float, alarms: list[tuple[float, list[str]]]) -> int:
    """Run and look; what was said, and how often nothing was."""
    quiet = 0
    async with trio.open_nursery() as nursery:
        nursery.start_soon(node.chain.live)
        await nursery.start(follow_chain, node.chain, node.journal, node.belief, Followed(90, node.me))
        await trio.sleep(30)
        until = trio.current_time() + days * 86_400
        while trio.current_time() < until:
            await node.reach.look()
            found = await overview.status_view(node, BEGAN)
            if found["reasons"]:
                alarms.append((trio.current_time(), found["reasons"]))
            else:
                assert found["ready"] is True
                quiet += 1
            await trio.sleep(LOOKS)
        nursery.cancel_scope.cancel()
    return quiet


async def test_a_healthy_node_raises_no_alarm(world, autojump_clock, record_property):
    alarms: list[tuple[float, list[str]]] = []

    quiet = await watched(world, DAYS, alarms)

    record_property("days_simulated", DAYS)
    record_property("looks", quiet)
    record_property("reorganisations", world.chain.reorganised)
    record_property("false_alarms", len(alarms))
    assert alarms == []
    assert quiet > DAYS * 1_400
    assert world.chain.block > 100 + DAYS * 5_000


async def test_a_head_below_what_was_seen_is_no_readiness(world, autojump_clock):
    world.belief.advance(world.chain.block + 3)

    found = await overview.status_view(world, BEGAN)

    assert found["ready"] is False
    assert found["parts"]["chain"]["behind"] == -3
    assert found["reasons"] == [
        "chain: its head is below what this node has seen: another chain, or an endpoint that lags"
    ]


async def test_a_port_that_strangers_find_closed_is_told_within_a_quarter_of_an_hour(world, autojump_clock):
    alarms: list[tuple[float, list[str]]] = []
    await watched(world, 0.1, alarms)

    async def closed(peer: str, _: object = None) -> Seen:
        await trio.sleep(0.1)
        return Seen("9.9.9.9", (), (PLACE,), served=False)

    world.peers.seen_by, world.peers.connected = closed, lambda: frozenset("0123")
    for _ in range(int(COUNTS // EVERY) + 1):
        await trio.sleep(EVERY)
        await world.reach.look()
    found = await overview.status_view(world, BEGAN)

    assert alarms == []
    said = f"reach: peers dialled {PLACE} and this node did not answer; "
    assert f"{said}peers asked this node for a block that it holds and did not get it" in found["reasons"]
    assert found["parts"]["reach"]["up"] is False
    assert found["ready"] is False


async def test_the_same_watch_tells_when_something_is_wrong(world, autojump_clock):
    alarms: list[tuple[float, list[str]]] = []
    world.chain.down = True

    quiet = await watched(world, 0.02, alarms)

    assert quiet == 0
    assert all(any(reason.startswith("chain: ") for reason in reasons) for _, reasons in alarms)
