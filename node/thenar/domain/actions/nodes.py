"""Calls about this node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class RegisterNode:
    """Register this node: raw 32-byte Ed25519 key, role bits, stake in token units."""

    peer_key: bytes
    roles: int
    stake: int


NodeAction: TypeAlias = RegisterNode
