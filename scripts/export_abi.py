#!/usr/bin/env python3
"""Compile the contracts and write what the node ships: one JSON per contract with ABI, creation code and their hashes.

    scripts/export_abi.py            write node/thenar/adapters/chain/abi/*.json
    scripts/export_abi.py --check    exit 1 when what is written is stale

Compiled straight through npm's solc (scripts/solc.cjs) with the settings of brownie-config.yaml, but without the
metadata hash, so that a changed comment changes no bytecode.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "contracts"
TARGET = ROOT / "node" / "thenar" / "adapters" / "chain" / "abi"
EXPORTED = {
    "AnswerDisputes": "contracts/AnswerDisputes.sol",
    "AssetRegistry": "contracts/AssetRegistry.sol",
    "BeaconBook": "contracts/BeaconBook.sol",
    "CallDisputes": "contracts/CallDisputes.sol",
    "CaptureBounties": "contracts/CaptureBounties.sol",
    "ClaimDisputes": "contracts/ClaimDisputes.sol",
    "ComputeBounties": "contracts/ComputeBounties.sol",
    "DeviceRegistry": "contracts/DeviceRegistry.sol",
    "ContributionEpochs": "contracts/ContributionEpochs.sol",
    "Covenants": "contracts/Covenants.sol",
    "CoverageMap": "contracts/CoverageMap.sol",
    "Escrow": "contracts/Escrow.sol",
    "Governance": "contracts/Governance.sol",
    "KeyExchange": "contracts/KeyExchange.sol",
    "Ledger": "contracts/Ledger.sol",
    "LicenseDesk": "contracts/LicenseDesk.sol",
    "LiveDesk": "contracts/LiveDesk.sol",
    "MarkDesk": "contracts/MarkDesk.sol",
    "MockUSD": "contracts/mocks/MockUSD.sol",
    "NodeRegistry": "contracts/NodeRegistry.sol",
    "OmissionCourt": "contracts/OmissionCourt.sol",
    "PreviewDesk": "contracts/PreviewDesk.sol",
    "ReplicaBook": "contracts/ReplicaBook.sol",
    "ReflexDesk": "contracts/ReflexDesk.sol",
    "RevenueGraph": "contracts/RevenueGraph.sol",
    "RunDesk": "contracts/RunDesk.sol",
    "SegmentCourt": "contracts/SegmentCourt.sol",
    "StorageProofs": "contracts/StorageProofs.sol",
    "TermsBook": "contracts/TermsBook.sol",
    "WitnessBook": "contracts/WitnessBook.sol",
    "WordDisputes": "contracts/WordDisputes.sol",
    "ThenarToken": "contracts/ThenarToken.sol",
    "WorkClaims": "contracts/WorkClaims.sol",
    "WorkerPool": "contracts/WorkerPool.sol",
}
SETTINGS: dict[str, Any] = {
    "evmVersion": "cancun",
    "viaIR": False,
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "remappings": ["@openzeppelin=node_modules/@openzeppelin"],
    "metadata": {"bytecodeHash": "none"},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"]}},
}


def compile_contracts() -> dict[str, dict[str, Any]]:
    """Compile every exported contract; returns solc's output by contract name. Exits with the compiler's errors."""
    sources = {path: {"content": (ROOT / path).read_text("utf-8")} for path in EXPORTED.values()}
    asked = {"language": "Solidity", "sources": sources, "settings": settings()}
    shim = ROOT / "scripts" / "solc.cjs"
    run = subprocess.run(
        ["node", str(shim), "--base-path", str(ROOT), "--standard-json"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if run.returncode != 0:
        sys.exit(f"the compiler stopped: {run.stderr.strip()[-2000:]}\nrun `make setup` first")
    answer = json.loads(run.stdout)
    failures = [error["formattedMessage"] for error in answer.get("errors", []) if error["severity"] == "error"]
    if failures:
        sys.exit("\n".join(failures))
    return {name: answer["contracts"][path][name] for name, path in EXPORTED.items()}


def settings() -> dict[str, Any]:
    """The compiler settings, checked against what the contract tests compile with."""
    config = (ROOT / "brownie-config.yaml").read_text("utf-8")
    evm = re.search(r"evm_version:\s*(\S+)", config)
    runs = re.search(r"runs:\s*(\d+)", config)
    if evm is None or runs is None or evm[1] != SETTINGS["evmVersion"] or int(runs[1]) != SETTINGS["optimizer"]["runs"]:
        sys.exit("brownie-config.yaml compiles with other settings than scripts/export_abi.py")
    return SETTINGS


def artifact(name: str, output: dict[str, Any]) -> str:
    """The JSON text of one contract: stable order, hashes over exactly what is written."""
    bytecode = output["evm"]["bytecode"]
    if bytecode["linkReferences"]:
        sys.exit(f"{name} needs a linked library; exported contracts must be whole")
    abi = sorted(output["abi"], key=lambda entry: (entry["type"], entry.get("name", ""), json.dumps(entry)))
    code = "0x" + bytecode["object"]
    content = {
        "contract": name,
        "abiHash": "0x" + hashlib.sha256(json.dumps(abi, sort_keys=True, separators=(",", ":")).encode()).hexdigest(),
        "bytecodeHash": "0x" + hashlib.sha256(bytes.fromhex(code[2:])).hexdigest(),
        "abi": abi,
        "bytecode": code,
    }
    return json.dumps(content, indent=1) + "\n"


def main() -> int:
    """Write or check the packaged ABIs; returns the exit code."""
    wanted = {f"{name}.json": artifact(name, output) for name, output in compile_contracts().items()}
    present = {path.name: path.read_text("utf-8") for path in TARGET.glob("*.json")}
    if "--check" in sys.argv[1:]:
        stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
        if stale:
            where = TARGET.relative_to(ROOT)
            print(f"stale: {', '.join(stale)} in {where}; run scripts/export_abi.py", file=sys.stderr)
        return 1 if stale else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in present.keys() - wanted.keys():
        (TARGET / name).unlink()
    for name, text in wanted.items():
        (TARGET / name).write_text(text, "utf-8")
    print(f"{len(wanted)} contracts written to {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
