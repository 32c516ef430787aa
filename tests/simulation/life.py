"""What people do with their nodes, one wish after another: about their own, about work, and about what is wanted.

A wish outlives its node: after a stop it is wished again under the same id, until it is done or refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import deeds_of_runs as runs
import deeds_of_scans as scans
import deeds_of_streams as streams
import deeds_of_trade as trade
import deeds_of_work as work
import trio
from resident import Resident, Surroundings

from thenar.assembly import Node
from thenar.domain.ids import AssetId
from thenar.errors import Corrupt, Refused, Unavailable

DAY = 86_400.0
EVERY = 0.7 * DAY
"""Between one person's wishes, on average."""
TRIES = 40
AGAIN = 3_600.0

Deed = Callable[["Person", Node], Awaitable[None]]


@dataclass
class Person:
    """Somebody with a node, and what is on his mind."""

    resident: Resident
    around: Surroundings
    wish: tuple[str, str] | None = None
    count: int = 0
    lent: bool = False
    owned: list[AssetId] = field(default_factory=list)
    deposited: list[int] = field(default_factory=list)
    said: dict[str, bytes] = field(default_factory=dict)
    hopes: dict[str, Any] = field(default_factory=dict)

    async def lead(self, _: Resident, node: Node) -> None:
        """Live, while the node runs."""
        while True:
            if self.wish is None:
                if self.around.quiet:
                    return
                await trio.sleep(self.resident.dice.expovariate(1 / EVERY))
                self.wish = self._next(node)
            await self._try(node)
            self.wish = None

    def _next(self, node: Node) -> tuple[str, str]:
        self.count += 1
        kinds = [*DAILY]
        if self.resident.dice.random() < 0.6 ** len(self.owned):
            kinds += ["publish"] * 4
        if self.resident.keeps:
            kinds += ["keep"] * 8
        if self.resident.lends and not self.lent:
            kinds = ["lend"]
        if self.owned and self.resident.dice.random() < 0.03:
            kinds = ["withdraw"]
        return self.resident.dice.choice(kinds), f"{self.resident.name}-{self.count}"

    async def _try(self, node: Node) -> None:
        if self.wish is None:
            return
        kind, request = self.wish
        streams.feed(self)
        for _ in range(TRIES):
            try:
                await DEEDS[kind](self, node)
            except Unavailable as cause:
                self.around.note("wish waits", self.resident.name, request, kind, cause.message)
                await trio.sleep(AGAIN)
            except (Refused, Corrupt) as cause:
                self.around.note("wish refused", self.resident.name, request, kind, cause.message)
                self.around.told[f"wishes refused: {kind}"] += 1
                return
            else:
                self.around.note("wish done", self.resident.name, request, kind)
                self.around.told[f"wishes done: {kind}"] += 1
                return
        self.around.told["wishes given up"] += 1

    @property
    def request(self) -> str:
        """The id of what is wished now."""
        return self.wish[1] if self.wish else ""

    def chooses(self, among: Iterable[Any]) -> Any | None:
        """One of what there is, by chance and for good: asked again after a stop it is the same; None of nothing."""
        if self.request not in self.hopes:
            found = sorted(among)
            if not found:
                return None
            self.hopes[self.request] = self.resident.dice.choice(found)
        return self.hopes[self.request]


DEEDS: dict[str, Deed] = {
    "publish": trade.publish,
    "buy": trade.buy,
    "look": trade.look,
    "deposit": trade.deposit,
    "keep": trade.keep,
    "withdraw": trade.withdraw,
    "ask": trade.ask,
    "say": trade.say,
    "lend": work.lend,
    "post job": work.post_job,
    "ask for touch": scans.ask_for_touch,
    "answer": scans.answer,
    "approve": runs.approve,
    "order": runs.order,
    "reject": runs.reject,
    "begin stream": streams.begin,
    "subscribe": streams.subscribe,
    "pay longer": streams.pay_longer,
    "leave": streams.leave,
}
DAILY = (
    *("deposit", "buy", "buy", "buy", "say", "ask", "look", "post job", "ask for touch", "answer", "answer"),
    *("approve", "order", "order", "reject", "begin stream", "subscribe", "subscribe", "pay longer", "leave"),
)
"""What anybody may wish, some of it more often."""
