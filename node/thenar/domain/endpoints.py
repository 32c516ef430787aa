"""How an endpoint is named where others may read it, without the keys many addresses carry, and whom to trust there."""

from __future__ import annotations

import re
import ssl
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OWN: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_OWN_6: Final = IPv6Network("fc00::/7")
_CARRIERS: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "::/96")))
"""IPv6 addresses with an IPv4 address inside."""
Ip = IPv4Address | IPv6Address
_TCP = re.compile(r"/ip([46])/([0-9A-Fa-f:.]{2,45})/tcp/(\d{1,5})(?:/p2p/\w{1,64})?", re.ASCII)


def trust_for(url: str) -> ssl.SSLContext | bool:
    """What an HTTP client verifies an endpoint with: the usual authorities, or nobody's word where nothing is signed.

    Without TLS no authorities are read, which would take longer than most commands.
    """
    return not url.startswith("http://") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def is_local(url: str) -> bool:
    """Whether an address is on this machine, as a local chain's is."""
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


def can_be_dialled(multiaddr: str) -> bool:
    """Whether a libp2p address is one that others may dial: one machine's IP address, and a TCP port."""
    found = _TCP.fullmatch(multiaddr)
    if found is None or not 0 < int(found[3]) < 1 << 16:
        return False
    try:
        place = ip_address(found[2])
    except ValueError:
        return False
    return place.version == int(found[1]) and (place.is_loopback or is_private(place) or is_public(place))


def is_private(place: Ip) -> bool:
    """Whether an address is of somebody's own network."""
    if isinstance(place, IPv4Address):
        return any(place in network for network in _OWN)
    return place in _OWN_6


def is_public(place: Ip) -> bool:
    """Whether an address is one machine's in the open internet, and not another address in disguise."""
    if isinstance(place, IPv6Address) and is_disguised(place):
        return False
    return place.is_global and not place.is_multicast and not place.is_reserved


def is_disguised(place: IPv6Address) -> bool:
    """Whether an IPv6 address is an IPv4 one, which a gateway would take out again, or leads out of one interface."""
    return place.ipv4_mapped is not None or bool(place.scope_id) or any(place in carrier for carrier in _CARRIERS)


def shown(url: str) -> str:
    """Scheme, host and port of an address, and a mark where a user, a path or a query was left out."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is none"
    host = f"[{host}]" if ":" in host else host
    more = parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/")
    return f"{parts.scheme}://{host}{port}" + ("/…" if more else "")
