"""Witnesses of tests: accounts whose keys are known, their words, and two captures of the same hall, both paid."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

from assets import sign
from brownie import accounts, chain
from capture_town import Town, call, key_of
from system import DOLLAR

from thenar.domain.bounty.witnessing import Attestation
from thenar.domain.ids import Address

ROLE = 4
LAID = b'{"height_bp":10000,"shift_mm":[2000,0,0],"xx":803265,"xy":-674019,"yx":674019,"yy":803265}'
_FIELDS = [
    {"name": "capture", "type": "bytes32"},
    {"name": "scan", "type": "bytes32"},
    {"name": "witness", "type": "address"},
    {"name": "overlap", "type": "uint16"},
    {"name": "laid", "type": "bytes"},
    {"name": "nonce", "type": "uint256"},
]
_DOMAIN = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def person(town: Town, label: str, stake: int = 200 * DOLLAR, roles: int = ROLE) -> Any:
    """An account whose key is `key_of(label)`, with money; a registered node unless the stake is 0."""
    made = accounts.at(key_of(label).address, force=True)
    town.enrich(made)
    if stake:
        peer = bytes.fromhex(made.address[2:]).rjust(32, b"\x01")
        town.system.node_registry.register(peer, roles, stake, {"from": made})
    return made


def paid(town: Town, bounty: int, who: Any, label: str, **changes: Any) -> int:
    """An answer, minted, committed to, shown and paid."""
    answer = town.answer(bounty, who, label, **changes)
    town.settle(answer, who)
    return answer


def word_of(town: Town, capture: int, scan: int, witness: Any, **changes: Any) -> Attestation:
    """A witness's word that the scan of one answer shows the capture of another again."""
    assets = (town.shown[capture][0].asset, town.shown[scan][0].asset)
    return replace(Attestation(*assets, Address(str(witness).lower()), 5_300, LAID, 0), **changes)


def message(word: Attestation, where: dict[str, Any]) -> dict[str, Any]:
    """The EIP-712 message of a word, as a wallet shows it."""
    values = (bytes.fromhex(word.capture[2:]), bytes.fromhex(word.scan[2:]), word.witness)
    values = (*values, word.overlap, word.laid, word.nonce)
    return {
        "types": {"EIP712Domain": _DOMAIN, "Attestation": _FIELDS},
        "primaryType": "Attestation",
        "domain": where,
        "message": dict(zip([field["name"] for field in _FIELDS], values, strict=True)),
    }


def domain(town: Town, **changes: Any) -> dict[str, Any]:
    """The book's domain, or another one."""
    book = str(town.system.witness_book)
    return {"name": "Thenar WitnessBook", "version": "1", "chainId": chain.id, "verifyingContract": book} | changes


def lodge(town: Town, word: Attestation, label: str, answers: tuple[int, int], by: Any, **where: Any) -> Any:
    """Have a word counted that was signed with the key of a label; returns the transaction."""
    signature = sign(key_of(label).key, message(word, domain(town, **where)))
    capture, scan = (call(town.shown[one][0]) for one in answers)
    return town.system.witness_book.lodge(astuple(word), capture, scan, signature, {"from": by})
