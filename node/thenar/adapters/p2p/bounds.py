"""Where this node may be sent by others: no stranger's word leads it into this machine or this house.

What the operator names, in ``p2p.bootstrap`` or by a command, is dialled as it stands. What others say, in gossip, in
answers or when they are greeted, must be an IP address and a TCP port of the open internet; of a private network only
where the operator names one too, ``p2p.listen`` and ``p2p.announce`` included, and of this machine only where nothing
outside it is named, as on a local chain. Names are not looked up for strangers: what they lead to may change between
the look and the dial.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from multiaddr import Multiaddr
from multiaddr.exceptions import Error as MultiaddrError

_OWN: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_OWN_6: Final = IPv6Network("fc00::/7")
_CARRIERS: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "::/96")))
"""IPv6 addresses with an IPv4 address inside, which a gateway would take out again."""

_Ip = IPv4Address | IPv6Address


class Bounds:
    """The addresses that may be dialled, by what the operator named."""

    __slots__ = ("_loopback", "_named", "_private")

    def __init__(self, listen: Sequence[Multiaddr], bootstrap: Sequence[Multiaddr] = ()) -> None:
        self._named = {_bare(address) for address in bootstrap}
        places = [_place(address) for address in (*listen, *bootstrap)]
        self._loopback = bool(places) and all(place is not None and place.is_loopback for place in places)
        self._private = any(place is not None and _is_private(place) for place in places)

    def name(self, address: Multiaddr) -> None:
        """Let an address be dialled because the operator says so."""
        self._named.add(_bare(address))

    def allow(self, address: Multiaddr) -> bool:
        """Whether an address may be dialled."""
        bare = _bare(address)
        if bare in self._named:
            return True
        place = _place(bare)
        if place is None or [protocol.name for protocol in bare.protocols()][1:] != ["tcp"]:
            return False
        if place.is_loopback:
            return self._loopback
        if _is_private(place):
            return self._private
        return place.is_global and not place.is_multicast and not place.is_reserved


def _bare(address: Multiaddr) -> Multiaddr:
    """An address without the peer that is said to listen there."""
    whole, said, peer = str(address).rpartition("/p2p/")
    return Multiaddr(whole) if said and whole and "/" not in peer else address


def _place(address: Multiaddr) -> _Ip | None:
    """The IP address that a multiaddress begins with, or None: a name, or an IPv6 address that is an IPv4 one."""
    try:
        first = next(iter(address.items()))
        place = ip_address(str(first[1])) if first[0].name in ("ip4", "ip6") else None
    except (MultiaddrError, StopIteration, ValueError):
        return None
    if isinstance(place, IPv6Address):
        if place.is_loopback:
            return place
        if place.ipv4_mapped is not None or place.scope_id or any(place in carrier for carrier in _CARRIERS):
            return None
    return place


def _is_private(place: _Ip) -> bool:
    if isinstance(place, IPv4Address):
        return any(place in network for network in _OWN)
    return place in _OWN_6
