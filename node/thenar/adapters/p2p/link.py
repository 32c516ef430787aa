"""One peer's side of the block exchange: what we still have to tell it, told on a stream of our own.

Every implementation but libp2p's Python one reads answers only from streams the answerer opened, so wants and blocks
both go out here, one message after another, and never more than one message is in memory per peer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import trio
from libp2p.abc import IHost, INetStream

from thenar.adapters.p2p import bitswap, identity, wire
from thenar.adapters.p2p.bitswap import Ask, Outgoing
from thenar.domain.ids import Cid, PeerId
from thenar.errors import Corrupt, NotFound, Unavailable
from thenar.services.ports import Blocks

MayServe = Callable[[Cid, PeerId], bool]
"""Whether this peer may have this block. Must not block."""

TARGET: Final = 512 * 1024
"""A message is sent once it holds this much."""
PENDING: Final = 1024
"""Asks of one peer waiting for an answer; more are forgotten, the peer asks again."""
IDLE_SECONDS: Final = 120.0
SEND_SECONDS: Final = 30.0


class Link:
    """What is to be said to one peer, and the stream to say it on."""

    def __init__(
        self,
        host: IHost,
        peer: PeerId,
        blocks: Blocks,
        *,
        may_serve: MayServe,
        reach: Callable[[PeerId], Awaitable[None]],
    ) -> None:
        self._host = host
        self._peer = peer
        self._blocks = blocks
        self._may_serve = may_serve
        self._reach = reach
        self._wants: OrderedDict[Cid, bool] = OrderedDict()
        self._asks: OrderedDict[bytes, Ask] = OrderedDict()
        self._unknown: set[bytes] = set()
        self._wake = trio.Event()
        self._stream: INetStream | None = None
        self.served = 0

    def want(self, cid: Cid, *, wanted: bool) -> None:
        """Ask the peer for a block, or take the ask back."""
        self._wants[cid] = wanted
        self._wake.set()

    def asked(self, asks: Iterable[Ask], cancels: Iterable[bytes], unknown: Iterable[bytes]) -> None:
        """Take in what the peer asks for. The same block asked for twice is answered once."""
        for spelling in cancels:
            self._asks.pop(spelling, None)
        for ask in asks:
            if len(self._asks) < PENDING:
                self._asks.setdefault(ask.spelling, ask)
        for spelling in unknown:
            if len(self._unknown) < PENDING:
                self._unknown.add(spelling)
        self._wake.set()

    async def run(self) -> None:
        """Tell the peer what there is to tell until there was nothing for a while.

        Raises Unavailable when the peer cannot be reached or does not take it. Between the last look for something
        to tell and the return there is no await, so nothing can be handed to a link that has ended.
        """
        while self._busy() or await self._woken():
            await self._say()

    async def close(self) -> None:
        """Give the stream up."""
        if self._stream is not None:
            await wire.drop(self._stream)

    def _busy(self) -> bool:
        return bool(self._wants or self._asks or self._unknown)

    async def _woken(self) -> bool:
        self._wake = trio.Event()
        with trio.move_on_after(IDLE_SECONDS):
            await self._wake.wait()
        return self._busy()

    async def _open(self) -> INetStream:
        """The stream to the peer; a new one where the connection has ended, as when the peer was killed and is back."""
        if self._stream is not None and self._stream.muxed_conn.is_closed:
            self._stream = None
        if self._stream is None:
            await self._reach(self._peer)
            try:
                self._stream = await self._host.new_stream(identity.to_libp2p(self._peer), bitswap.PROTOCOLS)
            except wire.HOSTILE as cause:
                raise Unavailable(f"{self._peer} does not exchange blocks") from cause
        return self._stream

    async def _say(self) -> None:
        stream = await self._open()
        protocol = stream.get_protocol()
        outgoing = Outgoing()
        changes = [self._wants.popitem(last=False) for _ in range(min(len(self._wants), bitswap.MAX_ENTRIES))]
        outgoing.want(cid for cid, wanted in changes if wanted)
        outgoing.cancel(cid for cid, wanted in changes if not wanted)
        for spelling in self._unknown:
            outgoing.presence(spelling, have=False, protocol=protocol)
        self._unknown = set()
        while self._asks and outgoing.size < TARGET:
            _, ask = self._asks.popitem(last=False)
            await self._answer(ask, outgoing, protocol)
        data = outgoing.frame()
        if data:
            await wire.send(stream, data, seconds=SEND_SECONDS)

    async def _answer(self, ask: Ask, outgoing: Outgoing, protocol: str | None) -> None:
        if self._may_serve(ask.cid, self._peer):
            try:
                if ask.have and await self._blocks.has(ask.cid):
                    outgoing.presence(ask.spelling, have=True, protocol=protocol)
                    return
                if not ask.have:
                    block = await self._blocks.get(ask.cid)
                    if len(block) <= bitswap.MAX_BLOCK_SERVED:
                        outgoing.block(ask, block, protocol)
                        self.served += len(block)
                        return
            except (NotFound, Corrupt, Unavailable):
                pass
        if ask.tell_missing:
            outgoing.presence(ask.spelling, have=False, protocol=protocol)
