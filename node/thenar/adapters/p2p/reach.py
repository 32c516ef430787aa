"""Whether a node is reached where it says, and serves what it holds: a peer dials it, fetches a block, and tells.

Only the IP address a request comes from is dialled, so nobody can send a node to somebody else's machine. Source:
AutoNAT v1 (https://github.com/libp2p/specs/blob/master/autonat/autonat-v1.md), with our framing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, cast

import trio
from libp2p.host.basic_host import BasicHost
from multiaddr import Multiaddr
from multiaddr.exceptions import Error as MultiaddrError

from thenar.adapters.p2p import identity
from thenar.adapters.p2p.bounds import Bounds
from thenar.domain.ids import Cid, PeerId
from thenar.errors import BadInput, Unavailable
from thenar.services.ports import Exchange, Seen

PROTOCOL: Final = "/thenar/reach/1"
MOST: Final = 4
"""Addresses that are dialled for one request."""
AT_ONCE: Final = 4
"""Requests that are answered at a time."""
LONGEST: Final = 128
DIAL_SECONDS: Final = 3.0
FETCH_SECONDS: Final = 5.0
HANDSHAKE_BYTES: Final = 16 * 1024
"""Bytes that are read from who is dialled, which is more than proving a key takes."""
PAUSE: Final = 10.0
"""Seconds between requests of one peer."""


@dataclass(slots=True)
class DialBack:
    """Dials the peers that ask for it. ``answer`` is the handler of the protocol."""

    host: BasicHost
    bounds: Bounds
    exchange: Exchange
    _again: dict[PeerId, float] = field(default_factory=dict)
    _answering: int = 0

    async def answer(self, asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        """``{"addresses": […], "block": "<cid>"}`` → ``{"seen": "<ip>", "through": [0], "silent": [1], "served": 1}``.

        ``through`` and ``silent`` hold places in the list of addresses; what may not be dialled is in neither.
        ``block`` and ``served`` may be left out. ``0.0.0.0`` and ``::`` stand for the address of their kind the asker
        is seen at. Raises BadInput, Unavailable when asked again too soon or when too many ask.
        """
        listed, block = request.get("addresses"), _block(request)
        if not isinstance(listed, list) or len(listed) > MOST:
            raise BadInput(f"a request to be dialled names at most {MOST} addresses")
        self._count(asker)
        self._answering += 1
        try:
            return await self._look(asker, listed, block)
        finally:
            self._answering -= 1

    async def _look(self, asker: PeerId, listed: list[object], block: Cid | None) -> dict[str, object]:
        began, seen = trio.current_time(), self._place_of(asker)
        places = enumerate(place_named(text, seen, self.bounds) for text in listed)
        dialled = {at: address for at, address in places if address is not None}
        through: list[int] = []
        served: list[int] = []

        async def knock(at: int, address: Multiaddr) -> None:
            if await self._knock(asker, address):
                through.append(at)

        async def fetch(cid: Cid) -> None:
            served.append(int(await self._fetch(asker, cid)))

        async with trio.open_nursery() as nursery:
            for at, address in dialled.items():
                nursery.start_soon(knock, at, address)
            if block is not None:
                nursery.start_soon(fetch, block)
        silent = [at for at in dialled if at not in through]
        if silent:  # how soon a port said no is nobody's business
            await trio.sleep_until(began + DIAL_SECONDS)
        return {"seen": seen, "through": sorted(through), "silent": silent} | ({"served": served[0]} if served else {})

    def _count(self, asker: PeerId) -> None:
        now = trio.current_time()
        self._again = {peer: due for peer, due in self._again.items() if due > now}
        if asker in self._again or self._answering >= AT_ONCE:
            raise Unavailable(f"a peer is dialled once in {PAUSE:g} s, and {AT_ONCE} at a time; ask again later")
        self._again[asker] = now + PAUSE

    def _place_of(self, asker: PeerId) -> str:
        """The IP address a peer is connected from."""
        for connection in cast(Any, self.host.get_network()).get_connections(identity.to_libp2p(asker)):
            place = connection.muxed_conn.get_remote_address()
            if place is not None:
                return plain(str(place[0]))
        raise Unavailable("the connection is gone")

    async def _knock(self, peer: PeerId, address: Multiaddr) -> bool:
        """Whether the peer's key is proven at an address. The connection serves for nothing else.

        Whoever listens there may say anything: whatever libp2p, Noise and the ciphers beneath make of it is a no.
        """
        proven, network = False, cast(Any, self.host.get_network())
        with trio.move_on_after(DIAL_SECONDS), suppress(Exception):
            raw = await network.transport_manager.transport_for_dialing(address).dial(address)
            try:
                await network.upgrader.upgrade_security(_Bounded(raw), True, identity.to_libp2p(peer))
                proven = True
            finally:
                with trio.CancelScope(shield=True):
                    await raw.close()
        return proven

    async def _fetch(self, peer: PeerId, cid: Cid) -> bool:
        """Whether a peer serves a block, hash checked. What came is not kept."""
        with trio.move_on_after(FETCH_SECONDS), suppress(Exception):
            search = cast(AsyncGenerator[object], self.exchange.want([cid], [peer]))
            async with aclosing(search) as blocks:
                async for _ in blocks:
                    return True
        return False


class _Bounded:
    """A connection of which no more is read than a handshake takes: the length of a message is a stranger's word."""

    def __init__(self, raw: Any) -> None:
        self._raw, self._left = raw, HANDSHAKE_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    async def read(self, count: int | None = None) -> bytes:
        """As the connection's own. Raises Unavailable beyond the bound."""
        if count is None or count > self._left:
            raise Unavailable("more is to be read than a handshake takes")
        data: bytes = await self._raw.read(count)
        self._left -= len(data)
        return data


