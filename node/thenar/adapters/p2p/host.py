"""One libp2p host: gossip, requests and block exchange behind one object."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, cast

import trio
from libp2p import new_host
from libp2p.crypto.keys import KeyPair
from libp2p.host.basic_host import BasicHost
from libp2p.network.config import ConnectionConfig
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo
from libp2p.rcmgr import ResourceLimits, ResourceManager
from libp2p.tools.anyio_service import background_trio_service
from multiaddr import Multiaddr
from multiaddr.exceptions import Error as MultiaddrError

from thenar.adapters.p2p import cures, identity, wire
from thenar.adapters.p2p.bounds import Bounds
from thenar.adapters.p2p.exchange import BitswapExchange, ExchangeLimits, serve_all
from thenar.adapters.p2p.gossip import Counts, Gossip, Registered, topic_of
from thenar.adapters.p2p.lines import P2pLines
from thenar.adapters.p2p.link import MayServe
from thenar.adapters.p2p.mesh import Mesh
from thenar.adapters.p2p.reach import MOST, PROTOCOL, DialBack, read_seen
from thenar.adapters.p2p.redial import Redial
from thenar.adapters.p2p.requests import Handler, RequestLimits, Requests
from thenar.domain.endpoints import can_be_dialled
from thenar.domain.ids import Cid, PeerId
from thenar.errors import BadConfig, BadInput, Late, Unavailable
from thenar.services.ports import Blocks, Exchange, Heard, Lines, Seen

_DIAL_SECONDS: Final = 10.0
_CONNECTIONS: Final = 256
_STREAMS: Final = 4096
_MEMORY_MB: Final = 512


class P2pPeers:
    """Implements the Peers port. Made by ``open_host``."""

    def __init__(self, host: BasicHost, bounds: Bounds, sign: Callable[[bytes], bytes], limits: RequestLimits) -> None:
        self._host = host
        self._bounds = bounds
        self._sign = sign
        self._me = identity.from_libp2p(host.get_id())
        self._requests = Requests(host, self.reach, limits)
        self._lines = P2pLines(host, self.reach)
        self._redial = Redial(self._connect, self.connected, me=self._me)
        self._gossip: Gossip
        self._exchange: BitswapExchange

    @property
    def me(self) -> PeerId:
        """The id of this node's peer key."""
        return self._me

    @property
    def addresses(self) -> tuple[str, ...]:
        """Multiaddresses this node tells others, each ending in /p2p/<id>."""
        return tuple(str(address) for address in self._host.get_addrs())

    @property
    def listening(self) -> tuple[str, ...]:
        """Multiaddresses this node listens on, each ending in /p2p/<id>."""
        return tuple(f"{address}/p2p/{self._me}" for address in self._host.get_transport_addrs())

    @property
    def lines(self) -> Lines:
        """Streams of frames between robots and nodes."""
        return self._lines

    @property
    def exchange(self) -> Exchange:
        """Blocks from other peers."""
        return self._exchange

    @property
    def counts(self) -> Counts:
        """What became of the envelopes that came in."""
        return self._gossip.counts

    @property
    def shut_out(self) -> int:
        """How often a peer was shut out for what it did in gossip."""
        return self._gossip.shut_out

    def sign(self, data: bytes) -> bytes:
        """64-byte Ed25519 signature of the peer key. The caller separates domains."""
        return self._sign(data)

    def connected(self) -> frozenset[PeerId]:
        """The peers there is a connection to now."""
        return frozenset(identity.from_libp2p(peer) for peer in self._host.get_connected_peers())

    async def dial(self, multiaddr: str) -> PeerId:
        """Connect to an address ending in /p2p/<id> and stay connected. Raises BadInput, Unavailable, Late."""
        peer, address = identity.parse_address(multiaddr)
        if peer == self._me:
            return peer
        self._bounds.name(address)
        await self._connect(peer, [address])
        self._redial.learn(peer, [address], keep=True)
        return peer

    def learn(self, peer: PeerId, addresses: Sequence[str]) -> None:
        """Remember where a peer says it can be reached, as far as strangers may send us there; dialled when needed.

        Raises BadInput.
        """
        found = [identity.parse_address(text if "/p2p/" in text else f"{text}/p2p/{peer}") for text in addresses]
        told = [address for named, address in found if named == peer and self._bounds.allow(address)]
        self._redial.learn(peer, told)

    async def announce(self, kind: str, body: dict[str, object]) -> None:
        """Sign and gossip an envelope. Raises Refused when it is over the size cap."""
        await self._gossip.announce(kind, body)

    def heard(self) -> AbstractAsyncContextManager[AsyncIterator[Heard]]:
        """A stream of verified envelopes from others, each once."""
        return self._gossip.heard()

    async def ask(self, peer: PeerId, protocol: str, request: dict[str, object]) -> dict[str, object]:
        """One request, one answer. Raises Refused with the peer's reason, Unavailable, Late after the deadline."""
        return await self._requests.ask(peer, protocol, request)

    async def seen_by(self, peer: PeerId, block: Cid | None = None) -> Seen:
        """Have a peer dial this node where it says that it is, and fetch a block it is told of.

        Raises BadInput, Refused, Unavailable, Late.
        """
        asked = [address.partition("/p2p/")[0] for address in self.addresses[:MOST]]
        request: dict[str, object] = {"addresses": asked}
        if block is not None:
            request["block"] = str(block)
        before = self._exchange.served_to(peer)
        seen = read_seen(await self.ask(peer, PROTOCOL, request), asked)
        if seen.served is False and self._exchange.served_to(peer) > before:
            return replace(seen, served=None)  # it gets blocks, and this one was behind them
        return seen

    def serve(self, protocol: str, handler: Handler) -> None:
        """Answer ``/thenar/<noun>/<version>`` requests with a handler, from now on."""
        self._requests.serve(protocol, handler)

    def keep(self, multiaddr: str) -> None:
        """Stay connected to a bootstrap peer, whatever else is forgotten. Raises BadInput."""
        peer, address = identity.parse_address(multiaddr)
        self._bounds.name(address)
        self._redial.learn(peer, [address], keep=True)

    def attach(self, gossip: Gossip, exchange: BitswapExchange) -> Redial:
        """Join the parts that need a running network; returns the loop that keeps peers connected."""
        self._gossip = gossip
        self._exchange = exchange
        self._requests.serve(PROTOCOL, DialBack(self._host, self._bounds, exchange).answer)
        return self._redial

    async def reach(self, peer: PeerId) -> None:
        """Be connected to a peer, dialling where it was last known to listen. Raises Unavailable, Late."""
        if not self._is_connected(peer):
            await self._connect(peer, self._redial.addresses(peer))

    def _is_connected(self, peer: PeerId) -> bool:
        return bool(self._host.get_network().get_connections(identity.to_libp2p(peer)))

    async def _connect(self, peer: PeerId, addresses: Sequence[Multiaddr]) -> None:
        if not addresses:
            raise Unavailable(f"{peer} is not connected and its address is unknown")
        if self._gossip.is_shut_out(peer):
            raise Unavailable(f"{peer} broke the rules of gossip and is shut out for a minute")
        with trio.move_on_after(_DIAL_SECONDS) as scope:
            try:
                await self._host.connect(PeerInfo(identity.to_libp2p(peer), addresses))
            except wire.HOSTILE as cause:
                raise Unavailable(f"{peer} cannot be reached at {', '.join(map(str, addresses))}") from cause
            if not self._is_connected(peer):
                raise Unavailable(f"{peer} hung up at {', '.join(map(str, addresses))}")
        if scope.cancelled_caught:
            raise Late(f"{peer} did not answer at {', '.join(map(str, addresses))} within {_DIAL_SECONDS:g} s")


