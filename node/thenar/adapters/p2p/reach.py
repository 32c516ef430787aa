"""Whether a node is reached where it says, and serves what it holds: a peer dials it, fetches a block, and tells.

Only the IP address a request comes from is dialled, so nobody can send a node to somebody else's door. Source: AutoNAT
v1 (https://github.com/libp2p/specs/blob/master/autonat/autonat-v1.md), with our framing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, cast

import trio
from libp2p.host.basic_host import BasicHost
from multiaddr import Multiaddr
from multiaddr.exceptions import Error as MultiaddrError

from thenar.adapters.p2p import identity, wire
from thenar.adapters.p2p.bounds import Bounds
from thenar.domain.ids import Cid, PeerId
from thenar.errors import BadInput, ThenarError, Unavailable
from thenar.services.ports import Exchange, Seen

PROTOCOL: Final = "/thenar/reach/1"
MOST: Final = 4
"""Addresses that are dialled for one request."""
LONGEST: Final = 128
DIAL_SECONDS: Final = 3.0
FETCH_SECONDS: Final = 5.0
PAUSE: Final = 10.0
"""Seconds between requests of one peer."""


class DialBack:
    """Dials the peers that ask for it. ``answer`` is the handler of the protocol."""

    def __init__(self, host: BasicHost, bounds: Bounds, exchange: Callable[[], Exchange]) -> None:
        self._network = cast(Any, host.get_network())
        self._bounds = bounds
        self._exchange = exchange
        self._again: dict[PeerId, float] = {}

    async def answer(self, asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        """``{"addresses": […], "block": "<cid>"}`` → ``{"seen": "<ip>", "through": […], "silent": […], "served": 1}``.

        Other addresses are not dialled; ``block`` and ``served`` may be left out. ``0.0.0.0`` and ``::`` stand for the
        address the asker is seen at. Raises BadInput, Unavailable when asked again too soon.
        """
        listed, block = request.get("addresses"), _block(request)
        if not isinstance(listed, list) or len(listed) > MOST:
            raise BadInput(f"a request to be dialled names at most {MOST} addresses")
        self._count(asker)
        seen = self._place_of(asker)
        dialled = [found for text in listed if (found := self._place_named(text, seen)) is not None]
        heard: dict[str, bool] = dict.fromkeys(map(str, dialled), False)
        got: list[bool] = []

        async def knock(address: Multiaddr) -> None:
            heard[str(address)] = await self._knock(asker, address)

        async def fetch(cid: Cid) -> None:
            got.append(await self._fetch(asker, cid))

        async with trio.open_nursery() as nursery:
            for address in dialled:
                nursery.start_soon(knock, address)
            if block is not None:
                nursery.start_soon(fetch, block)
        through = [address for address, answered in heard.items() if answered]
        silent = [address for address in heard if address not in through]
        return {"seen": seen, "through": through, "silent": silent} | ({"served": int(got[0])} if got else {})

    def _count(self, asker: PeerId) -> None:
        now = trio.current_time()
        self._again = {peer: due for peer, due in self._again.items() if due > now}
        if asker in self._again:
            raise Unavailable(f"a peer is dialled once in {PAUSE:g} s; ask again later")
        self._again[asker] = now + PAUSE

    def _place_of(self, asker: PeerId) -> str:
        """The IP address a peer is connected from."""
        for connection in self._network.get_connections(identity.to_libp2p(asker)):
            place = connection.muxed_conn.get_remote_address()
            if place is not None:
                return _plain(str(place[0]))
        raise Unavailable("the connection is gone")

    def _place_named(self, text: object, seen: str) -> Multiaddr | None:
        """An address to dial for somebody seen at an IP address; None when it is nobody's, or another's."""
        if not isinstance(text, str) or len(text) > LONGEST:
            return None
        try:
            address = Multiaddr(text)
            (family, host), (kind, port) = ((one[0].name, str(one[1])) for one in address.items())
            place = ip_address(host) if family in ("ip4", "ip6") else None
        except (MultiaddrError, ValueError, LookupError):
            return None
        if place is None or kind != "tcp":
            return None
        if place.is_unspecified:
            host = seen
            address = Multiaddr(f"/ip{ip_address(seen).version}/{seen}/tcp/{port}")
        return address if _plain(host) == seen and self._bounds.allow(address) else None

    async def _knock(self, peer: PeerId, address: Multiaddr) -> bool:
        """Whether the peer's key is proven at an address. The connection serves for nothing else."""
        proven = False
        with trio.move_on_after(DIAL_SECONDS), suppress(*wire.HOSTILE):
            raw = await self._network.transport_manager.transport_for_dialing(address).dial(address)
            try:
                await self._network.upgrader.upgrade_security(raw, True, identity.to_libp2p(peer))
                proven = True
            finally:
                with trio.CancelScope(shield=True):
                    await raw.close()
        return proven

    async def _fetch(self, peer: PeerId, cid: Cid) -> bool:
        """Whether a peer serves a block, hash checked. What came is not kept."""
        with trio.move_on_after(FETCH_SECONDS), suppress(ThenarError):
            async for _ in self._exchange().want([cid], [peer]):
                return True
        return False


def _block(request: dict[str, object]) -> Cid | None:
    text = request.get("block")
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadInput("the block to be fetched is not a CID")
    return Cid.parse(text)


def read_seen(answer: dict[str, object]) -> Seen:
    """What a peer told. Raises BadInput when it is no such answer."""
    through, silent = (answer.get(name) for name in ("through", "silent"))
    try:
        place = _plain(str(answer.get("seen")))
    except ValueError as cause:
        raise BadInput("the peer does not say where it sees this node") from cause
    if not (_addresses(through) and _addresses(silent)):
        raise BadInput("the peer's answer does not list what it dialled")
    served = answer.get("served")
    if served not in (None, 0, 1):
        raise BadInput("the peer does not say whether it got the block")
    got = None if served is None else bool(served)
    return Seen(place, tuple(cast(list[str], through)), tuple(cast(list[str], silent)), got)


def _addresses(listed: object) -> bool:
    few = isinstance(listed, list) and len(listed) <= MOST
    return few and all(isinstance(one, str) and len(one) <= LONGEST for one in cast(list[object], listed))


def _plain(host: str) -> str:
    """An IP address as it is usually written, an IPv4 one inside IPv6 as itself. Raises ValueError."""
    place = ip_address(host.partition("%")[0])
    mapped = place.ipv4_mapped if isinstance(place, IPv6Address) else None
    return str(mapped or place)
