"""Revert data to the error's name and values, for every contract we ship and the errors the EVM and tokens make."""

from __future__ import annotations

from functools import cache
from typing import Any

from thenar.adapters.chain.abi import PACKAGED, Entry, entries, signature
from thenar.adapters.chain.codec import decode_values
from thenar.domain.keccak import keccak256
from thenar.errors import Corrupt, Poor, Refused, Reverted

PANICS = {
    0x01: "an assertion does not hold",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "a value is outside its enum",
    0x31: "pop from an empty array",
    0x32: "an index is out of bounds",
    0x41: "too much memory",
}
"""Solidity's panic codes: docs.soliditylang.org, "Panic via assert and Error via require"."""
_KNOWN_ELSEWHERE: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Error", (("reason", "string"),)),
    ("Panic", (("code", "uint256"),)),
    ("ERC20InsufficientBalance", (("sender", "address"), ("balance", "uint256"), ("needed", "uint256"))),
    ("ERC20InsufficientAllowance", (("spender", "address"), ("allowance", "uint256"), ("needed", "uint256"))),
    ("ERC721NonexistentToken", (("tokenId", "uint256"),)),
    ("ERC721IncorrectOwner", (("sender", "address"), ("tokenId", "uint256"), ("owner", "address"))),
    ("ERC721InsufficientApproval", (("operator", "address"), ("tokenId", "uint256"))),
    ("SafeERC20FailedOperation", (("token", "address"),)),
)
_POOR = frozenset(("ERC20InsufficientBalance", "Ledger_NotEnough"))
NEXT_STEPS = {
    "ERC20InsufficientBalance": "bring settlement tokens into this wallet",
    "ERC20InsufficientAllowance": "let the Ledger pull the amount first",
    "Ledger_NotEnough": "deposit first, or ask for less",
    "KeyExchange_TooEarly": "wait until the deadline has passed",
    "LicenseDesk_NoOffer": "ask the owner for an offer, or list the live ones",
    "LicenseDesk_PriceAbove": "raise the maximum price if the new price is right",
    "LicenseDesk_ShareAbove": "raise the maximum share if the new terms are right",
    "LicenseDesk_TooShort": "accept a shorter license if the new offer is right",
    "LicenseDesk_LicenseRuns": "wait until the running license ends, or choose terms that include it",
}


@cache
def _by_selector() -> dict[bytes, Entry]:
    found: dict[bytes, Entry] = {}
    for name, params in _KNOWN_ELSEWHERE:
        inputs = [{"name": label, "type": kind} for label, kind in params]
        selector = keccak256(signature({"name": name, "inputs": inputs}).encode())[:4]
        found[selector] = Entry(name, tuple(inputs), (), selector)
    for contract in PACKAGED:
        found.update({entry.id: entry for entry in entries(contract, "error")})
    return found


def refusal(data: bytes, *, message: str = "") -> Refused:
    """The error a contract answered: Poor when money is missing, else Reverted with name and values.

    ``message`` is what the chain node said, used when the data names no error we know.
    """
    entry = _by_selector().get(data[:4])
    if entry is None:
        shown = f" (0x{data[:36].hex()})" if data else ""
        return Reverted(f"the chain refused the call: {message or 'no reason given'}{shown}")
    try:
        values = tuple(_plain(value) for value in decode_values(entry.inputs, data[4:], entry.name))
    except Corrupt:
        return Reverted(f"the chain refused the call with a damaged {entry.name}", name=entry.name)
    if entry.name == "Error":
        return Reverted(f"the chain refused the call: {values[0]}", name="Error", values=values)
    if entry.name == "Panic":
        return Reverted(f"the contract stopped: {PANICS.get(values[0], 'panic')}", name="Panic", values=values)
    return named(entry.name, values, tuple(param["name"] for param in entry.inputs))


def named(name: str, values: tuple[Any, ...], labels: tuple[str, ...] = ()) -> Refused:
    """A decoded error as one of ours; ``labels`` are the parameter names."""
    pairs = zip(labels, values, strict=True) if labels else ((str(at), value) for at, value in enumerate(values))
    shown = ", ".join(f"{label} {value}" for label, value in pairs)
    sentence = f"the chain refused the call: {name}({shown})"
    if name in _POOR:
        return Poor(sentence, next_step=NEXT_STEPS.get(name))
    return Reverted(sentence, name=name, values=values, next_step=NEXT_STEPS.get(name))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple | list):
        return tuple(_plain(inner) for inner in value)
    return value.lower() if isinstance(value, str) and value.startswith("0x") else value
