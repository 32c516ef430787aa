"""A network between nodes in this process: gossip and requests that are late, lost, doubled, overtaken or cut off."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import trio

from thenar.domain import canonical
from thenar.domain.ids import Cid, PeerId
from thenar.errors import NotFound, Refused, ThenarError, Unavailable
from thenar.services.ports import Blocks, Heard

Handler = Callable[[PeerId, dict[str, object]], Awaitable[dict[str, object]]]
WAITING = 4_096
"""Envelopes that wait for a node; what comes then is lost."""


class PowerCut(Exception):
    """The machine stops here; only what was durable is left."""


@dataclass
class Net:
    """Who is there, how bad the lines are, and what is under way. ``island`` is cut off from everybody else."""

    dice: random.Random
    told: Counter[str] = field(default_factory=Counter)
    homes: dict[PeerId, NearPeers] = field(default_factory=dict)
    stores: dict[PeerId, Blocks] = field(default_factory=dict)
    island: frozenset[PeerId] = frozenset()
    loss: float = 0.0
    doubling: float = 0.0
    delay: float = 0.5
    _under_way: list[tuple[float, int, PeerId, int, Heard]] = field(default_factory=list)
    _count: int = 0
    _envelopes: int = 0
    _more: trio.Event = field(default_factory=trio.Event)

    def reaches(self, one: PeerId, other: PeerId) -> bool:
        """Whether two nodes are up and on the same side."""
        return one in self.homes and other in self.homes and (one in self.island) == (other in self.island)

    def gossip(self, origin: PeerId, kind: str, body: dict[str, object]) -> None:
        """Send an envelope to everybody, each copy on a way of its own."""
        canonical.encode(body)  # what has no canonical bytes cannot be gossiped
        self._envelopes += 1
        for peer in self.homes:
            if peer == origin:
                continue
            if not self.reaches(origin, peer) or self.dice.random() < self.loss:
                self.told["envelopes lost"] += 1
                continue
            copies = 1 + (self.dice.random() < self.doubling)
            self.told["envelopes doubled"] += copies - 1
            for _ in range(copies):
                self._count += 1
                due = trio.current_time() + self.dice.expovariate(1 / self.delay)
                heapq.heappush(self._under_way, (due, self._count, peer, self._envelopes, Heard(origin, kind, body)))
        self._more.set()

    async def run(self) -> None:
        """Deliver what is due, for ever. Copies overtake each other."""
        while True:
            self._more = trio.Event()
            wait = self._under_way[0][0] - trio.current_time() if self._under_way else None
            if wait is None:
                await self._more.wait()
            elif wait > 0:
                with trio.move_on_after(wait):
                    await self._more.wait()
            else:
                _, _, peer, envelope, heard = heapq.heappop(self._under_way)
                if peer in self.homes:
                    self.homes[peer].take(envelope, heard)
                    self.told["envelopes delivered"] += 1


class NearPeers:
    """The Peers port of one running node."""

    counts = SimpleNamespace(heard=0, refused=0)

    def __init__(self, net: Net, me: PeerId, fell: Callable[[PowerCut], None]) -> None:
        """``fell`` is told when this node's power was cut while it answered somebody."""
        self.net, self.me, self._fell = net, me, fell
        self.addresses = (f"/ip4/127.0.0.1/tcp/4001/p2p/{me}",)
        self.lines = SimpleNamespace(answer=lambda _: None)
        self._handlers: dict[str, Handler] = {}
        self._hears: trio.MemorySendChannel[Heard] | None = None
        self._doubled: dict[int, None] = {}

    def connected(self) -> frozenset[PeerId]:
        return frozenset(peer for peer in self.net.homes if peer != self.me and self.net.reaches(self.me, peer))

    async def dial(self, multiaddr: str) -> PeerId:
        await trio.lowlevel.checkpoint()
        return PeerId(multiaddr.rsplit("/", 1)[1])

    def learn(self, peer: PeerId, addresses: Sequence[str]) -> None:
        """Everybody can be found."""

    def serve(self, protocol: str, handler: Handler) -> None:
        self._handlers[protocol] = handler

    async def announce(self, kind: str, body: dict[str, object]) -> None:
        await trio.lowlevel.checkpoint()
        self.net.gossip(self.me, kind, body)

    def take(self, envelope: int, heard: Heard) -> None:
        """An envelope arrives; the second copy of one is left out, as gossip does."""
        if self._hears is None or envelope in self._doubled:
            return
        self._doubled[envelope] = None
        if len(self._doubled) > WAITING:
            del self._doubled[next(iter(self._doubled))]
        try:
            self._hears.send_nowait(heard)
        except trio.WouldBlock:
            self.net.told["envelopes lost"] += 1

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[AsyncIterator[Heard]]:
        give, take = trio.open_memory_channel[Heard](WAITING)
        self._hears = give
        async with give, take:
            yield take

    async def ask(self, peer: PeerId, protocol: str, request: dict[str, object]) -> dict[str, object]:
        """One request over a bad line. Raises Unavailable when either way is lost, Refused as the peer does."""
        await self._travel(peer)
        home = self.net.homes[peer]
        handler = home._handlers.get(protocol)
        if handler is None:
            raise Refused(f"{peer} does not speak {protocol}")
        answer = await home.answering(handler(self.me, request))
        await self._travel(peer)
        return answer

    async def answering(self, work: Awaitable[dict[str, object]]) -> dict[str, object]:
        """What this node says, for somebody else: an error reaches the asker as a refusal, a power cut as silence."""
        try:
            return await work
        except PowerCut as cut:
            self._fell(cut)
            raise Unavailable("the line went dead") from cut
        except ThenarError as cause:
            raise Refused(cause.message) from cause

    async def _travel(self, peer: PeerId) -> None:
        await trio.sleep(self.net.dice.expovariate(1 / self.net.delay))
        if not self.net.reaches(self.me, peer) or self.net.dice.random() < self.net.loss:
            self.net.told["requests lost"] += 1
            raise Unavailable(f"{peer} does not answer")

    async def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """The Exchange port: blocks from whoever is reached and has them whole."""
        for cid in cids:
            yield cid, await self._find(cid, peers)

    async def _find(self, cid: Cid, peers: Sequence[PeerId]) -> bytes:
        for peer in peers:
            if not self.net.reaches(self.me, peer) or self.net.dice.random() < self.net.loss:
                continue
            try:
                return await self.net.stores[peer].get(cid)
            except ThenarError:
                continue
        raise NotFound(f"no peer that answers has {cid}")
