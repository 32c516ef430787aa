"""A robot asks: the best node first, a second one when the deadline nears, its own reflex when nobody is in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final

import trio

from thenar.domain.reflex.choice import Candidate, quantile, ranked
from thenar.services.reflex.route import Asked, Route

EARLIEST_HEDGE: Final = 0.25
LATEST_HEDGE: Final = 0.6
"""Parts of the control period between which a second node is asked, when the first has not answered."""
SAMPLE_EVERY: Final = 100
"""Calls between two that are sampled and, once their answer is signed, asked again."""
RANK_EVERY: Final = 50
"""Calls between two looks at who is best now."""

Local = Callable[[bytes], bytes]
"""A robot's own reflex: an action for an observation, at once and without a network."""


class Source(StrEnum):
    """Who an action is from."""

    FIRST = "first"
    HEDGE = "hedge"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Acted:
    """An action in time: from whom, and how long it took (seconds)."""

    action: bytes
    source: Source
    name: str
    seconds: float


@dataclass(slots=True)
class Tally:
    """How calls ended."""

    calls: int = 0
    hedged: int = 0
    local: int = 0
    seconds: list[float] = field(default_factory=list)
    by_node: dict[str, int] = field(default_factory=dict)


def _tell(said: trio.MemorySendChannel[tuple[Route, Asked]], route: Route, asked: Asked) -> None:
    said.send_nowait((route, asked))  # there is room for everybody once


async def _heard(told: trio.MemoryReceiveChannel[tuple[Route, Asked]], until: float) -> tuple[Route, Asked] | None:
    try:
        with trio.fail_at(until):
            return await told.receive()
    except trio.TooSlowError:
        return None


@dataclass(slots=True)
class Caller:
    """A control loop asks here, one call after another. Without a local reflex a miss repeats the last action."""

    routes: list[Route]
    period: float
    local: Local | None = None
    tally: Tally = field(default_factory=Tally)
    _order: list[Route] = field(default_factory=list)
    _last: bytes = b""

    async def act(self, observation: bytes, deadline: float | None = None) -> Acted:
        """The action for an observation by ``deadline`` (trio time; a control period from now when left out)."""
        began = trio.current_time()
        end = began + self.period if deadline is None else deadline
        order = self._ranked()
        first = await self._race(order, observation, began, end) if order else None
        acted = first or Acted(self._own(observation), Source.LOCAL, "", trio.current_time() - began)
        self._count(acted)
        self._sample(order, acted, observation)
        self._last = acted.action
        return acted

    async def _race(self, order: list[Route], observation: bytes, began: float, end: float) -> Acted | None:
        """Ask the best; ask the next one when a hedge is due or one has failed; take what comes first."""
        said, told = trio.open_memory_channel[tuple[Route, Asked]](len(order))
        waiting, flying = list(order), list[Route]()
        hedge_at = began
        while waiting or flying:
            if waiting and trio.current_time() >= hedge_at:
                route = waiting.pop(0)
                self.tally.hedged += route is not order[0]
                flying.append(route)
                route.ask(observation, partial(_tell, said, route))
                hedge_at = trio.current_time() + self._hedge_after(route)
            answer = await _heard(told, min(end, hedge_at) if waiting else end)
            if answer is not None:
                route, asked = answer
                if asked.action is not None:
                    source = Source.FIRST if route is order[0] else Source.HEDGE
                    return Acted(asked.action, source, route.name, trio.current_time() - began)
                flying.remove(route)
                hedge_at = began  # it failed: the next one is asked now
            elif trio.current_time() >= end:
                for late in flying:
                    late.record.missed()
                return None
        return None

    def _hedge_after(self, route: Route) -> float:
        """When a node is later than it is nineteen times in twenty, but early enough for another one to answer."""
        usual = 1.5 * quantile(route.record.trips, 0.95)
        return min(max(usual, EARLIEST_HEDGE * self.period), LATEST_HEDGE * self.period)

    def _ranked(self) -> list[Route]:
        if self.tally.calls % RANK_EVERY == 0 or any(not route.alive for route in self._order):
            alive = {route.name: route for route in self.routes if route.alive}
            order = ranked((Candidate(name, one.price, one.record) for name, one in alive.items()), self.period)
            self._order = [alive[one.name] for one in order]
        return self._order

    def _sample(self, order: list[Route], acted: Acted, observation: bytes) -> None:
        """Now and then keep a call of whoever answered, and ask an earlier one of his again."""
        if self.tally.calls % SAMPLE_EVERY == 1:
            for route in order:
                if route.name == acted.name:
                    route.ask_again()
                    route.sample(observation, acted.action)

    def _own(self, observation: bytes) -> bytes:
        return self._last if self.local is None else self.local(observation)

    def _count(self, acted: Acted) -> None:
        self.tally.calls += 1
        self.tally.seconds.append(acted.seconds)
        self.tally.local += acted.source is Source.LOCAL
        self.tally.by_node[acted.name] = self.tally.by_node.get(acted.name, 0) + 1
