"""How an endpoint is named where others may read it, without the keys many addresses carry, and whom to trust there."""

from __future__ import annotations

import re
import ssl
from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
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
    """Whether strangers may dial a libp2p address: an IP address that is one place, and a TCP port."""
    found = _TCP.fullmatch(multiaddr)
    try:
        place = ip_address(found[2]) if found else None
    except ValueError:
        return False
    if found is None or place is None:
        return False
    return place.version == int(found[1]) and not place.is_unspecified and 0 < int(found[3]) < 1 << 16


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