def place_named(text: object, seen: str, bounds: Bounds) -> Multiaddr | None:
    """An address to dial for somebody seen at an IP address; None when it is nobody's, or another's."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    try:
        address = Multiaddr(text)
        (family, host), (kind, port) = ((one[0].name, str(one[1])) for one in address.items())
        place = ip_address(host) if family in ("ip4", "ip6") else None
    except (MultiaddrError, ValueError, LookupError):
        return None
    if place is None or kind != "tcp" or place.version != ip_address(seen).version:
        return None
    if place.is_unspecified:
        host, address = seen, Multiaddr(f"/{family}/{seen}/tcp/{port}")
    return address if plain(host) == seen and bounds.allow(address) else None


def _block(request: dict[str, object]) -> Cid | None:
    text = request.get("block")
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadInput("the block to be fetched is not a CID")
    return Cid.parse(text)


def read_seen(answer: dict[str, object], asked: Sequence[str]) -> Seen:
    """What a peer told of the addresses it was asked for. Raises BadInput when it is no such answer."""
    seen, served = answer.get("seen"), answer.get("served")
    try:
        place = plain(seen if isinstance(seen, str) else "")
        through, silent = ([asked[at] for at in _places(answer, name)] for name in ("through", "silent"))
    except (ValueError, IndexError) as cause:
        raise BadInput("the peer's answer does not tell where it sees this node, and what it dialled") from cause
    if served not in (None, 0, 1):
        raise BadInput("the peer does not say whether it got the block")
    return Seen(place, tuple(through), tuple(silent), None if served is None else bool(served))


def _places(answer: dict[str, object], name: str) -> list[int]:
    listed = answer.get(name)
    if not isinstance(listed, list) or len(listed) > MOST or not all(type(at) is int and at >= 0 for at in listed):
        raise ValueError(name)
    return listed


def plain(host: str) -> str:
    """An IP address as it is usually written, an IPv4 one inside IPv6 as itself. Raises ValueError."""
    place = ip_address(host.partition("%")[0])
    mapped = place.ipv4_mapped if isinstance(place, IPv6Address) else None
    return str(mapped or place)
