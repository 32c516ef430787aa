"""The packaged contracts: ABI, creation code and hashes, as scripts/export_abi.py wrote them."""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from thenar.domain.keccak import keccak256
from thenar.errors import Corrupt

FOLLOWED = (
    "AnswerDisputes",
    "AssetRegistry",
    "BeaconBook",
    "CallDisputes",
    "CaptureBounties",
    "ClaimDisputes",
    "ComputeBounties",
    "ContributionEpochs",
    "DeviceRegistry",
    "Covenants",
    "CoverageMap",
    "Escrow",
    "KeyExchange",
    "Ledger",
    "LicenseDesk",
    "LiveDesk",
    "MarkDesk",
    "NodeRegistry",
    "OmissionCourt",
    "PreviewDesk",
    "ReplicaBook",
    "ReflexDesk",
    "RevenueGraph",
    "RunDesk",
    "SegmentCourt",
    "StorageProofs",
    "TermsBook",
    "WitnessBook",
    "WordDisputes",
    "WorkClaims",
    "WorkerPool",
)
"""Contracts whose events are facts."""
PACKAGED = (*FOLLOWED, "Governance", "MockUSD", "ThenarToken")
"""Contracts whose ABI and creation code the wheel carries."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract. Hashes are SHA-256 as 0x and 64 hex digits."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    abi_hash: str
    bytecode_hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One function, event or error of an ABI. ``id`` is its selector (4 bytes) or topic (32 bytes)."""

    name: str
    inputs: tuple[dict[str, Any], ...]
    outputs: tuple[dict[str, Any], ...]
    id: bytes


@cache
def artifact(name: str) -> Artifact:
    """Read a packaged contract. Raises Corrupt when the installation lacks it."""
    source = resources.files(__package__).joinpath("abi", f"{name}.json")
    try:
        content = json.loads(source.read_text("utf-8"))
    except (FileNotFoundError, ValueError) as cause:
        message = f"the packaged contract {name} is missing or damaged"
        raise Corrupt(message, next_step="install thenar again") from cause
    return Artifact(
        name=content["contract"],
        abi=tuple(content["abi"]),
        bytecode=bytes.fromhex(content["bytecode"][2:]),
        abi_hash=content["abiHash"],
        bytecode_hash=content["bytecodeHash"],
    )


@cache
def entries(contract: str, kind: str) -> tuple[Entry, ...]:
    """All entries of a kind (function, event, error) of a packaged contract."""
    found = (entry for entry in artifact(contract).abi if entry["type"] == kind)
    return tuple(
        Entry(
            name=entry["name"],
            inputs=tuple(entry["inputs"]),
            outputs=tuple(entry.get("outputs", ())),
            id=keccak256(signature(entry).encode())[: 32 if kind == "event" else 4],
        )
        for entry in found
    )


@cache
def function(contract: str, name: str) -> Entry:
    """A function of a packaged contract by its name; none of ours is overloaded."""
    for entry in entries(contract, "function"):
        if entry.name == name:
            return entry
    raise Corrupt(f"the packaged ABI of {contract} has no function {name}", next_step="install thenar again")


def signature(entry: dict[str, Any]) -> str:
    """The canonical signature, e.g. ``offer(bytes32,uint32,(uint96,uint40,uint40))``."""
    return f"{entry['name']}({','.join(type_of(param) for param in entry['inputs'])})"


def type_of(param: dict[str, Any]) -> str:
    """The canonical ABI type of a parameter, structs as tuples."""
    kind: str = param["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(type_of(component) for component in param["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def python_name(name: str) -> str:
    """``consentEpoch`` → ``consent_epoch``; a Python keyword gets an underscore, a trailing one of Solidity goes."""
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower().strip("_")
    return f"{snake}_" if keyword.iskeyword(snake) else snake
