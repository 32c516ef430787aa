"""How peers behave in gossip: what every honest peer would not have sent, and what is more than a network ever says.

Only that is counted which no clock, no load and no other view of the chain excuses. Otherwise an origin that sends
what some peers take and others do not would make honest peers shut each other out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2

from thenar.adapters.p2p import identity
from thenar.adapters.p2p.limits import Patience, Rates
from thenar.domain import messages

log = structlog.get_logger(__name__)

FALSE: Final = 1.0
"""A message that is no envelope of ours, or is signed by nobody; also one frame more than the rates below allow."""
LARGE: Final = 5.0
"""What takes long to read or to hold: topics by the thousand, or a frame that does not end."""
NONE: Final = 10.0
"""Bytes that are no gossip at all, or more of them than an envelope may have."""

# What a peer may pass on. A full network of ours says some 200 messages a second; a queue of ours holds 4096.
_MESSAGES_PER_SECOND: Final = 500.0
_MESSAGES_AT_ONCE: Final = 20_000.0
# Ids of messages that are offered or wanted, and whatever else is not a message, in bytes.
_ASIDES_PER_SECOND: Final = 512.0 * 1024
_ASIDES_AT_ONCE: Final = 8.0 * 1024 * 1024
# Topics of other programs on the same peer.
_TOPICS_PER_SECOND: Final = 1.0
_TOPICS_AT_ONCE: Final = 1024.0

_SEQNO_BYTES: Final = 8


class Conduct:
    """Counts against each peer what it sends; ``clock`` is seconds, ``hang_up`` ends the connection to a peer."""

    def __init__(self, topic: str, me: ID, clock: Callable[[], float], hang_up: Callable[[ID], None]) -> None:
        self._topic = topic
        self._me = me
        self._hang_up = hang_up
        self._messages = Rates(_MESSAGES_PER_SECOND, _MESSAGES_AT_ONCE, clock)
        self._asides = Rates(_ASIDES_PER_SECOND, _ASIDES_AT_ONCE, clock)
        self._topics = Rates(_TOPICS_PER_SECOND, _TOPICS_AT_ONCE, clock)
        self._patience = Patience(clock)

    @property
    def ended(self) -> int:
        """How often a peer was shut out since the start."""
        return self._patience.ended

    def is_shut_out(self, peer: ID) -> bool:
        """Whether nothing is to be read from a peer now."""
        return self._patience.has_ended_with(peer)

    def blame(self, peer: ID, points: float, reason: str) -> None:
        """Count something against a peer, and hang up when it was once too often."""
        if peer != self._me and self._patience.blame(peer, points):
            log.warning("peer is shut out", peer=peer.to_base58(), reason=reason, seconds=self._patience.seconds)
            self._hang_up(peer)

    def weigh(self, peer: ID, rpc: rpc_pb2.RPC, size: int) -> None:
        """Count a frame of ``size`` bytes against what a peer may send, whatever is in it."""
        said = sum(message.ByteSize() for message in rpc.publish)
        if not self._messages.take(peer, len(rpc.publish)):
            self.blame(peer, FALSE, "more messages than a network says")
        if not self._asides.take(peer, size - said):
            self.blame(peer, FALSE, "more bytes that are no messages than a network needs")
        if foreign := self._foreign(rpc):
            self._drop_foreign(rpc)
            if not self._topics.take(peer, foreign):
                self.blame(peer, LARGE, "too many topics")

    def is_shaped(self, peer: ID, message: rpc_pb2.Message) -> bool:
        """Whether a message can be an envelope, told before any hashing, decoding or key parsing."""
        if len(message.data) > messages.MAX_BYTES:
            self.blame(peer, NONE, "a message longer than an envelope")
            return False
        # A key of another kind, or bytes that are no key, raise deep inside libp2p.
        shaped = (
            len(message.seqno) == _SEQNO_BYTES
            and list(message.topicIDs) == [self._topic]
            and identity.is_ed25519(message.from_id)
        )
        if not shaped:
            self.blame(peer, FALSE, "a message that is no envelope")
        return shaped

    def _foreign(self, rpc: rpc_pb2.RPC) -> int:
        """How often a frame names a topic that is not ours."""
        control = rpc.control
        named = [entry.topicid for entry in rpc.subscriptions]
        named += [entry.topicID for part in (control.ihave, control.graft, control.prune) for entry in part]
        return len(named) - named.count(self._topic)

    def _drop_foreign(self, rpc: rpc_pb2.RPC) -> None:
        """Take out what is about other topics: libp2p would keep tables of them."""
        _keep(rpc.subscriptions, "topicid", self._topic)
        if rpc.HasField("control"):
            for part in (rpc.control.ihave, rpc.control.graft, rpc.control.prune):
                _keep(part, "topicID", self._topic)


def _keep(entries: Any, name: str, topic: str) -> None:
    """Leave those entries of a repeated field that name one topic."""
    kept = [entry for entry in entries if getattr(entry, name) == topic]
    del entries[:]
    entries.extend(kept)
