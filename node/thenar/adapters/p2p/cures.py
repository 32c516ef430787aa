"""What has to be changed in libp2p 0.8 before strangers may talk to it; one sentence per cure.

Everything here and in ``mesh`` reaches into libp2p on purpose, and nothing outside these two files does. When libp2p is
raised, each sentence is a question to ask of the new version.
"""

from __future__ import annotations

import gc
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, cast
from weakref import WeakKeyDictionary, WeakSet

import structlog
import trio
from google.protobuf.message import DecodeError
from libp2p.abc import IHost, INetStream, IRawConnection
from libp2p.custom_types import SyncValidatorFn
from libp2p.exceptions import BaseLibp2pError, ParseError
from libp2p.host.basic_host import BasicHost
from libp2p.io.abc import Reader
from libp2p.io.exceptions import MessageTooLarge
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.peer.id import ID
from libp2p.pubsub import gossipsub as gossipsub_module
from libp2p.pubsub import pubsub as pubsub_module
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.pubsub import Pubsub
from libp2p.pubsub.rpc_queue import DefaultMaxMessageSize, RpcQueue
from libp2p.pubsub.validators import signature_validator
from libp2p.stream_muxer.yamux import yamux as yamux_module
from libp2p.transport.tcp import tcp as tcp_module
from libp2p.utils.varint import read_varint_prefixed_bytes_limited
from multiaddr import Multiaddr

from thenar.adapters.p2p import conduct, wire
from thenar.adapters.p2p.bounds import Bounds
from thenar.adapters.p2p.conduct import Conduct

OUTBOUND_RPCS: Final = 4096
INBOUND_MESSAGES: Final = 8192
NOISE_PLAINTEXT: Final = 65_535 - 16
MUXER_BUFFER: Final = 64 * 1024 * 1024
_READ_AHEAD: Final = 4096  # little enough that a peer's smallest messages do not keep all others waiting
_CLOSE_SECONDS: Final = 3.0
_ENDED: Final = 100
_LOOK_SECONDS: Final = 10.0
_STREAMS: Final = 4
_FRAME_SECONDS: Final = 30.0
_TAKE_SECONDS: Final = 30.0

log = structlog.get_logger(__name__)

_steady: WeakSet[Any] = WeakSet()
"""Streams whose window does not grow. That of a slow reader grows to 16 MiB, which a flood fills for every peer."""

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
        increment = stream._grow_to_delta(unread)
        if stream not in _steady:
            increment += stream._apply_autotune_epoch(unread)
    await stream.send_window_update(increment)


