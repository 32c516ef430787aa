"""How an endpoint is named where others may read it, without the keys many addresses carry, and whom to trust there."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
