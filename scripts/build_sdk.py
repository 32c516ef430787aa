#!/usr/bin/env python3
"""Build the npm package @thenar/contracts from the packaged ABIs: build/sdk/thenar-contracts-<version>.tgz.

One ES module per contract with its ABI as a literal type, so that a wrong name or type does not compile; deployments
apart; the messages contracts verify (EIP-712), read from their sources; and an ERC-7730 descriptor for all of them.
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

ROOT = Path(__file__).resolve().parent.parent
ABIS = ROOT / "node" / "thenar" / "adapters" / "chain" / "abi"
SDK = ROOT / "sdk"
TARGET = ROOT / "build" / "sdk"
HASHED = re.compile(r'keccak256\(\s*((?:"[^"]*"\s*)+)\)')
MESSAGE = re.compile(r"([A-Z]\w*)\(([^()]*)\)")
DOMAIN = re.compile(r'EIP712\("([^"]+)", "([^"]+)"\)')
MADE_FOR_TESTS = ("MockUSD",)

Messages = dict[str, dict[str, Any]]


def abis() -> dict[str, list[dict[str, Any]]]:
    """ABIs by contract."""
    found = {path.stem: json.loads(path.read_text("utf-8"))["abi"] for path in sorted(ABIS.glob("*.json"))}
    return {name: abi for name, abi in found.items() if name not in MADE_FOR_TESTS}


def messages() -> Messages:
    """The messages contracts verify, by name: contract, domain and types, out of the sources. Exits when one is odd."""
    found: Messages = {}
    sources = {path: path.read_text("utf-8") for path in sorted((ROOT / "contracts").rglob("*.sol"))}
    domains = {path: said for path, source in sources.items() if (said := DOMAIN.search(source)) is not None}
    for path, source in sources.items():
        for match in filter(None, map(MESSAGE.fullmatch, texts(source))):
            # a library hashes for the one contract with a domain that imports it
            homes = [home for home in domains if home == path or f"/{path.name}" in sources[home]]
            if len(homes) != 1:
                sys.exit(
                    f"{path.name} hashes {match[1]} for {len(homes)} contracts with an EIP-712 domain, not for one"
                )
            domain = domains[homes[0]]
            pairs = [field.split() for field in match[2].split(",")]
            types = {match[1]: [{"name": name, "type": kind} for kind, name in pairs]}
            said = {"name": domain[1], "version": domain[2]}
            found[match[1]] = {"contract": homes[0].stem, "domain": said, "types": types}
    return dict(sorted(found.items()))


def texts(source: str) -> list[str]:
    """Every literal text a Solidity source hashes, its pieces joined."""
    return ["".join(re.findall(r'"([^"]*)"', match[1])) for match in HASHED.finditer(source)]


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
    found, signed = abis(), messages()
    exports = []
    for contract, abi in found.items():
        name = module_name(contract)
        _write_constant(target / name, constant(contract), abi)
        exports.append(f"export {{ {constant(contract)} }} from './{name}.js';\n")
    _write_constant(target / "messages", "messages", signed)
    names = " | ".join(json.dumps(name) for name in found)
    (target / "names.d.ts").write_text(f"export type ContractName = {names};\n", "utf-8")
    (target / "names.js").write_text("export {};\n", "utf-8")
    last = "export { readDeployment } from './deployment.js';\nexport { typedData } from './typed-data.js';\n"
    (target / "index.js").write_text("".join(exports) + last, "utf-8")
    types = (
        "export type { Address, Deployment } from './deployment.js';\nexport type { ContractName } from './names.js';\n"
    )
    (target / "index.d.ts").write_text("".join(exports) + last + types, "utf-8")


def _write_constant(path: Path, name: str, value: object) -> None:
    text = json.dumps(value, separators=(",", ":"))
    path.with_suffix(".js").write_text(f"export const {name} = {text};\n", "utf-8")
    path.with_suffix(".d.ts").write_text(f"export declare const {name}: {literal(value)};\n", "utf-8")


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
