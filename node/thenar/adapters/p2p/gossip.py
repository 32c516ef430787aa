"""Say to all, hear from all: signed envelopes on one gossipsub topic per chain."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog
import trio
from libp2p.abc import ISubscriptionAPI
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2

from thenar.adapters.p2p import conduct, identity
from thenar.adapters.p2p.cures import GuardedPubsub
from thenar.adapters.p2p.limits import Rates, Seen
from thenar.domain import messages
from thenar.domain.canonical import Value
from thenar.domain.ids import PeerId
from thenar.domain.messages import Envelope
from thenar.errors import BadInput
from thenar.services.ports import Heard

log = structlog.get_logger(__name__)

Registered = Callable[[PeerId], bool]
"""Whether a peer's key is registered on chain, as far as this node knows now. Must not block."""

_REMEMBERED: Final = 131_072
_REMEMBERED_SECONDS: Final = (messages.OLDEST_NS + messages.NEWEST_NS) / 1e9
"""An envelope from the edge of the future is fresh for so long; after that it is refused unseen."""
_LISTENER: Final = 8192
_HELD: Final = 512
_HOLD_SECONDS: Final = 60.0
_RECHECK_SECONDS: Final = 1.0


def topic_of(chain_id: int) -> str:
    """The one topic of a chain."""
    return f"/thenar/{chain_id}/1"


@dataclass(slots=True)
class Counts:
    """What became of envelopes since the start."""

    heard: int = 0
    refused: int = 0
    duplicate: int = 0
    overflow: int = 0


class Gossip:
    """The envelope side of gossip; mesh and transport are pubsub's."""

    def __init__(
        self,
        pubsub: GuardedPubsub,
        sign: Callable[[bytes], bytes],
        *,
        chain_id: int,
        registered: Registered,
        rate: float = 100.0,
        burst: float = 1000.0,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._pubsub = pubsub
        self._sign = sign
        self._chain = chain_id
        self._registered = registered
        self._now_ns = now_ns
        self._me = identity.from_libp2p(pubsub.my_id)
        self._rates = Rates(rate, burst, trio.current_time)
        # Keys cost nothing to make: all that are not registered share one fifth of what one that is may say.
        self._strangers = Rates(rate / 5, burst / 5, trio.current_time, size=1)
        self._seen = Seen(_REMEMBERED, _REMEMBERED_SECONDS, trio.current_time)
        self._held: deque[tuple[float, bytes, Envelope]] = deque(maxlen=_HELD)
        self._listeners: set[trio.MemorySendChannel[Heard]] = set()
        self._last_seq = 0
        self.counts = Counts()

    @property
    def topic(self) -> str:
        """The topic this node listens to."""
        return topic_of(self._chain)

    @property
    def shut_out(self) -> int:
        """How often a peer was shut out since the start."""
        return self._pubsub.conduct.ended

    def is_shut_out(self, peer: PeerId) -> bool:
        """Whether nothing is to do with a peer now, after what it did."""
        return self._pubsub.conduct.is_shut_out(identity.to_libp2p(peer))

    def validate(self, forwarder: ID, message: rpc_pb2.Message) -> bool:
        """Decide, synchronously and cheaply, whether a message may be delivered and passed on.

        Whether its origin is registered decides about its rate only: a chain that is still being read would condemn a
        good message.
        """
        try:
            signature, data = messages.split(message.data)
            envelope = messages.decode(data, chain=self._chain)
        except BadInput:
            return self._refuse(forwarder, "a message that is no envelope")
        if identity.to_libp2p(envelope.origin).to_bytes() != message.from_id:
            return self._refuse(forwarder, "an envelope of somebody else")
        if envelope.origin == self._me:
            return True
        if not self._is_fresh(envelope) or not self._is_within_rate(envelope.origin):
            return self._refuse()
        if not identity.verify(envelope.origin, messages.signed_bytes(data), signature):
            return self._refuse(forwarder, "an envelope its origin did not sign")
        return True

    def _is_within_rate(self, origin: PeerId) -> bool:
        return self._rates.take(origin) if self._registered(origin) else self._strangers.take(None)

    def _is_fresh(self, envelope: Envelope) -> bool:
        try:
            messages.check_fresh(envelope, self._now_ns())
        except BadInput:
            return False
        return True

    def _refuse(self, forwarder: ID | None = None, reason: str = "") -> bool:
        """Count a refusal, also against the forwarder where every honest peer would have refused the message."""
        self.counts.refused += 1
        if forwarder is not None:
            self._pubsub.conduct.blame(forwarder, conduct.FALSE, reason)
        return False

    async def announce(self, kind: str, body: dict[str, object]) -> None:
        """Sign and publish an envelope. Raises BadInput when it is over the cap or not canonical."""
        self._last_seq = max(self._last_seq + 1, self._now_ns())
        plain: dict[str, Value] = body  # type: ignore[assignment]  # encode() refuses anything else
        data = Envelope(self._chain, kind, self._me, self._last_seq, plain).encode()
        await self._pubsub.publish(self.topic, self._sign(messages.signed_bytes(data)) + data)

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[AsyncIterator[Heard]]:
        """Listen: every verified envelope of others that arrives while the context is open, each once."""
        send, receive = trio.open_memory_channel[Heard](_LISTENER)
        self._listeners.add(send)
        try:
            async with receive:
                yield receive
        finally:
            self._listeners.discard(send)
            send.close()

    async def run(self, subscription: ISubscriptionAPI) -> None:
        """Hand what pubsub delivers to the listeners until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._recheck_held)
            while True:
                message = await subscription.get()
                if message.from_id != self._pubsub.my_id.to_bytes():
                    self._take_in(message.data)

    def _take_in(self, packet: bytes) -> None:
        _, data = messages.split(packet)
        envelope = messages.decode(data, chain=self._chain)
        if not self._seen.add(messages.envelope_id(data)):
            self.counts.duplicate += 1
            return
        if self._registered(envelope.origin):
            self._deliver(envelope)
        else:
            self._held.append((trio.current_time() + _HOLD_SECONDS, data, envelope))

    async def _recheck_held(self) -> None:
        while True:
            await trio.sleep(_RECHECK_SECONDS)
            now = trio.current_time()
            for _ in range(len(self._held)):
                until, data, envelope = self._held.popleft()
                if self._registered(envelope.origin):
                    self._deliver(envelope)
                elif now < until:
                    self._held.append((until, data, envelope))
                else:
                    self.counts.refused += 1

    def _deliver(self, envelope: Envelope) -> None:
        self.counts.heard += 1
        news = Heard(envelope.origin, envelope.kind, dict(envelope.body))
        for listener in self._listeners:
            try:
                listener.send_nowait(news)
            except trio.WouldBlock:
                self.counts.overflow += 1
                log.warning("gossip listener is full, envelope dropped", kind=envelope.kind, origin=envelope.origin)
