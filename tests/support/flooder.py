"""A hostile peer as a process of its own. Usage: flooder.py NAME KIND ADDRESS PER_SECOND

Connects to a peer, sends it frames of one kind, and comes back a second after every cut, until it is killed. Writes
JSON lines: {"ready":…} first, then {"began":…} at every connection and {"cut":…, "after":…, "sent":…} at its end, in
seconds. Begins when it is sent a line.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import trio
from libp2p.abc import INetStream
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.validators import PUBSUB_SIGNING_PREFIX
from p2p_peers import CHAIN, peer, seed

from thenar.adapters.p2p import identity, wire
from thenar.adapters.p2p.gossip import topic_of
from thenar.adapters.p2p.host import P2pPeers
from thenar.domain import messages
from thenar.domain.ids import PeerId
from thenar.domain.messages import Envelope
from thenar.errors import ThenarError

MESHSUB = TProtocol("/meshsub/1.1.0")
TOPICS = 100_000
TOPICS_A_FRAME = 2_000
PAUSE = 1.0


def say(**fields: Any) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


class Flood:
    """Makes frames of one kind after another; everything it signs is signed with this peer's own key."""

    def __init__(self, name: str) -> None:
        self._key = create_new_key_pair(seed(name)).private_key
        me = ID.from_pubkey(self._key.get_public_key())
        self._me, self._raw = identity.from_libp2p(me), me.to_bytes()
        self._number = time.time_ns()
        self._topics = 0

    def forged(self) -> bytes:
        """An envelope this peer did not sign, in a message it did sign."""
        self._number += 1
        return self._message(hashlib.shake_128(b"%d" % self._number).digest(64) + self._envelope())

    def unsigned(self) -> bytes:
        """An envelope in a message nobody signed."""
        return self._message(self._sealed(), signature=bytes(64))

    def huge(self) -> bytes:
        """A frame of a megabyte: one message, sixteen times as long as an envelope may be."""
        return self._message(bytes(1_000_000), signature=bytes(64))

    def endless(self) -> bytes:
        """A frame longer than any may be."""
        return wire.varint(2_000_000) + bytes(2_000_000)

    def topics(self) -> bytes:
        """Subscriptions, each to another one of 100,000 topics."""
        rpc = rpc_pb2.RPC()
        for topic in self._next_topics():
            rpc.subscriptions.add(subscribe=True, topicid=topic)
        return wire.frame(rpc.SerializeToString())

    def grafts(self) -> bytes:
        """Grafts, prunes and offers of messages on 100,000 topics."""
        rpc = rpc_pb2.RPC()
        for topic in self._next_topics():
            rpc.control.graft.add(topicID=topic)
            rpc.control.prune.add(topicID=topic, backoff=2**40)
            rpc.control.ihave.add(topicID=topic, messageIDs=[b"00"])
        return wire.frame(rpc.SerializeToString())

    def nonsense(self) -> bytes:
        """A frame that is no gossip."""
        return wire.frame(b"\xff" * 1000)

    def chatter(self) -> bytes:
        """A perfect envelope of a stranger: it breaks no rule, there are only too many of them."""
        return self._message(self._sealed())

    def _next_topics(self) -> list[str]:
        self._topics += TOPICS_A_FRAME
        return [f"/no/such/topic/{number % TOPICS}" for number in range(self._topics - TOPICS_A_FRAME, self._topics)]

    def _envelope(self) -> bytes:
        self._number = max(self._number + 1, time.time_ns())
        return Envelope(CHAIN, "offer", self._me, self._number, {"pad": "x" * 200}).encode()

    def _sealed(self) -> bytes:
        data = self._envelope()
        return self._key.sign(messages.signed_bytes(data)) + data

    def _message(self, data: bytes, signature: bytes | None = None) -> bytes:
        self._number += 1
        message = rpc_pb2.Message(
            data=data, topicIDs=[topic_of(CHAIN)], from_id=self._raw, seqno=self._number.to_bytes(8, "big")
        )
        message.signature = signature or self._key.sign(PUBSUB_SIGNING_PREFIX.encode() + message.SerializeToString())
        rpc = rpc_pb2.RPC()
        rpc.publish.append(message)
        return wire.frame(rpc.SerializeToString())


async def flood(me: P2pPeers, address: str, make: Callable[[], bytes], per_second: float) -> None:
    """Connect, send until cut, and come back, for ever."""
    while True:
        with suppress(ThenarError, *wire.HOSTILE):
            victim = await me.dial(address)
            began = time.time()
            say(began=began)
            sent = await pour(me, victim, make, per_second)
            say(cut=time.time(), after=time.time() - began, sent=sent)
        await trio.sleep(PAUSE)


async def pour(me: P2pPeers, victim: PeerId, make: Callable[[], bytes], per_second: float) -> int:
    """Send frames as long as there is a connection, on a new stream after each that was dropped. How many were sent."""
    sent, due = 0, trio.current_time()
    stream: INetStream | None = None
    while me._is_connected(victim):
        try:
            with trio.move_on_after(5):
                stream = stream or await me._host.new_stream(identity.to_libp2p(victim), [MESHSUB])
                await stream.write(make())
                sent += 1
        except wire.HOSTILE:
            stream = None
        due = max(due + 1 / per_second, trio.current_time() - 1)
        await trio.sleep_until(due)
    return sent


async def main(name: str, kind: str, address: str, per_second: float) -> None:
    async with peer(name) as me:
        me._redial.learn = lambda *_, **__: None  # type: ignore[method-assign]  # comes back when it likes
        say(ready=me.me, kind=kind)
        await trio.to_thread.run_sync(sys.stdin.readline)
        await flood(me, address, getattr(Flood(name), kind), per_second)


if __name__ == "__main__":
    trio.run(main, sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
