"""Whether strangers reach this node and get what it holds: now and then some peers dial it and fetch a block, and what
they say is weighed.

Words are cheap and so are peers: a no counts when two say it within a while in which nobody said yes, and of those who
are asked at a time one at most is new, so that a crowd of strangers alarms nobody whose peers get through. A yes is
believed: who lies so hides an alarm, and nothing else.
"""

from __future__ import annotations

import logging
import math
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import trio

from thenar.domain.ids import Cid, PeerId
from thenar.errors import ThenarError
from thenar.services.ports import Journal, Peers, Seen
from thenar.services.records import held, held_assets

log = logging.getLogger(__name__)

ASKED: Final = 3
"""Peers that are asked at a time."""
STRANGERS: Final = 1
"""Of them those that were never asked, where there are others."""
EVERY: Final = 300.0
"""Seconds between times."""
SOON: Final = 45.0
"""The same while fewer are there to be asked than a no needs."""
COUNTS: Final = 3 * EVERY
"""Seconds for which what a peer said counts."""
ENOUGH: Final = 2
"""Peers whose no is believed."""
KNOWN: Final = 512
"""Peers of which is remembered when they were asked."""


@dataclass(frozen=True, slots=True)
class Told:
    """What ``asked`` peers said: at which IP addresses they see this node, where one got through, and where none, how
    many got the block they were told of, and whether enough of them and nobody else did not."""

    asked: int
    places: tuple[str, ...]
    through: tuple[str, ...]
    silent: tuple[str, ...]
    served: int
    unserved: bool


@dataclass(slots=True)
class Reach:
    """What peers say of where they reach this node. ``a_block`` names one that it holds and has announced, or None."""

    peers: Peers
    a_block: Callable[[], Awaitable[Cid | None]]
    _asked: dict[PeerId, float] = field(default_factory=dict)
    _said: dict[PeerId, tuple[float, Seen]] = field(default_factory=dict)
    _due: float = -math.inf

    async def look(self) -> None:
        """Ask those who were asked longest ago, once it is time."""
        now = trio.current_time()
        if now < self._due:
            return
        self._said = {peer: said for peer, said in self._said.items() if said[0] > now - COUNTS}
        asked = self._next()
        self._due = now + (EVERY if len(asked) >= ENOUGH else SOON if asked else 0)
        if asked:
            async with trio.open_nursery() as nursery:
                for peer in asked:
                    nursery.start_soon(self._ask, peer, now)

    def _next(self) -> list[PeerId]:
        """Whom to ask: those who were asked longest ago, and of those who never were a few."""
        connected = self.peers.connected()
        known = [peer for peer in self._asked if peer in connected]
        new = sorted(connected - self._asked.keys())
        strangers = max(STRANGERS, ASKED - len(known))
        return [*known[: max(0, ASKED - min(strangers, len(new)))], *new[:strangers]][:ASKED]

    async def _ask(self, peer: PeerId, now: float) -> None:
        self._asked.pop(peer, None)
        self._asked[peer] = now  # in the order in which they were asked
        while len(self._asked) > KNOWN:
            del self._asked[next(iter(self._asked))]
        try:
            seen = await self.peers.seen_by(peer, await self.a_block())
        except ThenarError as cause:  # it is older, busy or gone: it says nothing
            log.debug("a peer did not dial back", extra={"peer": peer, "reason": cause.message})
            return
        self._said[peer] = (now, seen)

    def told(self) -> Told:
        """What was said of late comes to."""
        words = [seen for _, seen in self._said.values()]
        through = {address for seen in words for address in seen.through}
        served = [seen.served for seen in words if seen.served is not None]
        noes = Counter(address for seen in words for address in set(seen.silent) - through)
        return Told(
            asked=len(words),
            places=tuple(sorted({seen.place for seen in words})),
            through=tuple(sorted(through)),
            silent=tuple(sorted(address for address, count in noes.items() if count >= ENOUGH)),
            served=sum(served),
            unserved=len(served) >= ENOUGH and not any(served),
        )


async def some_block(journal: Journal) -> Cid | None:
    """A root of what this node announces, by chance; None while it holds nothing."""
    assets = await held_assets(journal)
    places = await held(journal, secrets.choice(assets)) if assets else None
    return None if places is None else secrets.choice(places)
