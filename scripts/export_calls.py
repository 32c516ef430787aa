#!/usr/bin/env python3
"""Write what the node's pages need of the packaged ABIs to make a wallet's transactions: pages/calls.js.

    scripts/export_calls.py            write it
    scripts/export_calls.py --check    exit 1 when what is written is stale

Selectors are worked out here, so that the pages need no hash function of their own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from eth_utils import keccak

ROOT = Path(__file__).resolve().parent.parent
ABIS = ROOT / "node" / "thenar" / "adapters" / "chain" / "abi"
TARGET = ROOT / "node" / "thenar" / "adapters" / "web" / "pages" / "calls.js"
CALLED = {
    "AssetRegistry": ("mint", "revokeAll"),
    "KeyExchange": ("appoint", "disputeChunk", "disputeKey", "open", "timeoutRefund"),
    "LicenseDesk": ("buy", "closeOffer", "offer", "revokeOne"),
    "Ledger": ("balanceOf", "deposit", "withdraw"),
    "RevenueGraph": ("takeOwn",),
    "token": ("allowance", "approve", "balanceOf"),
}
TOKEN = "MockUSD"
"""Whose ABI has what every ERC-20 has."""
TELLING = ("AssetRegistry", "Covenants", "Escrow", "KeyExchange", "Ledger", "LicenseDesk", "RevenueGraph", TOKEN)
"""Contracts whose refusals can reach a wallet."""


def abi_of(contract: str) -> list[dict[str, Any]]:
    """The packaged ABI of a contract."""
    name = TOKEN if contract == "token" else contract
    abi: list[dict[str, Any]] = json.loads((ABIS / f"{name}.json").read_text("utf-8"))["abi"]
    return abi


def spelled(kind: dict[str, Any]) -> str:
    """A type as a signature writes it."""
    if not kind["type"].startswith("tuple"):
        return str(kind["type"])
    return f"({','.join(map(spelled, kind['components']))}){kind['type'][5:]}"


def selector(entry: dict[str, Any]) -> str:
    """The first four bytes of the hash of a signature."""
    signature = f"{entry['name']}({','.join(map(spelled, entry['inputs']))})"
    return "0x" + keccak(text=signature)[:4].hex()


def shape(kind: dict[str, Any]) -> list[Any]:
    """A parameter as name, type and, of a tuple, its parts."""
    parts = [[shape(part) for part in kind["components"]]] if "components" in kind else []
    return [kind["name"], kind["type"], *parts]


def text() -> str:
    """The module."""
    calls: dict[str, dict[str, list[Any]]] = {}
    for contract, names in CALLED.items():
        known = {entry["name"]: entry for entry in abi_of(contract) if entry["type"] == "function"}
        calls[contract] = {n: [selector(known[n]), [shape(one) for one in known[n]["inputs"]]] for n in names}
    told = [entry for contract in TELLING for entry in abi_of(contract) if entry["type"] == "error"]
    refusals = dict(sorted((selector(entry), entry["name"]) for entry in told))
    lines = ["// Written by scripts/export_calls.py from the packaged ABIs: selectors and shapes. Change nothing here."]
    lines.append("export const CALLS = {")
    for contract, functions in calls.items():
        lines.append(f"  {contract}: {{")
        lines += [f"    {name}: {json.dumps(made, separators=(',', ':'))}," for name, made in functions.items()]
        lines.append("  },")
    lines += ["};", "export const REFUSALS = {"]
    lines += [f"  '{found}': '{name}'," for found, name in refusals.items()]
    return "\n".join([*lines, "};", ""])


def main() -> int:
    """Write or check the module; returns the exit code."""
    wanted = text()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text("utf-8") != wanted:
            print(f"stale: {TARGET.relative_to(ROOT)}; run scripts/export_calls.py", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
