"""Stay connected: peers we keep are dialled again after every loss, ever more patiently.

Learned peers are dialled when they are needed, and to have a few connections at all; an address that a stranger told
us is not worth more.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
import trio
from multiaddr import Multiaddr

from thenar.domain.ids import PeerId
from thenar.errors import ThenarError

log = structlog.get_logger(__name__)

_FIRST: Final = 0.25
_LONGEST: Final = 15.0
_LOOK: Final = 0.25
_AT_ONCE: Final = 4
_KNOWN: Final = 256
_ADDRESSES: Final = 8
_ENOUGH: Final = 8

Connect = Callable[[PeerId, Sequence[Multiaddr]], Awaitable[None]]


@dataclass(slots=True)
class _Wanted:
    addresses: list[Multiaddr]
    keep: bool
    failures: int = 0
    not_before: float = 0.0
    dialling: bool = field(default=False)


class Redial:
    """Addresses of known peers, and the loop that keeps them connected."""

    def __init__(
        self,
        connect: Connect,
        connected: Callable[[], Collection[PeerId]],
        *,
        me: PeerId,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._connect = connect
        self._connected = connected
        self._me = me
        self._jitter = jitter
        self._wanted: OrderedDict[PeerId, _Wanted] = OrderedDict()

    def learn(self, peer: PeerId, addresses: Sequence[Multiaddr], *, keep: bool = False) -> None:
        """Remember where a peer listens, newest addresses first; ``keep`` it connected whatever happens."""
        if peer == self._me or not addresses:
            return
        known = self._wanted.pop(peer, None) or _Wanted([], keep)
        known.keep |= keep
        known.addresses = list(dict.fromkeys([*addresses, *known.addresses]))[:_ADDRESSES]
        self._wanted[peer] = known
        if len(self._wanted) > _KNOWN:
            oldest = next((peer for peer, entry in self._wanted.items() if not entry.keep), None)
            if oldest is not None:
                del self._wanted[oldest]

    def addresses(self, peer: PeerId) -> tuple[Multiaddr, ...]:
        """Where a peer was last known to listen."""
        return tuple(self._wanted[peer].addresses) if peer in self._wanted else ()

    async def run(self) -> None:
        """Dial who is to be kept, and learned peers while there are few connections, until cancelled."""
        async with trio.open_nursery() as nursery:
            limiter = trio.CapacityLimiter(_AT_ONCE)
            while True:
                for peer, entry in self._due(self._connected()):
                    entry.dialling = True
                    nursery.start_soon(self._dial, peer, entry, limiter)
                await trio.sleep(_LOOK)

    def _due(self, connected: Collection[PeerId]) -> list[tuple[PeerId, _Wanted]]:
        now, few = trio.current_time(), len(connected) < _ENOUGH
        return [
            (peer, entry)
            for peer, entry in self._wanted.items()
            if (entry.keep or few) and not entry.dialling and now >= entry.not_before and peer not in connected
        ]

    async def _dial(self, peer: PeerId, entry: _Wanted, limiter: trio.CapacityLimiter) -> None:
        try:
            async with limiter:
                await self._connect(peer, entry.addresses)
            entry.failures = 0
        except ThenarError as error:
            entry.failures += 1
            log.debug("peer cannot be reached", peer=peer, failures=entry.failures, reason=error.message)
        finally:
            entry.dialling = False
            longest = min(_LONGEST, _FIRST * 2**entry.failures)
            entry.not_before = trio.current_time() + self._jitter(longest / 2, longest)
