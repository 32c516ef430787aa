"""A node far away: an honest node, every frame of which arrives late, and some of them later, as on a long line.

Run as ``python -m thenar.demo.faraway DIRECTORY``; ``THENAR_FAR_MS`` says how long a round trip takes.
"""

from __future__ import annotations

import logging
import math
import os
import random
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import trio

from thenar.assembly import open_node
from thenar.config import load
from thenar.demo.cast import PASSWORD
from thenar.domain.ids import PeerId
from thenar.domain.reflex.frames import Frame
from thenar.errors import BadInput, Late, Unavailable
from thenar.services.ports import Line, Lines
from thenar.supervisor import run_node

VARIABLE: Final = "THENAR_FAR_MS"
RETRANSMISSION: Final = 0.2
"""Seconds until a lost packet is sent again, as TCP does at least."""


@dataclass(slots=True)
class LongLine:
    """A line on which a frame takes half a round trip each way; a lost one comes after a retransmission."""

    near: Line
    round_trip: float
    loss: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    _ways: tuple[random.Random, ...] = field(init=False)  # of what comes and of what goes: neither hangs from the other
    _in: trio.MemorySendChannel[tuple[float, Frame]] = field(init=False)
    _taken: trio.MemoryReceiveChannel[tuple[float, Frame]] = field(init=False)
    _out: trio.MemorySendChannel[tuple[float, Frame]] = field(init=False)
    _given: trio.MemoryReceiveChannel[tuple[float, Frame]] = field(init=False)

    def __post_init__(self) -> None:
        self._ways = tuple(random.Random(self.dice.random()) for _ in range(2))
        self._in, self._taken = trio.open_memory_channel[tuple[float, Frame]](math.inf)
        self._out, self._given = trio.open_memory_channel[tuple[float, Frame]](math.inf)

    @property
    def peer(self) -> PeerId:
        """Whom it leads to."""
        return self.near.peer

    async def send(self, frame: Frame) -> None:
        """Put a frame on its way."""
        self._out.send_nowait((self._due(self._ways[1]), frame))
        await trio.lowlevel.checkpoint()

    async def receive(self) -> Frame | None:
        """The next frame, once it has come all the way."""
        try:
            due, frame = await self._taken.receive()
        except trio.EndOfChannel:
            return None
        await trio.sleep_until(due)
        return frame

    async def drop(self) -> None:
        """Give the line up."""
        await self.near.drop()

    async def run(self) -> None:
        """Carry frames both ways until the line ends."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._carry_out)
            try:
                while (frame := await self.near.receive()) is not None:
                    self._in.send_nowait((self._due(self._ways[0]), frame))
            except (BadInput, Late, Unavailable):
                pass
            self._in.close()
            nursery.cancel_scope.cancel()

    async def _carry_out(self) -> None:
        async for due, frame in self._given:
            await trio.sleep_until(due)
            await self.near.send(frame)

    def _due(self, dice: random.Random) -> float:
        lost = RETRANSMISSION if dice.random() < self.loss else 0.0
        return trio.current_time() + self.round_trip / 2 + lost


@dataclass(slots=True)
class LongLines:
    """Lines that are all long."""

    near: Lines
    round_trip: float
    loss: float = 0.0

    async def call(self, peer: PeerId) -> Line:
        """Open a line of the usual length: a far node does not call."""
        return await self.near.call(peer)

    def answer(self, handler: Callable[[Line], Awaitable[None]]) -> None:
        """Hand over lines that have become long."""

        async def take(line: Line) -> None:
            far = LongLine(line, self.round_trip, self.loss)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(far.run)
                await handler(far)
                nursery.cancel_scope.cancel()

        self.near.answer(take)


async def _run(directory: Path) -> None:
    logging.basicConfig(level=logging.INFO)
    config, _ = load(directory)
    round_trip = float(os.environ.get(VARIABLE, "12")) / 1_000
    async with open_node(directory, config, PASSWORD) as honest, trio.open_nursery() as nursery:
        house = replace(honest.house, lines=LongLines(honest.house.lines, round_trip))
        await nursery.start(run_node, replace(honest, house=house))


if __name__ == "__main__":
    trio.run(_run, Path(sys.argv[1]))
