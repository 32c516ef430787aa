"""What has to be changed in libp2p 0.8 before strangers may talk to it; one sentence per cure.

Everything here reaches into libp2p on purpose, and nothing outside this file does. When libp2p is raised, each
sentence is a question to ask of the new version.
"""

from __future__ import annotations

import logging
import socket
import time
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

import trio
from libp2p.abc import IHost, INetStream
from libp2p.host.basic_host import BasicHost
from libp2p.peer.id import ID
from libp2p.pubsub import gossipsub as gossipsub_module
from libp2p.pubsub import pubsub as pubsub_module
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.pubsub import Pubsub
from libp2p.pubsub.rpc_queue import DefaultMaxMessageSize, RpcQueue
from libp2p.stream_muxer.yamux import yamux as yamux_module
from libp2p.transport.tcp import tcp as tcp_module

from thenar.adapters.p2p import identity, wire
from thenar.adapters.p2p.bounds import Bounds
from thenar.domain import messages

OUTBOUND_RPCS: Final = 4096
INBOUND_MESSAGES: Final = 8192
NOISE_PLAINTEXT: Final = 65_535 - 16
MUXER_BUFFER: Final = 64 * 1024 * 1024
_SEQNO_BYTES: Final = 8
_READ_AHEAD: Final = 4096  # little enough that a peer's smallest messages do not keep all others waiting
_UNLIMITED: Final = 1e9
_CLOSE_SECONDS: Final = 3.0

_read_data_body = yamux_module.Yamux._read_data_body


def apply() -> None:
    """Make the changes that are global to the process. Calling it again changes nothing."""
    # A burst of more than 32 messages is dropped without a word: the outbound queue per peer holds 4096 instead.
    RpcQueue.__init__.__defaults__ = (OUTBOUND_RPCS, DefaultMaxMessageSize)
    # The subscriber's queue of 32 drops too; it holds 8192.
    pubsub_module.SUBSCRIPTION_CHANNEL_SIZE = INBOUND_MESSAGES
    # A peer may ignore its receive window and fill our memory: a connection with 64 MiB unread is closed.
    yamux_module.Yamux._read_data_body = _bounded_read_data_body  # type: ignore[assignment,method-assign]
    # A full muxer frame is 17 bytes too long for one Noise message and is sealed and sent as two.
    yamux_module.MAX_MESSAGE_SIZE = NOISE_PLAINTEXT
    # Nearly every read, also of one byte, is answered by a window update of its own: half a window is collected first.
    yamux_module.YamuxStream._auto_tune_and_send_window_update = _update_window  # type: ignore[assignment,method-assign]
    # Every message carries a signed record of addresses, verified at every copy: the greeting alone carries it.
    gossipsub_module.env_to_send_in_RPC = _no_record  # type: ignore[attr-defined]
    # Two processes may listen on one port, each getting half of the calls: the second one fails.
    tcp_module._set_reuse_flags = _reuse_address_only
    # Every lost connection is logged as an error, some on the root logger: only what is critical is let through.
    logging.getLogger("libp2p").setLevel(logging.CRITICAL)


def _reuse_address_only(sock: trio.socket.SocketType) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _no_record(host: IHost) -> tuple[bytes, bool]:
    return b"", False


async def _bounded_read_data_body(muxer: yamux_module.Yamux, length: int) -> bytes:
    unread = sum(map(len, muxer.stream_buffers.values()))
    if unread + length > MUXER_BUFFER:
        # libp2p answers this one exception by closing the connection.
        raise trio.TooSlowError(f"{unread + length} bytes unread on one connection")
    return await _read_data_body(muxer, length)


async def _update_window(stream: yamux_module.YamuxStream, *, bytes_read: int = 0) -> None:
    """Tell the peer what was read once that is half a window, as yamux in Go does."""
    async with stream.window_lock:
        unread = len(stream.conn.stream_buffers.get(stream.stream_id, b""))
        if stream.target_recv_window - stream.recv_window - unread < stream.target_recv_window // 2:
            return
        increment = stream._grow_to_delta(unread) + stream._apply_autotune_epoch(unread)
    await stream.send_window_update(increment)


