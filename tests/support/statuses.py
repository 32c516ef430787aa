"""The status of a node, healthy or hurt, as its door answers it."""

from __future__ import annotations

import copy
from typing import Any

HEALTHY: dict[str, Any] = {
    "version": "0.1.0",
    "ready": True,
    "reasons": [],
    "registered": True,
    "up_seconds": 9_000,
    "as_of": {"block": 998, "age_s": 1.0, "unix": 1},
    "catalog": {"facts": 10, "assets": 3, "mine": 1, "bounties_open": 0, "claims_running": 0, "sales_open": 0},
    "parts": {
        "chain": {"up": True, "head": 1_000, "head_age_s": 2, "behind": 2},
        "store": {"up": True, "used": 10**9, "on_disk": 10**9, "quota": 2 * 10**10, "blocks": 4_000, "pins": 7},
        "disk": {"up": True, "free": 10**11, "total": 10**12},
        "door": {"up": True, "failed": 0},
        "peers": {"up": True, "connected": ["12D3KooWA"], "heard": 100, "refused": 1, "shut_out": 0},
        "reach": {
            "up": True,
            "asked": 3,
            "seen_at": ["9.9.9.9"],
            "through": ["/ip4/9.9.9.9/tcp/4001"],
            "silent": [],
            "served": 3,
        },
        "process": {"up": True, "resident": 2 * 10**8, "open_files": 60, "threads": 9, "tasks": 90},
        "wallet": {"up": True, "gas_wei": str(10**18)},
        "duties": {"up": True, "open": [], "failed": [], "given_up": 0, "sending": 0},
        "registry": {"up": True, "registered": True, "was": True},
    },
}


def hurt(*path: str, to: object) -> dict[str, Any]:
    """The healthy status with one value changed."""
    status = copy.deepcopy(HEALTHY)
    inner = status
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return status
