"""Compile the contracts twice, in two folders and from nothing, and compare with what the wheel carries and with what
deployments say was put on a chain.

Usage: .venv/bin/python scripts/rebuild.py [--json] [CONTRACT …]      without a name, all that are packaged

The exit code is 1 when any creation code differs by a byte.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import export_abi

ROOT = Path(__file__).resolve().parent.parent


def compiled(folder: Path, names: list[str]) -> dict[str, str]:
    """Creation codes, compiled from a copy of the sources in ``folder`` by a compiler that remembers nothing."""
    folder.mkdir(parents=True)
    for part in ("contracts", "node_modules", "scripts"):
        (folder / part).symlink_to((ROOT / part).resolve())
    paths = {name: export_abi.EXPORTED[name] for name in names}
    sources = {path: {"content": (folder / path).read_text("utf-8")} for path in paths.values()}
    chosen = {path: {name: ["evm.bytecode.object"]} for name, path in paths.items()}
    settings = export_abi.settings() | {"outputSelection": chosen}
    run = subprocess.run(
        ["node", "scripts/solc.cjs", "--base-path", str(folder), "--standard-json"],
        input=json.dumps({"language": "Solidity", "sources": sources, "settings": settings}),
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"THENAR_SOLC_CACHE": "off"},
        check=True,
    )
    made = json.loads(run.stdout)["contracts"]
    return {name: "0x" + made[path][name]["evm"]["bytecode"]["object"] for name, path in paths.items()}


def packaged(name: str) -> dict[str, Any]:
    """A contract as the wheel carries it."""
    told: dict[str, Any] = json.loads((export_abi.TARGET / f"{name}.json").read_text("utf-8"))
    return told


def deployed() -> dict[str, dict[str, str]]:
    """The hashes of creation code that each deployment file states, by file and contract."""
    found = {path.name: json.loads(path.read_text("utf-8")) for path in (ROOT / "deployments").glob("[0-9]*.json")}
    return {
        file: {name: placed["bytecodeHash"] for name, placed in told["contracts"].items()}
        for file, told in sorted(found.items())
    }


def rebuilt(names: list[str]) -> dict[str, Any]:
    """What was compared, by hash, and what differs, a line each."""
    with tempfile.TemporaryDirectory() as place:
        first = compiled(Path(place) / "a", names)
        second = compiled(Path(place) / "another" / "deeper" / "folder", names)
    held = {name: packaged(name) for name in names}
    differing = [f"{name}: two builds differ" for name in names if first[name] != second[name]]
    differing += [f"{name}: the wheel carries other code" for name in names if first[name] != held[name]["bytecode"]]
    stated = deployed()
    for file, hashes in stated.items():
        wrong = [name for name in names if hashes.get(name, "") not in ("", held[name]["bytecodeHash"])]
        differing += [f"{name}: {file} states other code" for name in wrong]
    return {
        "contracts": {name: held[name]["bytecodeHash"] for name in names},
        "deployments": list(stated),
        "differing": differing,
    }


def main() -> int:
    """Parse, compile, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("names", nargs="*", metavar="CONTRACT")
    asked = parser.parse_args()
    unknown = set(asked.names) - export_abi.EXPORTED.keys()
    if unknown:
        parser.error(f"no contract named {', '.join(sorted(unknown))}")
    told = rebuilt(asked.names or sorted(export_abi.EXPORTED))
    if asked.json:
        print(json.dumps(told))
    else:
        print("\n".join([*(f"{digest}  {name}" for name, digest in told["contracts"].items()), *told["differing"]]))
    return 1 if told["differing"] else 0


if __name__ == "__main__":
    sys.exit(main())
