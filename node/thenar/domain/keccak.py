"""Keccak-256 as Ethereum uses it (the original padding, not SHA3-256 of FIPS 202)."""

from __future__ import annotations

from eth_hash.auto import keccak


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 digest."""
    return bytes(keccak(data))
