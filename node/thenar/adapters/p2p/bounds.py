"""Where this node may be sent by others: no stranger's word leads it into this machine or this house.

What the operator names, in ``p2p.bootstrap`` or by a command, is dialled as it stands. What others say, in gossip, in
answers or when they are greeted, must be an IP address and a TCP port of the open internet; of a private network only
where the operator names one too, ``p2p.listen`` and ``p2p.announce`` included, and of this machine only where nothing
outside it is named, as on a local chain. Names are not looked up for strangers: what they lead to may change between
the look and the dial.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from multiaddr import Multiaddr
from multiaddr.exceptions import Error as MultiaddrError

from thenar.domain.endpoints import Ip, is_disguised, is_private, is_public


class Bounds:
    """The addresses that may be dialled, by what the operator named."""

    __slots__ = ("_loopback", "_named", "_private")

    def __init__(self, listen: Sequence[Multiaddr], bootstrap: Sequence[Multiaddr] = ()) -> None:
        self._named = {_bare(address) for address in bootstrap}
        places = [_place(address) for address in (*listen, *bootstrap)]
        self._loopback = bool(places) and all(place is not None and place.is_loopback for place in places)
        self._private = any(place is not None and is_private(place) for place in places)

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
        if is_private(place):
            return self._private
        return is_public(place)


def _bare(address: Multiaddr) -> Multiaddr:
    """An address without the peer that is said to listen there."""
    whole, said, peer = str(address).rpartition("/p2p/")
    return Multiaddr(whole) if said and whole and "/" not in peer else address


def _place(address: Multiaddr) -> Ip | None:
    """The IP address that a multiaddress begins with, or None: a name, or an IPv6 address that is an IPv4 one."""
    try:
        first = next(iter(address.items()))
        place = ip_address(str(first[1])) if first[0].name in ("ip4", "ip6") else None
    except (MultiaddrError, StopIteration, ValueError):
        return None
    if isinstance(place, IPv6Address) and not place.is_loopback and is_disguised(place):
        return None
    return place
