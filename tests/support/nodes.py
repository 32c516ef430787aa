"""Read node records by name, and constants for tests about nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KEY = b"\x11" * 32
OTHER_KEY = b"\x22" * 32
STORE, COMPUTE, EVERY_ROLE = 1, 2, 31


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A registered peer as the NodeRegistry stores it."""

    peer_key: bytes = bytes(32)
    stake: int = 0
    unbonding: int = 0
    unbonded_at: int = 0
    roles: int = 0
    bound: int = 0


def node_of(registry: Any, operator: Any) -> NodeRecord:
    """Return an operator's record."""
    found = registry.nodeOf(operator).dict()
    stake = (found["stake"], found["unbonding"], found["unbondedAt"])
    return NodeRecord(bytes(found["peerKey"]), *stake, found["roles"], found["bound"])
