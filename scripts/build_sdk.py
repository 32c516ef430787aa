#!/usr/bin/env python3
"""Build the npm package @thenar/contracts from the packaged ABIs: build/sdk/thenar-contracts-<version>.tgz.

One ES module per contract with its ABI as a literal type, so that a wrong name or type does not compile; what can go
wrong anywhere, the devnet's token and the deployments apart; names of numbers and the messages contracts verify
(EIP-712), read from their sources; and an ERC-7730 descriptor for all of them.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import clear_signing
from sdk_sources import Names, messages, names, sentences

ROOT = Path(__file__).resolve().parent.parent
ABIS = ROOT / "node" / "thenar" / "adapters" / "chain" / "abi"
SDK = ROOT / "sdk"
TARGET = ROOT / "build" / "sdk"
DEVNET_TOKEN = "MockUSD"


def abis() -> dict[str, list[dict[str, Any]]]:
    """ABIs by contract."""
    return {name: abi for name, abi in _packaged().items() if name != DEVNET_TOKEN}


def _packaged() -> dict[str, list[dict[str, Any]]]:
    return {path.stem: json.loads(path.read_text("utf-8"))["abi"] for path in sorted(ABIS.glob("*.json"))}


def failures() -> list[dict[str, Any]]:
    """Every custom error of any contract and of the token, each once: a call may fail with those of what it calls."""
    found = {json.dumps(entry): entry for abi in _packaged().values() for entry in abi if entry["type"] == "error"}
    return sorted(found.values(), key=lambda entry: (entry["name"], json.dumps(entry)))


def module_name(contract: str) -> str:
    """``LicenseDesk`` as ``license-desk``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", contract).lower()


def constant(contract: str) -> str:
    """``LicenseDesk`` as ``licenseDeskAbi``."""
    return contract[0].lower() + contract[1:] + "Abi"


def literal(value: object) -> str:
    """A JSON value as a TypeScript type that nothing else fits."""
    if isinstance(value, dict):
        return "{ " + " ".join(f"readonly {json.dumps(key)}: {literal(item)};" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return f"readonly [{', '.join(literal(item) for item in value)}]"
    return json.dumps(value)


def write_modules(target: Path) -> None:
    """Write every module of the package."""
    found = abis()
    exports = []
    for contract, abi in found.items():
        name = module_name(contract)
        _write_constant(target / name, constant(contract), abi, sentences(contract))
        exports.append(f"export {{ {constant(contract)} }} from './{name}.js';\n")
    _write_constant(target / "messages", "messages", messages(), ["Messages that contracts verify (EIP-712), by name."])
    _write_constant(target / "devnet", "mockUsdAbi", _packaged()[DEVNET_TOKEN], sentences(DEVNET_TOKEN))
    about = ["Every custom error of any contract and of the token: spread it into the ABI of a call that can fail."]
    _write_constant(target / "errors", "errorsAbi", failures(), about)
    _write_names(target / "enums", names())
    listed = list(found)
    (target / "names.js").write_text(f"export const contractNames = {json.dumps(listed)};\n", "utf-8")
    typed = f"export declare const contractNames: {literal(listed)};\n"
    (target / "names.d.ts").write_text(f"{typed}export type ContractName = (typeof contractNames)[number];\n", "utf-8")
    exports += [f"export * from './{name}.js';\n" for name in ("enums", "errors", "deployment", "typed-data")]
    (target / "index.js").write_text("".join(exports), "utf-8")
    types = "export type { ContractName } from './names.js';\n"
    (target / "index.d.ts").write_text("".join(exports) + types, "utf-8")


def _write_constant(path: Path, name: str, value: object, about: list[str]) -> None:
    text = json.dumps(value, separators=(",", ":"))
    path.with_suffix(".js").write_text(f"export const {name} = {text};\n", "utf-8")
    declared = f"export declare const {name}: {literal(value)};\n"
    path.with_suffix(".d.ts").write_text(_remark(about) + declared, "utf-8")


def _write_names(path: Path, found: list[Names]) -> None:
    """Names of numbers as objects: a bundler leaves out the ones that nobody imports."""
    written, typed = [], []
    for one in found:
        written.append(f"export const {one.name} = {json.dumps(one.values)};\n")
        lines = []
        for member, value in one.values.items():
            remark = one.remarks.get(member)
            lines += [f"  {_remark([remark])}"] if remark else []
            lines.append(f"  readonly {member}: {value};\n")
        typed.append(f"{_remark([one.about])}export declare const {one.name}: {{\n{''.join(lines)}}};\n")
        if not one.bits:  # bits are added up to numbers that have no name
            typed.append(f"export type {one.name} = (typeof {one.name})[keyof typeof {one.name}];\n")
    path.with_suffix(".js").write_text("".join(written), "utf-8")
    path.with_suffix(".d.ts").write_text("".join(typed), "utf-8")


def _remark(lines: list[str]) -> str:
    safe = [line.replace("*/", "* /") for line in lines]
    return f"/** {safe[0]} */\n" if len(safe) == 1 else "".join(("/**\n", *(f" * {line}\n" for line in safe), " */\n"))


def write_descriptors(target: Path) -> None:
    """Write an ERC-7730 descriptor for each contract, and for the messages of each contract that verifies some."""
    target.mkdir()
    for contract, abi in abis().items():
        _write_json(target / f"{module_name(contract)}.json", clear_signing.of_contract(contract, abi))
    signed = messages()
    for contract in sorted({message["contract"] for message in signed.values()}):
        mine = [message for message in signed.values() if message["contract"] == contract]
        types = {name: fields for message in mine for name, fields in message["types"].items()}
        made = clear_signing.of_messages(contract, mine[0]["domain"], types)
        _write_json(target / f"{module_name(contract)}-messages.json", made)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", "utf-8")


def build(target: Path) -> Path:
    """Write the package into ``target`` and pack it; returns the tarball. Exits when npm does not."""
    shutil.rmtree(target, ignore_errors=True)
    package = target / "package"
    shutil.copytree(SDK / "src", package)
    for name in ("package.json", "README.md"):
        shutil.copy(SDK / name, package / name)
    shutil.copy(ROOT / "LICENSE", package / "LICENSE")
    write_modules(package)
    write_descriptors(package / "clear-signing")
    run = subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", "--cache", str(target / "npm"), str(package)],
        cwd=target,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        sys.exit(f"npm pack stopped: {run.stderr.strip()[-500:]}")
    return target / run.stdout.strip().splitlines()[-1]


def main() -> int:
    """Build the package; returns the exit code."""
    made = build(TARGET)
    print(
        f"{made.relative_to(ROOT)}: {made.stat().st_size:,} bytes, {len(abis())} contracts, {len(messages())} messages"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
