"""What goes wrong: with machines, disks, endpoints, lines and the chain. It ends when it is told to, and all heals."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import trio
from net_of_peers import Net
from paper_evm import CALM, SPIKE, PaperEvm
from resident import DEEP, Resident, Surroundings

HOUR, DAY = 3_600.0, 86_400.0
Trouble = Callable[[], tuple[float, Callable[[], None]] | None]
"""Begins, and says after how many seconds it ends and how; or is over at once."""


@dataclass
class Weather:
    """Every trouble comes at times of its own, as often as ``scale`` says."""

    around: Surroundings
    residents: Sequence[Resident]
    dice: random.Random
    scale: float = 1.0

    @property
    def chain(self) -> PaperEvm:
        """The chain."""
        return self.around.chain

    @property
    def net(self) -> Net:
        """The lines."""
        return self.around.net

    async def blow(self) -> None:
        """Trouble, until cancelled; then everything heals at once."""
        self.net.loss, self.net.doubling = 0.05, 0.05
        for one in self.residents:
            one.disk.cuts, one.steps = 0.0004 * self.scale, 0.002 * self.scale
        try:
            async with trio.open_nursery() as nursery:
                for mean, trouble in self._troubles():
                    nursery.start_soon(self._again, mean / self.scale, trouble)
        finally:
            self._heal()

    def _troubles(self) -> list[tuple[float, Trouble]]:
        each = 1 / len(self.residents)
        return [
            (25 * DAY * each, self._pull_a_plug),
            (40 * DAY * each, self._fill_a_disk),
            (12 * DAY * each, self._cut_an_endpoint),
            (15 * DAY * each, self._leave_one_behind),
            (12 * DAY * each, self._spoil_an_endpoint),
            (20 * DAY * each, self._damage_a_block),
            (6 * DAY, self._cut_the_net),
            (2.5 * DAY, self._reorganise),
            (0.8 * DAY, self._forget),
            (9 * DAY, self._raise_fees),
        ]

    async def _again(self, mean: float, trouble: Trouble) -> None:
        async with trio.open_nursery() as nursery:
            while True:
                await trio.sleep(self.dice.expovariate(1 / mean))
                lasting = trouble()
                if lasting is not None:
                    nursery.start_soon(_end, *lasting)

    def _tell(self, what: str, *words: object) -> None:
        self.around.told[f"faults: {what}"] += 1
        self.around.note("fault", what, *words)

    def _anybody(self) -> Resident:
        return self.dice.choice(self.residents)

    def _pull_a_plug(self) -> None:
        who, down = self._anybody(), self.dice.choice((60.0, HOUR, 6 * HOUR, 36 * HOUR))
        self._tell("plug pulled", who.name, down)
        who.stop("plug pulled", down)

    def _fill_a_disk(self) -> tuple[float, Callable[[], None]]:
        who = self._anybody()
        self._tell("disk full", who.name)
        who.disk.full = True
        return self.dice.uniform(1, 10) * HOUR, lambda: setattr(who.disk, "full", False)

    def _cut_an_endpoint(self) -> tuple[float, Callable[[], None]]:
        who = self._anybody()
        self._tell("endpoint away", who.name)
        who.endpoint.down = True
        return self.dice.uniform(0.5, 12) * HOUR, lambda: setattr(who.endpoint, "down", False)

    def _leave_one_behind(self) -> tuple[float, Callable[[], None]]:
        who = self._anybody()
        self._tell("endpoint behind", who.name)
        who.endpoint.lag = self.dice.randint(1, 3)
        return self.dice.uniform(2, 24) * HOUR, lambda: setattr(who.endpoint, "lag", 0)

    def _spoil_an_endpoint(self) -> tuple[float, Callable[[], None]]:
        who = self._anybody()
        self._tell("endpoint fails a fifth", who.name)
        who.endpoint.trouble = 0.2
        return self.dice.uniform(6, 60) * HOUR, lambda: setattr(who.endpoint, "trouble", 0.0)

    def _damage_a_block(self) -> None:
        who = self._anybody()
        files = sorted((who.folder / "store" / "blocks").glob("*/b*"))
        if not files:
            return
        path = self.dice.choice(files)
        self.around.damaged[who.name] = self.chain.head.number
        if self.dice.random() < 0.4:
            path.unlink()
            self._tell("block lost", who.name)
        else:
            held = bytearray(path.read_bytes())
            held[self.dice.randrange(len(held))] ^= 1 << self.dice.randrange(8)
            path.write_bytes(held)
            self._tell("block damaged", who.name)

    def _cut_the_net(self) -> tuple[float, Callable[[], None]]:
        count = self.dice.randint(1, max(1, len(self.residents) // 2))
        self._tell("net cut in two", count)
        self.net.island = frozenset(one.peer for one in self.dice.sample(list(self.residents), count))
        return self.dice.uniform(2, 24) * HOUR, lambda: setattr(self.net, "island", frozenset())

    def _reorganise(self) -> None:
        depth = self.dice.randint(1, DEEP)
        lost = self.chain.reorganise(depth)
        self._tell("reorganisation", depth, lost)

    def _forget(self) -> None:
        if self.chain.pool:
            self._tell("transaction dropped")
            self.chain.forget()

    def _raise_fees(self) -> tuple[float, Callable[[], None]]:
        self._tell("gas above the cap")
        self.chain.base_fee = SPIKE
        return self.dice.uniform(3, 18) * HOUR, lambda: setattr(self.chain, "base_fee", CALM)

    def _heal(self) -> None:
        self.net.loss = self.net.doubling = 0.0
        self.net.island = frozenset()
        self.chain.base_fee = CALM
        for one in self.residents:
            one.disk.full, one.disk.cuts, one.steps = False, 0.0, 0.0
            one.endpoint.down, one.endpoint.lag, one.endpoint.trouble = False, 0, 0.0


async def _end(after: float, heal: Callable[[], None]) -> None:
    await trio.sleep(after)
    heal()
