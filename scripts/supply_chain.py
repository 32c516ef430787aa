"""What this checkout is made of: a software bill of materials, and whether everything in it is locked and licensed.

Usage: .venv/bin/python scripts/supply_chain.py [FILE]      writes CycloneDX to reports/sbom.json, or to FILE

The bill comes from the lock files; it is compared with what is installed. The exit code is 1 when they differ, when
something has no hash in its lock, or when a licence is not among those in scripts/licences.toml.
"""

from __future__ import annotations

import json
import re
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = tuple(f"requirements{what}.lock" for what in ("", "-ray", "-audit", "-docs", "-fuzz"))
OWN = {"thenar"}
BORN_WITH = {"pip", "setuptools"}
"""What a virtual environment has before anything is installed."""
_ENTRY = re.compile(
    r"^(?P<needs>[A-Za-z0-9][^\\\n]*?)\s*(?P<hashes>(?:\\\n\s+--hash=sha256:[0-9a-f]{64}\s*)*)$", re.MULTILINE
)
_WORDS = re.compile(r"\s+(?:and|or)\s+|;\s*", re.IGNORECASE)


@dataclass(frozen=True, order=True, slots=True)
class Component:
    """One package of one kind (pypi or npm)."""

    kind: str
    name: str
    version: str

    @property
    def purl(self) -> str:
        """Its package URL, as bills of materials name packages."""
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def entries(lock: Path) -> Iterator[tuple[Requirement, int]]:
    """Every requirement of a lock file, and how many hashes it may have."""
    for found in _ENTRY.finditer(lock.read_text("utf-8")):
        yield Requirement(found["needs"].strip()), found["hashes"].count("--hash")


def locked_python() -> set[Component]:
    """What the lock puts into .venv on this machine; ray comes with its own lock, where it is installed at all."""
    found: set[Component] = set()
    locks = LOCKS[:2] if any(one.name == "ray" for one in installed_python()) else LOCKS[:1]
    for lock in locks:
        for needs, _ in entries(ROOT / lock):
            if needs.marker is None or needs.marker.evaluate():
                found.add(Component("pypi", canonicalize_name(needs.name), str(needs.specifier).removeprefix("==")))
    return found


def installed_python() -> set[Component]:
    """What is in .venv, but for this project. Some packages, once imported, bring folders with others along."""
    here = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    found = (Component("pypi", canonicalize_name(one.name), one.version) for one in metadata.distributions(path=here))
    return {one for one in found if one.name not in OWN}


@cache
def npm(lock: Path) -> dict[Component, dict[str, Any]]:
    """Every npm package of a lock file."""
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    return {
        Component("npm", held.get("name") or key.rpartition("node_modules/")[2], held["version"]): held
        for key, held in packages.items()
        if key
    }


def installed_npm() -> set[Component]:
    """What is in node_modules; packages of other platforms are locked and not there."""
    return set(npm(ROOT / "node_modules" / ".package-lock.json"))


def locked_npm() -> set[Component]:
    """What the lock puts into node_modules on this machine."""
    optional = {one for one, held in npm(ROOT / "package-lock.json").items() if held.get("optional")}
    return set(npm(ROOT / "package-lock.json")) - (optional - installed_npm())


def unhashed() -> list[str]:
    """Whatever a lock names without a hash."""
    bare = [f"{lock}: {needs}" for lock in LOCKS for needs, hashes in entries(ROOT / lock) if not hashes]
    held = npm(ROOT / "package-lock.json").items()
    return bare + [f"package-lock.json: {one.name}" for one, told in held if not told.get("integrity")]


def licence(component: Component, rules: dict[str, Any]) -> str:
    """The licence a package states, or the one written down for it."""
    if component.name in rules["said_elsewhere"]:
        return str(rules["said_elsewhere"][component.name])
    if component.kind == "npm":
        return str(npm(ROOT / "package-lock.json")[component].get("license") or "")
    told = metadata.metadata(component.name)
    classes = [one.split(" :: ")[-1] for one in told.get_all("Classifier") or [] if one.startswith("License :: ")]
    exact = [one for one in classes if one != "OSI Approved"]
    return str(told.get("License-Expression") or "; ".join(exact) or told.get("License") or "")


def unlisted(components: set[Component]) -> list[str]:
    """Packages whose licence is not among those allowed, and not written down by name."""
    rules = tomllib.loads((ROOT / "scripts" / "licences.toml").read_text("utf-8"))
    found = []
    for one in sorted(components):
        said = licence(one, rules)
        words = [word.strip(" ()") if word.count("(") != word.count(")") else word for word in _WORDS.split(said)]
        listed = all(word.strip().lower() in rules["allowed"] for word in words)
        if not listed and rules["by_name"].get(one.name) != said:
            found.append(f"{one.name} {one.version}: {said[:60] or 'no licence'}")
    return found


def bill(components: set[Component]) -> dict[str, Any]:
    """A CycloneDX bill of materials: the same components give the same bytes."""
    rules = tomllib.loads((ROOT / "scripts" / "licences.toml").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": project["name"], "version": project["version"]}},
        "components": [
            {
                "type": "library",
                "bom-ref": one.purl,
                "name": one.name,
                "version": one.version,
                "purl": one.purl,
                "licenses": [{"license": {"name": licence(one, rules)}}],
            }
            for one in sorted(components)
        ],
    }


def problems() -> list[str]:
    """Everything that is not as it should be, a line each."""
    locked, installed = locked_python() | locked_npm(), installed_python() | installed_npm()
    found = [f"locked and not installed: {one.purl}" for one in sorted(locked - installed)]
    found += [
        f"installed and not locked: {one.purl}" for one in sorted(installed - locked) if one.name not in BORN_WITH
    ]
    return found + [f"no hash: {one}" for one in unhashed()] + [f"licence: {one}" for one in unlisted(installed)]


def main(arguments: list[str]) -> int:
    """Write the bill and print what is wrong."""
    target = Path(arguments[0]) if arguments else ROOT / "reports" / "sbom.json"
    components = installed_python() | installed_npm()
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(bill(components), indent=1) + "\n", encoding="utf-8")
    found = problems()
    print("\n".join(found) if found else f"{len(components)} packages, all locked by hash and licensed as listed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
