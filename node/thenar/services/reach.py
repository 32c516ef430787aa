"""Whether strangers reach this node and get what it holds: now and then some peers dial it and fetch a block, and what
they say is weighed.

One peer's yes is proof enough: it had this node prove its key. Peers can lie about a no, so two must say it, about an
address that nobody got through to.
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
"""Peers that are asked at a time, and whose newest words count."""
EVERY: Final = 300.0
"""Seconds between times, once there is a peer to ask."""
KEPT: Final = 3_600.0
"""Seconds for which what a peer said counts."""
ENOUGH: Final = 2
"""Peers whose no is believed."""


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
    _said: dict[PeerId, tuple[float, Seen]] = field(default_factory=dict)
    _due: float = -math.inf

    async def look(self) -> None:
        """Ask those who were asked longest ago, once it is time."""
        now = trio.current_time()
        if now < self._due:
            return
        self._said = {peer: said for peer, said in self._said.items() if said[0] > now - KEPT}
        connected = sorted(self.peers.connected(), key=lambda peer: (self._said.get(peer, (0.0,))[0], peer))
        self._due = now + (EVERY if connected else 0)
        if asked := connected[:ASKED]:
            async with trio.open_nursery() as nursery:
                for peer in asked:
                    nursery.start_soon(self._ask, peer)

    async def _ask(self, peer: PeerId) -> None:
        try:
            seen = await self.peers.seen_by(peer, await self.a_block())
        except ThenarError as cause:  # it is older, busy or gone: it says nothing
            log.debug("a peer did not dial back", extra={"peer": peer, "reason": cause.message})
            return
        self._said[peer] = (trio.current_time(), seen)

    def told(self) -> Told:
        """What the newest words come to."""
        newest = sorted(self._said.values(), key=lambda said: said[0], reverse=True)[:ASKED]
        words = [seen for _, seen in newest]
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