@dataclass(frozen=True, slots=True)
class P2pSettings:
    """What a peer is allowed and whom it believes. ``registered`` and ``may_serve`` must not block."""

    registered: Registered = lambda peer: True
    may_serve: MayServe = serve_all
    requests: RequestLimits = field(default_factory=RequestLimits)
    exchange: ExchangeLimits = field(default_factory=ExchangeLimits)


@asynccontextmanager
async def open_host(
    seed: bytes,
    listen: Sequence[str],
    *,
    chain_id: int,
    blocks: Blocks,
    bootstrap: Sequence[str] = (),
    announce: Sequence[str] = (),
    settings: P2pSettings | None = None,
) -> AsyncIterator[P2pPeers]:
    """Run a peer until the context ends.

    ``seed`` is the 32-byte secret of the peer key, ``listen`` multiaddresses without /p2p, ``bootstrap`` addresses with
    it, ``announce`` what is told to others in place of ``listen``. Raises BadInput for a bad seed, BadConfig for an
    address that is none or cannot be listened on; what the caller's own block raises leaves as it is, not wrapped
    in the groups of the tasks beneath.
    """
    cures.apply()
    settings = settings or P2pSettings()
    pair = identity.key_pair(seed)
    addresses = _listen_addresses(listen)
    told = [_announced(text, pair) for text in announce]
    bounds = Bounds([*addresses, *told], [_joined(text) for text in bootstrap])
    host = _new_host(pair, addresses, told, bounds)
    peers = P2pPeers(host, bounds, pair.private_key.sign, settings.requests)
    for text in bootstrap:
        peers.keep(text)
    try:
        async with _running(host, peers, addresses, chain_id, blocks, settings):
            yield peers
    except BaseExceptionGroup as group:
        raise _sole(group) from None


