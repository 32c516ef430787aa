"""Blocks from and for other peers, over bitswap: every block hashed, nothing unsolicited kept, everything bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
import trio
from libp2p.abc import IHost, INetStream

from thenar.adapters.p2p import bitswap, identity, wire
from thenar.adapters.p2p.link import Link, MayServe
from thenar.adapters.p2p.session import Session
from thenar.domain.ids import Cid, PeerId
from thenar.errors import BadInput, Late, Unavailable
from thenar.services.ports import Blocks

log = structlog.get_logger(__name__)

_STREAMS_PER_PEER: Final = 8
_IDLE_SECONDS: Final = 600.0
_MESSAGE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """Blocks in flight per search; seconds until silent peers are passed over, and until a search gives up."""

    window: int = 32
    stall: float = 10.0
    patience: float = 30.0


class BitswapExchange:
    """Implements the Exchange port, and serves the blocks it was given."""

    def __init__(
        self,
        host: IHost,
        blocks: Blocks,
        nursery: trio.Nursery,
        *,
        may_serve: MayServe,
        reach: Callable[[PeerId], Awaitable[None]],
        limits: ExchangeLimits | None = None,
    ) -> None:
        self._host = host
        self._blocks = blocks
        self._nursery = nursery
        self._may_serve = may_serve
        self._reach = reach
        self._limits = limits or ExchangeLimits()
        self._links: dict[PeerId, Link] = {}
        self._sessions: set[Session] = set()
        self._streams: Counter[PeerId] = Counter()
        for protocol in bitswap.PROTOCOLS:
            host.set_stream_handler(protocol, self._listen)

    async def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """Yield each wanted block once, hash already checked, in any order.

        Raises NotFound when every named peer said it has none of what is left, Unavailable when peers went away,
        Late when nothing came for the time allowed.
        """
        session = Session(cids, peers, self._ask, window=self._limits.window)
        self._sessions.add(session)
        quiet_since = trio.current_time()
        try:
            while True:
                session.fill()
                came = session.take()
                if came is not None:
                    quiet_since = trio.current_time()
                    yield came
                elif not session.outstanding:
                    session.raise_for_missing()
                    return
                else:
                    await self._wait(session, quiet_since)
        finally:
            self._sessions.discard(session)
            session.close()

    def served_to(self, peer: PeerId) -> int:
        """Bytes of blocks that were sent to a peer on the stream that is open to it."""
        return self._links[peer].served if peer in self._links else 0

    async def _wait(self, session: Session, quiet_since: float) -> None:
        session.wake = trio.Event()
        with trio.move_on_after(self._limits.stall) as stall:
            await session.wake.wait()
        given_up = trio.current_time() >= quiet_since + self._limits.patience
        if stall.cancelled_caught and not session.on_stall() and given_up:
            raise Late(f"no block came for {self._limits.patience:g} s")

    def _ask(self, peer: PeerId, cid: Cid, wanted: bool) -> None:
        if not wanted and any(session.awaits(cid, peer) for session in self._sessions):
            return  # another search still waits for it
        if wanted or peer in self._links:
            self._link(peer).want(cid, wanted=wanted)

    def _link(self, peer: PeerId) -> Link:
        link = self._links.get(peer)
        if link is None:
            link = Link(self._host, peer, self._blocks, may_serve=self._may_serve, reach=self._reach)
            self._links[peer] = link
            self._nursery.start_soon(self._run_link, peer, link)
        return link

    async def _run_link(self, peer: PeerId, link: Link) -> None:
        gone = False
        try:
            await link.run()
        except Unavailable as trouble:
            gone = True
            log.debug("block exchange with a peer broke off", peer=peer, reason=trouble.message)
        finally:
            del self._links[peer]
        await link.close()
        if gone:
            for session in list(self._sessions):
                session.on_gone(peer)

    async def _listen(self, stream: INetStream) -> None:
        peer = identity.from_libp2p(stream.muxed_conn.peer_id)
        if self._streams[peer] >= _STREAMS_PER_PEER:
            await wire.drop(stream)
            return
        self._streams[peer] += 1
        try:
            frames = wire.Frames(stream, limit=bitswap.MAX_MESSAGE, seconds=_MESSAGE_SECONDS)
            while True:
                with trio.fail_after(_IDLE_SECONDS):
                    data = await frames.next()
                if data is None:
                    break
                await self._take_in(peer, bitswap.read(data))
            await wire.finish(stream)
        except (BadInput, Unavailable, trio.TooSlowError) as trouble:
            log.debug("bitswap stream dropped", peer=peer, reason=str(trouble))
            await wire.drop(stream)
        finally:
            self._streams[peer] -= 1
            if not self._streams[peer]:
                del self._streams[peer]

    async def _take_in(self, peer: PeerId, received: bitswap.Received) -> None:
        if received.asks or received.cancels or received.unknown:
            self._link(peer).asked(received.asks, received.cancels, received.unknown)
        if not self._sessions:
            return
        for codecs, block in received.blocks:
            for codec in codecs:
                cid = bitswap.cid_of(codec, block)
                if sum(session.on_block(cid, block) for session in self._sessions):
                    break
            await trio.lowlevel.checkpoint()
        for cid in received.missing:
            for session in list(self._sessions):
                session.on_missing(peer, cid)


def serve_all(cid: Cid, peer: PeerId) -> bool:
    """The policy of a node whose blocks are all sealed: whoever asks may have them."""
    return True
