"""Does a robot choose right? Its own code, over links in this process that delay and lose frames, in virtual time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import trio
from chain_facts import BEN
from reflex_arc import purse

from thenar.demo.faraway import LongLine
from thenar.domain.ids import PeerId
from thenar.domain.reflex.choice import Candidate, Record, ranked
from thenar.domain.reflex.frames import Frame, Kind, Ready
from thenar.services.reflex.robot import PROBES
from thenar.services.reflex.route import Route, measured

TRIPS = (0.005, 0.02, 0.08)
LOSS = 0.01
PERIOD = 0.1
PRICES = (25, 400)
NODE = PeerId("a node in this process")
CLOSE = 1.05
"""A node is right when no other is more than five in a hundred better: price × true round trip."""


@dataclass
class Echo:
    """A line to a node that answers every call at once."""

    peer: PeerId = NODE
    answer: Callable[[bytes], bytes] = lambda _: bytes(4)
    _send: trio.MemorySendChannel[Frame] = field(init=False)
    _take: trio.MemoryReceiveChannel[Frame] = field(init=False)

    def __post_init__(self) -> None:
        self._send, self._take = trio.open_memory_channel[Frame](math.inf)

    async def send(self, frame: Frame) -> None:
        if frame.kind == Kind.CALL:
            self._send.send_nowait(Frame(Kind.ANSWER, self.answer(frame.body), frame.call))
        await trio.lowlevel.checkpoint()

    async def receive(self) -> Frame | None:
        return await self._take.receive()

    async def drop(self) -> None:
        await trio.lowlevel.checkpoint()


async def right_choices(trials: int, seed: int = 11) -> tuple[int, float]:
    """In how many trials the node chosen was right, and how much worse the worst choice was."""
    dice, right, worst = random.Random(seed), 0, 1.0
    for _ in range(trials):
        prices = [round(math.exp(dice.uniform(*map(math.log, PRICES)))) for _ in TRIPS]
        records = [await _measured(trip, dice) for trip in TRIPS]
        candidates = [Candidate(str(at), price, records[at]) for at, price in enumerate(prices)]
        costs = [price * trip for price, trip in zip(prices, TRIPS, strict=True)]
        ratio = costs[int(ranked(candidates, PERIOD)[0].name)] / min(costs)
        right += ratio <= CLOSE
        worst = max(worst, ratio)
    return right, worst


async def _measured(trip: float, dice: random.Random) -> Record:
    async with trio.open_nursery() as nursery:
        line = LongLine(Echo(), trip, LOSS, random.Random(dice.random()))
        nursery.start_soon(line.run)
        ready = Ready(4, 4, 1, 2_048, 100, bytes(32))
        route = Route("node", line, ready, purse(BEN), Record(), 0, 0)
        nursery.start_soon(route.run)
        await measured(route, PROBES, PERIOD)
        nursery.cancel_scope.cancel()
    return route.record
