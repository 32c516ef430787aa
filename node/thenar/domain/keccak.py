"""Keccak-256 as Ethereum uses it (the original padding, not SHA3-256 of FIPS 202).

``eth_hash`` is the one outside package the domain imports: its ``keccak`` is a pure function of bytes, without
I/O, state or clock, and the chain's own hash is part of what the domain talks about.
"""

from __future__ import annotations

from eth_hash.auto import keccak


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 digest."""
    return bytes(keccak(data))


def tag32(text: str) -> bytes:
    """An ASCII tag as Solidity's ``bytes32("…")``: right-padded with zeros to 32 bytes."""
    return text.encode("ascii").ljust(32, b"\x00")
