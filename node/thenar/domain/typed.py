"""Typed structured data (EIP-712): the 32 bytes that are signed for one contract on one chain."""

from __future__ import annotations

from typing import Final

from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256

_DOMAIN: Final = keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")


def typed_digest(name: str, chain_id: int, contract: Address, body: bytes) -> bytes:
    """What is signed for a struct with this encoding (type hash first), by version 1 of a contract's domain."""
    domain = _DOMAIN + keccak256(name.encode()) + keccak256(b"1") + number_word(chain_id) + account_word(contract)
    return keccak256(b"\x19\x01" + keccak256(domain) + keccak256(body))


def number_word(number: int) -> bytes:
    """A number in 32 bytes, below zero in two's complement."""
    return (number % 2**256).to_bytes(32, "big")


def account_word(account: Address) -> bytes:
    """An account in 32 bytes."""
    return bytes(12) + bytes.fromhex(account[2:])