class GuardedPubsub(Pubsub):
    """Pubsub that survives what strangers send."""

    def __init__(self, host: IHost, router: GossipSub, topic: str, clock: Callable[[], float]) -> None:
        super().__init__(
            host,
            router,
            strict_signing=True,
            seen_ttl=300,
            max_inbound_rpc_size=DefaultMaxMessageSize,
            # Any peer may subscribe us to endless topics: only ours is remembered.
            allowed_topics={topic},
        )
        self._writing: WeakKeyDictionary[INetStream, trio.Lock] = WeakKeyDictionary()
        self._reading: Counter[ID] = Counter()
        # Message numbers start at the second of the start and repeat after a restart: they start at the nanosecond.
        self.counter = time.time_ns()
        self._has_ended = False
        self.conduct = Conduct(topic, host.get_id(), clock, self._hang_up_soon)

    async def run(self) -> None:
        """Remember the end: streams are still read a moment longer."""
        try:
            await super().run()
        finally:
            self._has_ended = True

    async def push_msg(self, msg_forwarder: ID, msg: rpc_pb2.Message) -> None:
        """Take in one message and pass it on. What everybody would refuse counts against whoever passed it on.

        Verdicts are not remembered as libp2p does: a list of a thousand is searched twice for every message.
        """
        if not self.conduct.is_shaped(msg_forwarder, msg) or self._is_msg_seen(msg):
            return
        if not signature_validator(msg):
            self.conduct.blame(msg_forwarder, conduct.FALSE, "a message nobody signed")
            return
        for topic_validator in self.get_msg_validators(msg):
            if not cast(SyncValidatorFn, topic_validator.validator)(msg_forwarder, msg):
                return
        self._mark_msg_seen(msg)
        if msg.from_id == self.my_id.to_bytes() and msg_forwarder != self.my_id:
            return  # our own words from before a restart
        self.notify_subscriptions(msg)
        await self.router.publish(msg_forwarder, msg)

    def _forget_all_subscriptions(self, peer_id: ID) -> None:
        """Remember what a peer that is connected listens to: it says so once for each connection.

        After a crash it calls again before the old connection is seen to be dead; when that one's stream failed, what
        it had said on the new one was forgotten with it, and it heard nothing from us any more.
        """
        if not self._peer_is_connected(peer_id):
            super()._forget_all_subscriptions(peer_id)
            # What was kept for it while its stream had failed is forgotten by libp2p only where a stream is left.
            router = cast(GossipSub, self.router)
            router._pending_messages.pop(peer_id, None)
            router._pending_control.pop(peer_id, None)

    async def continuously_read_stream(self, stream: INetStream) -> None:
        """Read a peer's frames one after the other. libp2p starts a task for every message, however many wait."""
        peer, ahead = stream.muxed_conn.peer_id, _ReadAhead(stream)
        while self.manager.is_running and not self.conduct.is_shut_out(peer):
            await ahead.wait()
            # A frame that was begun is held in memory until it ends.
            with trio.fail_after(_FRAME_SECONDS):
                frame = await read_varint_prefixed_bytes_limited(ahead, self.max_inbound_rpc_size)
            rpc = rpc_pb2.RPC()
            rpc.ParseFromString(frame)
            self.conduct.weigh(peer, rpc, len(frame))
            await self._take_in(peer, rpc)

    async def _take_in(self, peer: ID, rpc: rpc_pb2.RPC) -> None:
        for message in rpc.publish:
            if self.conduct.is_shut_out(peer):
                return
            await self.push_msg(peer, message)
            await trio.lowlevel.checkpoint()  # a frame may hold thousands: others have their turn in between
        for subscription in rpc.subscriptions:
            self.handle_subscription(peer, subscription)
        if rpc.HasField("control") and not self.conduct.is_shut_out(peer):
            await cast(GossipSub, self.router).handle_rpc(rpc, peer)

    async def write_msg(self, stream: INetStream, rpc_msg: rpc_pb2.RPC) -> bool:
        """Write one message at a time: the replay to a new peer cuts into a long message of the send queue.

        Who takes nothing for long is hung up: what waits for it is held in memory.
        """
        if not rpc_msg.senderRecord:
            rpc_msg.ClearField("senderRecord")  # an empty one would be refused
        async with self._writing.setdefault(stream, trio.Lock()):
            with trio.move_on_after(_TAKE_SECONDS) as scope:
                was_written = await super().write_msg(stream, rpc_msg)
        if scope.cancelled_caught:
            self._hang_up_soon(stream.muxed_conn.peer_id)
            return False
        return was_written

    async def stream_handler(self, stream: INetStream) -> None:
        """Read a peer's gossip until it ends; a malformed message ends the stream, not the node."""
        peer = stream.muxed_conn.peer_id
        if self._reading[peer] >= _STREAMS:
            self.conduct.blame(peer, conduct.FALSE, "too many streams of gossip")
            await wire.drop(stream)
            return
        self._reading[peer] += 1
        _steady.add(cast(Any, stream).muxed_stream)
        try:
            await self._read_contained(stream)
        finally:
            self._reading[peer] -= 1
            if not self._reading[peer]:
                del self._reading[peer]
                self._forget_all_subscriptions(peer)  # also what was still to be read when it had gone

    async def _read_contained(self, stream: INetStream) -> None:
        peer = stream.muxed_conn.peer_id
        try:
            await self.continuously_read_stream(stream)
        except StreamEOF:
            return
        except (MessageTooLarge, DecodeError, ParseError) as error:
            self.conduct.blame(peer, conduct.NONE, f"a frame that is none: {type(error).__name__}")
        except trio.TooSlowError:
            self.conduct.blame(peer, conduct.LARGE, "a frame that does not end")
        except wire.HOSTILE:
            pass
        except RuntimeError:
            # A service that ends takes no new tasks: what a message asks for then is not asked of anybody.
            if not self._has_ended:
                raise
            return
        await wire.drop(stream)
        self._handle_dead_peer(peer)

    async def _handle_new_peer(self, peer_id: ID) -> None:
        if self.conduct.is_shut_out(peer_id):
            await self._hang_up(peer_id)
        else:
            await super()._handle_new_peer(peer_id)

    def _hang_up_soon(self, peer: ID) -> None:
        if not self._has_ended:
            self.manager.run_task(self._hang_up, peer)

    async def _hang_up(self, peer: ID) -> None:
        with trio.move_on_after(_CLOSE_SECONDS):
            await self.host.get_network().close_peer(peer)


class _ReadAhead(Reader):
    """A stream that is read in pieces of 4 KiB or more: the length of a message is asked for byte by byte."""

    def __init__(self, stream: INetStream) -> None:
        self._stream, self._ahead = stream, b""

    async def wait(self) -> None:
        """Return when there is something to read. Raises StreamEOF at the end."""
        if not self._ahead:
            self._ahead = await self._stream.read(_READ_AHEAD)

    async def read(self, n: int | None = None) -> bytes:
        """At most n bytes, at least one."""
        if not self._ahead:
            self._ahead = await self._stream.read(max(n or 0, _READ_AHEAD))
        part, self._ahead = self._ahead[:n], self._ahead[n:]
        return part


class ConnectionEnded(BaseLibp2pError):
    """A connection that somebody opened to this host is over."""


class _Remains:
    """What is left of ended connections: some 60 KB each in cycles of references, which are rarely looked for.

    A large heap is searched as a whole only when it has grown by a quarter: somebody who calls again and again makes
    it grow by a hundred megabytes before.
    """

    def __init__(self) -> None:
        self._count, self._looked = 0, 0.0

    def add(self) -> None:
        """Another connection has ended."""
        self._count += 1
        if self._count >= _ENDED and time.monotonic() >= self._looked + _LOOK_SECONDS:
            gc.collect()
            self._count, self._looked = 0, time.monotonic()


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
    _give_places_back(host)
    # An exception in a protocol handler ends the connection, or the node: it ends the stream.
    handle = host._swarm_stream_handler

    async def handle_contained(stream: INetStream) -> None:
        try:
            await handle(stream)
        except wire.HOSTILE:
            await wire.drop(stream)
        except Exception:  # ours: it costs whoever came upon it an answer, and nobody the node
            log.exception("a stream failed here", protocol=stream.get_protocol())
            await wire.drop(stream)

    host.get_network().set_stream_handler(handle_contained)


def _give_places_back(host: BasicHost) -> None:
    """A caller takes up one of 256 places until the host ends, which makes it deaf: now until the connection ends."""
    network, remains = cast(Any, host.get_network()), _Remains()
    upgrade = network.upgrade_inbound_raw_conn

    async def upgrade_and_wait(raw: IRawConnection, listened: Multiaddr) -> None:
        try:
            await (await upgrade(raw, listened)).event_closed.wait()
        finally:
            remains.add()
        raise ConnectionEnded("only then the place is given back")

    network.upgrade_inbound_raw_conn = upgrade_and_wait


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