class GuardedPubsub(Pubsub):
    """Pubsub that survives what strangers send."""

    def __init__(self, host: IHost, router: GossipSub, topic: str) -> None:
        super().__init__(
            host,
            router,
            strict_signing=True,
            seen_ttl=300,
            max_concurrent_validator_count=64,
            max_inbound_rpc_size=DefaultMaxMessageSize,
            # Any peer may subscribe us to endless topics: only ours is remembered.
            allowed_topics={topic},
        )
        self._only_topic = [topic]
        self._writing: WeakKeyDictionary[INetStream, trio.Lock] = WeakKeyDictionary()
        # Message numbers start at the second of the start and repeat after a restart: they start at the nanosecond.
        self.counter = time.time_ns()
        self._has_ended = False

    async def run(self) -> None:
        """Remember the end: streams are still read a moment longer."""
        try:
            await super().run()
        finally:
            self._has_ended = True

    async def push_msg(self, msg_forwarder: ID, msg: rpc_pb2.Message) -> None:
        """Drop, before any hashing, decoding or key parsing, what cannot be an envelope."""
        # A key of another kind, or bytes that are no key, raise inside a task and end the whole service.
        if (
            len(msg.data) <= messages.MAX_BYTES
            and len(msg.seqno) == _SEQNO_BYTES
            and list(msg.topicIDs) == self._only_topic
            and identity.is_ed25519(msg.from_id)
        ):
            await super().push_msg(msg_forwarder, msg)

    def _is_subscribed_to_msg(self, msg: rpc_pb2.Message) -> bool:
        """Drop the copies that other peers send, too: a task for each of them costs more than the first one."""
        return super()._is_subscribed_to_msg(msg) and not self._is_msg_seen(msg)

    async def continuously_read_stream(self, stream: INetStream) -> None:
        """Read ahead: the length of a message is read byte by byte, each through every layer."""
        await super().continuously_read_stream(cast(INetStream, _ReadAhead(stream)))

    async def write_msg(self, stream: INetStream, rpc_msg: rpc_pb2.RPC) -> bool:
        """Write one message at a time: the replay to a new peer cuts into a long message of the send queue."""
        if not rpc_msg.senderRecord:
            rpc_msg.ClearField("senderRecord")  # an empty one would be refused
        async with self._writing.setdefault(stream, trio.Lock()):
            return await super().write_msg(stream, rpc_msg)

    async def stream_handler(self, stream: INetStream) -> None:
        """Read a peer's gossip until it ends; a malformed message ends the stream, not the node."""
        try:
            await super().stream_handler(stream)
        except wire.HOSTILE:
            await wire.drop(stream)
            self._handle_dead_peer(stream.muxed_conn.peer_id)
        except RuntimeError:
            # A service that ends takes no new tasks: what a message asks for then is not asked of anybody.
            if not self._has_ended:
                raise


class _ReadAhead:
    """A stream that is read in pieces of 4 KiB or more, and otherwise the same."""

    def __init__(self, stream: INetStream) -> None:
        self._stream, self._ahead = stream, b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def read(self, n: int) -> bytes:
        """At most n bytes, at least one."""
        if not self._ahead:
            self._ahead = await self._stream.read(max(n, _READ_AHEAD))
        part, self._ahead = self._ahead[:n], self._ahead[n:]
        return part


def router() -> GossipSub:
    """Gossipsub with the settings that lose nothing in a small mesh."""
    made = GossipSub(
        # 1.2 sends a control message for every message to everyone, however small; it doubles the work.
        protocols=["/meshsub/1.1.0"],  # type: ignore[list-item]
        degree=6,
        degree_low=4,
        degree_high=12,
        # The default heartbeat of 120 s repairs nothing in time, and adaptive gossip slows it further.
        heartbeat_interval=1,
        adaptive_gossip_enabled=False,
        # The limit of 10/s counts per forwarder and makes holes inside the mesh: ours counts per origin.
        max_messages_per_topic_per_second=_UNLIMITED,
        # It wants three address ranges in every mesh, which no machine running several peers has.
        eclipse_protection_enabled=False,
    )
    # Ten repairs a second are too few after a burst; these two are no constructor arguments.
    made.max_iwant_requests_per_second = 1000.0
    made.max_ihave_messages_per_second = 1000.0
    return made


def contain(host: BasicHost, bounds: Bounds) -> None:
    """Make the changes that belong to one host."""
    # It dials whom it likes from the peer store, beside our own redialling: it finds nobody to dial.
    host.get_network().auto_connector._get_candidate_peers = _nobody  # type: ignore[attr-defined]
    # A peer that could not be reached once may not be dialled for a minute: how patient we are is ours to say.
    host.get_network()._negative_peer_cache._ttl = 0.0  # type: ignore[attr-defined]
    # Whatever a peer says of itself when it is greeted is dialled too, inside this machine as well: within bounds only.
    transports = host.get_network().transport_manager  # type: ignore[attr-defined]
    choose = transports.transport_for_dialing
    transports.transport_for_dialing = lambda address: choose(address) if bounds.allow(address) else None
    # An exception in a protocol handler ends the connection, or the node: it ends the stream.
    handle = host._swarm_stream_handler

    async def handle_contained(stream: INetStream) -> None:
        try:
            await handle(stream)
        except wire.HOSTILE:
            await wire.drop(stream)

    host.get_network().set_stream_handler(handle_contained)


async def close(host: BasicHost) -> None:
    """Close the sockets of a host that ends: libp2p is cancelled before it gets there and leaves them open."""
    network = host.get_network()
    with trio.CancelScope(shield=True), trio.move_on_after(_CLOSE_SECONDS):
        async with trio.open_nursery() as nursery:
            for listener in list(network.listeners.values()):
                nursery.start_soon(listener.close)
            for connection in network.get_connections():
                nursery.start_soon(connection.close)


async def _nobody() -> list[ID]:
    return []