@asynccontextmanager
async def _running(
    host: BasicHost,
    peers: P2pPeers,
    addresses: Sequence[Multiaddr],
    chain_id: int,
    blocks: Blocks,
    settings: P2pSettings,
) -> AsyncIterator[None]:
    router = Mesh(lambda peer: settings.registered(identity.from_libp2p(peer)))
    pubsub = cures.GuardedPubsub(host, router, topic_of(chain_id), trio.current_time)
    gossip = Gossip(pubsub, peers.sign, chain_id=chain_id, registered=settings.registered)
    pubsub.set_topic_validator(gossip.topic, gossip.validate, False)
    async with (
        _listening(host, addresses),
        background_trio_service(pubsub),
        background_trio_service(router),
        trio.open_nursery() as nursery,
    ):
        exchange = BitswapExchange(
            host, blocks, nursery, may_serve=settings.may_serve, reach=peers.reach, limits=settings.exchange
        )
        await pubsub.wait_until_ready()
        # Subscribing before the first connection grafts the mesh at once instead of at a later heartbeat.
        nursery.start_soon(gossip.run, await pubsub.subscribe(gossip.topic))
        nursery.start_soon(peers.attach(gossip, exchange).run)
        yield
        nursery.cancel_scope.cancel()


def _new_host(pair: KeyPair, addresses: Sequence[Multiaddr], told: Sequence[Multiaddr], bounds: Bounds) -> BasicHost:
    host = new_host(
        key_pair=pair,
        listen_addrs=addresses,
        announce_addrs=told or None,
        resource_manager=ResourceManager(limits=ResourceLimits(_CONNECTIONS, _MEMORY_MB, _STREAMS)),
        connection_config=ConnectionConfig(
            max_connections=_CONNECTIONS, min_connections=0, low_watermark=0, high_watermark=_CONNECTIONS
        ),
        disable_identify_address_discovery=True,
    )
    made = cast(BasicHost, host)
    cures.contain(made, bounds)
    return made


def _sole(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What the caller's block raised, freed from the task groups around it, when nothing else went wrong."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _joined(text: str) -> Multiaddr:
    """Where a peer to join through listens. Raises BadConfig."""
    try:
        return identity.parse_address(text)[1]
    except BadInput as cause:
        step = "write each like /ip4/203.0.113.7/tcp/4001/p2p/12D3KooW…, as that peer's `thenar status` shows it"
        raise BadConfig(f"p2p.bootstrap: {cause.message}", next_step=step) from cause


def _announced(text: str, pair: KeyPair) -> Multiaddr:
    """An address to tell others, without the peer. Raises BadConfig when strangers would not dial it."""
    whole, _, peer = text.partition("/p2p/")
    if not can_be_dialled(whole) or peer not in ("", ID.from_pubkey(pair.public_key).to_base58()):
        step = "write /ip4/…/tcp/4001 with the public IP address and the port they dial"
        raise BadConfig(f"p2p.announce: {text[:120]!r} is not where others find a node", next_step=step)
    return Multiaddr(whole)


def _listen_addresses(listen: Sequence[str]) -> list[Multiaddr]:
    try:
        return [Multiaddr(text) for text in listen]
    except (MultiaddrError, ValueError) as cause:
        step = "write it like /ip4/0.0.0.0/tcp/4001"
        raise BadConfig(f"p2p.listen: {', '.join(listen)} is no address to listen on", next_step=step) from cause


@asynccontextmanager
async def _listening(host: BasicHost, addresses: Sequence[Multiaddr]) -> AsyncIterator[None]:
    async with host.run(listen_addrs=addresses):
        if len(host.get_transport_addrs()) < len(addresses):
            raise BadConfig(
                f"p2p.listen: cannot listen on {', '.join(map(str, addresses))}: taken, or not this machine's",
                next_step="`thenar doctor` says which: stop what listens there, or name another address",
            )
        try:
            yield
        finally:
            await cures.close(host)
