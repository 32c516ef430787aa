"""Streams of fixed binary frames between a robot and a node: read and written whole, capped before they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

import trio
from libp2p.abc import IHost, INetStream
from libp2p.custom_types import TProtocol
from libp2p.network.stream.exceptions import StreamEOF

from thenar.adapters.p2p import identity, wire
from thenar.domain.ids import PeerId
from thenar.domain.reflex.frames import HEADER, PROTOCOL, Frame, read_header
from thenar.errors import BadInput, Corrupt, Late, Refused, Unavailable
from thenar.services.ports import Line

_READ: Final = 64 * 1024
SEND_SECONDS: Final = 5.0
"""A peer that takes nothing for so long is given up."""
BODY_SECONDS: Final = 5.0
"""A frame that was begun is finished within this."""
IDLE_SECONDS: Final = 120.0
PER_PEER: Final = 8
TOTAL: Final = 64


class P2pLine:
    """Implements Line over one libp2p stream."""

    def __init__(self, stream: INetStream, peer: PeerId) -> None:
        self._stream, self._peer = stream, peer
        self._held = bytearray()
        self._writing = trio.Lock()

    @property
    def peer(self) -> PeerId:
        """Whom it leads to; libp2p has checked that."""
        return self._peer

    async def send(self, frame: Frame) -> None:
        """Write one frame whole. Raises Late, Unavailable."""
        async with self._writing:
            await wire.send(self._stream, frame.encode(), seconds=SEND_SECONDS)

    async def receive(self) -> Frame | None:
        """Read one frame. Raises BadInput, Late after long silence or in the middle of a frame, Unavailable."""
        if not self._held and not await self._more(IDLE_SECONDS):
            return None
        if len(self._held) < HEADER.size:
            await self._fill(HEADER.size)
        kind, status, size, call = read_header(bytes(self._held[: HEADER.size]))
        end = HEADER.size + size
        if len(self._held) < end:
            await self._fill(end)
        body = bytes(self._held[HEADER.size : end])
        del self._held[:end]
        return Frame(kind, body, call, status)

    async def drop(self) -> None:
        """Reset the stream."""
        await wire.drop(self._stream)

    async def _fill(self, end: int) -> None:
        while len(self._held) < end:
            if not await self._more(BODY_SECONDS):
                raise Unavailable("the peer closed the stream inside a frame")

    async def _more(self, seconds: float) -> bool:
        with trio.move_on_after(seconds) as scope:
            try:
                data = await self._stream.read(_READ)
            except StreamEOF:
                return False
            except wire.TROUBLE as cause:
                raise Unavailable("the stream to the peer broke") from cause
        if scope.cancelled_caught:
            raise Late(f"the peer said nothing for {seconds:g} s")
        self._held += data
        return bool(data)


class P2pLines:
    """Implements Lines for one host."""

    def __init__(self, host: IHost, reach: Callable[[PeerId], Awaitable[None]]) -> None:
        self._host, self._reach = host, reach
        self._open: Counter[PeerId] = Counter()

    async def call(self, peer: PeerId) -> Line:
        """Open a stream to a peer. Raises Unavailable, Late."""
        with trio.move_on_after(SEND_SECONDS) as scope:
            await self._reach(peer)
            try:
                stream = await self._host.new_stream(identity.to_libp2p(peer), [TProtocol(PROTOCOL)])
            except wire.HOSTILE as cause:
                raise Unavailable(f"{peer} cannot be reached or does not speak {PROTOCOL}") from cause
        if scope.cancelled_caught:
            raise Late(f"{peer} opened no stream within {SEND_SECONDS:g} s")
        return P2pLine(stream, peer)

    def answer(self, handler: Callable[[Line], Awaitable[None]]) -> None:
        """Hand streams to a handler. What breaks one stream ends that stream only."""

        async def take(stream: INetStream) -> None:
            peer = identity.from_libp2p(stream.muxed_conn.peer_id)
            line = P2pLine(stream, peer)
            if self._open[peer] >= PER_PEER or self._open.total() >= TOTAL:
                await line.drop()
                return
            self._open[peer] += 1
            try:
                await handler(line)
            except* (BadInput, Corrupt, Late, Refused, Unavailable):
                pass
            finally:
                self._open[peer] -= 1
                await line.drop()

        self._host.set_stream_handler(TProtocol(PROTOCOL), take)
