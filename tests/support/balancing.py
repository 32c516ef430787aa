"""A pole balanced by answers over links in this process, which delay frames and lose some, in virtual time."""

from __future__ import annotations

import random
import struct
from functools import partial

import trio
from chain_facts import BEN
from choosing import Echo
from reflex_arc import purse
from trio.testing import MockClock

from thenar.adapters.simulation.balance import OBSERVATION, STEP, Pole, policy
from thenar.demo.faraway import LongLine
from thenar.domain.reflex.choice import Record
from thenar.domain.reflex.frames import Ready
from thenar.services.reflex.route import Asked, Route

LOSS = 0.01
ASIDE = 1e-4
"""Seconds by which answers miss the ends of steps, so that the same dice balance the same way."""
DEAR = 10**12
"""A price nobody signs for: signatures take threads, and those real time."""


def leans_over(trip: float, lines: int, period: float, seconds: float, *, loss: float = LOSS, seed: int = 5) -> Pole:
    """Balance by nodes a round trip (seconds) away, asked together over so many lines of the robot's own."""

    async def balance() -> Pole:
        async with trio.open_nursery() as nursery:
            routes = [_route(nursery, trip, loss, random.Random(100 * seed + number)) for number in range(lines)]
            pole = await _balance(routes, period, seconds)
            nursery.cancel_scope.cancel()
        return pole

    return trio.run(balance, clock=MockClock(autojump_threshold=0))


def _route(nursery: trio.Nursery, trip: float, loss: float, dice: random.Random) -> Route:
    line = LongLine(Echo(answer=policy), trip + ASIDE, loss, dice)
    route = Route("node", line, Ready(4 * OBSERVATION, 4, 1, 2_048, DEAR, bytes(32)), purse(BEN), Record(), 0, 0)
    nursery.start_soon(line.run)
    nursery.start_soon(route.run)
    return route


class _Hand:
    """Holds the newest answer."""

    def __init__(self) -> None:
        self.action, self.newest = struct.pack("<f", 0.0), -1

    def take(self, tick: int, asked: Asked) -> None:
        """An answer came; one to an older observation than the one that is held comes too late."""
        if asked.action is not None and tick > self.newest:
            self.action, self.newest = asked.action, tick


async def _balance(routes: list[Route], period: float, seconds: float) -> Pole:
    pole, hand, began = Pole(), _Hand(), trio.current_time()
    for tick in range(round(seconds / STEP)):
        await trio.sleep_until(began + tick * STEP)
        if tick % round(period / STEP) == 0:
            observation = pole.observe()
            for route in routes:
                route.ask(observation, partial(hand.take, tick))
        pole.advance(STEP, hand.action)
        if not pole.stands:
            break
    return pole
