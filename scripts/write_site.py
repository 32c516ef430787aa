#!/usr/bin/env python3
"""Write what mkdocs renders: the pages of docs/ and the README, and a reference made from what really is there.

The reference has the command line (from its own declarations), the exit codes (from the errors), the node's API (from
its OpenAPI document) and every contract (NatSpec of its interface, by the compiler). Usage: scripts/write_site.py
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import export_abi
import typer.main
import yaml
from clear_signing import signature

from thenar import errors
from thenar.adapters.web.describing import describe_door
from thenar.cli.main import app
from thenar.commands import COMMANDS
from thenar.commands.shelf import shelf_of
from thenar.services.belief import Belief

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "docs"
MOVED: Final = {
    "README.md": "index.md",
    "sdk/README.md": "sdk.md",
    "SECURITY.md": "SECURITY.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
}
NAVIGATION: Final = {
    "Start": ["index.md", "walkthrough.md", "pages.md", "CHANGELOG.md", "CONTRIBUTING.md"],
    "Operators": ["operating.md", "exit-codes.md", "architecture.md", "executors.md", "storage.md"],
    "Contributors": [
        "first-scan.md",
        "captures.md",
        "scoring.md",
        "capture-bounties.md",
        "consent.md",
        "previews.md",
        "marks.md",
        "earnings.md",
        "epochs.md",
    ],
    "Teams and robots": ["compute.md", "compute-only.md", "inference.md", "simulation.md"],
    "Frontends": ["frontend.md", "sdk.md", "api.md", "contracts.md", "events.md", "protocol.md", "sealing.md"],
    "Auditors": [
        "audit.md",
        "invariants.md",
        "threat-model.md",
        "mutations.md",
        "reliability.md",
        "known-issues.md",
        "gas.md",
        "SECURITY.md",
    ],
    "Reference": ["reference/commands.md", "reference/exit-codes.md", "reference/api.md", "reference/contracts"],
    "Decisions": ["adr"],
}
LINK: Final = re.compile(r"\]\(<?([^)\s>#]+)(#[^)\s>]*)?>?\)")


def pages() -> Iterator[tuple[Path, str]]:
    """Every page that is written by hand: where it is, and where it goes."""
    for source, target in MOVED.items():
        yield ROOT / source, target
    for path in sorted((ROOT / "docs").rglob("*.md")):
        yield path, str(path.relative_to(ROOT / "docs"))


def moved(text: str, source: Path, target: str) -> str:
    """A page whose links lead to where the other pages went; a link to a file that is no page becomes its name."""
    homes = {path.resolve(): place for path, place in pages()}

    def lead(match: re.Match[str]) -> str:
        if ":" in match[1] or match[1].startswith("#"):
            return match[0]
        found = (source.parent / match[1]).resolve()
        place = homes.get(found) or _reference(found)
        if place is None:
            return f"](#{found.name})" if found.suffix == ".md" else _asset(found, match[0])
        up = "../" * target.count("/")
        return f"]({up}{place}{match[2] or ''})"

    return LINK.sub(lead, text)


def _reference(path: Path) -> str | None:
    """The reference page of an interface, or of all of them."""
    folder = ROOT / "contracts" / "interfaces"
    if path == folder:
        return "reference/contracts/Ledger.md"
    return f"reference/contracts/{path.stem[1:]}.md" if path.parent == folder else None


def _asset(path: Path, link: str) -> str:
    pictures = path.suffix in (".svg", ".png") and path.parent == ROOT / "docs"
    return link if pictures else "](index.md)"


def commands() -> str:
    """The command line, from its own declarations."""
    root = typer.main.get_command(app)
    parts = ["# Commands\n", "Every command takes `--help`; those that ask or change something take `--json`.\n"]
    for words, command in _commands(root, "thenar"):
        parts.append(f"## `{words}`\n\n{_plain(command.help or '')}\n")
        rows = [row for parameter in command.params if (row := _parameter(parameter))]
        if rows:
            parts.append("| argument | what it is |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _commands(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)  # typer brings classes of its own for groups
    if below is None:
        yield words, command
        return
    for name in sorted(below):
        yield from _commands(below[name], f"{words} {name}")


def _parameter(parameter: Any) -> str:
    if parameter.name == "help":
        return ""
    named = parameter.param_type_name == "option"
    shown = ", ".join(f"`{name}`" for name in parameter.opts) if named else f"`{parameter.name.upper()}`"
    return f"| {shown} | {_plain(getattr(parameter, 'help', None) or '')} |"


def _plain(text: str) -> str:
    return text.strip().replace("|", "\\|").replace("<", "&lt;").replace("\f", "")


def exit_codes() -> str:
    """Which error has which exit code, from the errors; what to do about it is on a page of its own."""
    known = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.ThenarError)]
    by_code: dict[int, list[type[errors.ThenarError]]] = {}
    for one in known:
        by_code.setdefault(one.exit_code, []).append(one)
    parts = ["# Exit codes\n", "Which error ends with which code. [What to do about each](../exit-codes.md).\n"]
    for code, kinds in sorted(by_code.items()):
        parts.append(f"## {code}: {', '.join(kind.__name__ for kind in kinds)}\n")
        parts.append("\n\n".join((kind.__doc__ or "").strip() for kind in kinds) + "\n")
    return "\n".join(parts)


def api() -> str:
    """The node's API, from its OpenAPI document."""
    nobody: Any = SimpleNamespace(belief=Belief(), decimals=6)  # a node of which nothing is asked
    shelf = shelf_of(nobody)
    told: Any = describe_door(shelf, COMMANDS)
    parts = ["# The API, in full\n"]
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            answers = ", ".join(operation["responses"])
            parts.append(f"## `{method.upper()} {path}`\n\n{operation['summary']}. Answers {answers}.\n")
            asked = [f"`{one['name']}`" for one in operation.get("parameters", ())]
            if asked:
                parts.append(f"Parameters: {', '.join(asked)}.\n")
    parts.append("# Fields\n")
    for name, schema in told["components"]["schemas"].items():
        fields = "\n".join(f"| `{field}` | {_kind(kind)} |" for field, kind in schema["properties"].items())
        parts.append(f"## {name}\n\n{schema['description']}.\n\n| field | type |\n|---|---|\n{fields}\n")
    return "\n".join(parts)


def _kind(schema: dict[str, Any]) -> str:
    kind = schema["type"]
    return kind if isinstance(kind, str) else " or ".join(kind)


def contracts() -> Iterator[tuple[str, str]]:
    """A page for each contract, from its NatSpec."""
    export_abi.SETTINGS["outputSelection"]["*"]["*"] += ["userdoc", "devdoc"]
    for name, output in export_abi.compile_contracts().items():
        if name != "MockUSD":
            yield name, _contract(name, output)


def _contract(name: str, output: dict[str, Any]) -> str:
    user, dev = output["userdoc"], output["devdoc"]
    parts = [f"# {name}\n", f"{_plain(dev.get('title', ''))}\n", f"{_plain(user.get('notice', ''))}\n"]
    parts += [f"{_plain(dev['details'])}\n"] if "details" in dev else []
    for kind, docs in (("function", "methods"), ("event", "events"), ("error", "errors")):
        entries = [entry for entry in output["abi"] if entry["type"] == kind]
        if entries:
            parts.append(f"## {kind.capitalize()}s\n")
        for entry in sorted(entries, key=lambda entry: entry["name"]):
            key = f"{entry['name']}({','.join(export_types(entry['inputs']))})"
            parts.append(f"### {entry['name']}\n\n```solidity\n{signature(entry)}\n```\n")
            parts += _said(user.get(docs, {}).get(key), dev.get(docs, {}).get(key))
    return "\n".join(parts)


def _said(user: Any, dev: Any) -> list[str]:
    told = []
    for one in user if isinstance(user, list) else [user]:
        told.append(_plain((one or {}).get("notice", "")) + "\n")
    for one in dev if isinstance(dev, list) else [dev]:
        told.append(_plain((one or {}).get("details", "")) + "\n")
        told += [f"- `{name}`: {_plain(text)}" for name, text in (one or {}).get("params", {}).items()]
    return [line for line in told if line.strip()]


def export_types(inputs: list[dict[str, Any]]) -> Iterator[str]:
    """Canonical types of parameters, tuples spelled out."""
    for item in inputs:
        kind = item["type"]
        if kind.startswith("tuple"):
            kind = f"({','.join(export_types(item['components']))}){kind[5:]}"
        yield kind


def settings(names: list[str]) -> dict[str, Any]:
    """What build/mkdocs.yml adds to mkdocs.yml: where the pages are, and the navigation with all of them."""
    spelled = {
        "reference/contracts": [{"Contracts": [f"reference/contracts/{name}.md" for name in names]}],
        "adr": [f"adr/{path.name}" for path in sorted((ROOT / "docs" / "adr").glob("*.md"))],
    }
    navigation = [
        {title: [page for entry in listed for page in spelled.get(entry, [entry])]}
        for title, listed in NAVIGATION.items()
    ]
    known = {page for listed in NAVIGATION.values() for page in listed}
    rest = [target for _, target in pages() if target not in known and not target.startswith("adr/")]
    navigation += [{"More": rest}] if rest else []
    return {"INHERIT": "../mkdocs.yml", "docs_dir": "docs", "site_dir": "site", "nav": navigation}


def main() -> int:
    """Write everything; returns the exit code."""
    shutil.rmtree(TARGET, ignore_errors=True)
    written = {target: moved(path.read_text("utf-8"), path, target) for path, target in pages()}
    written |= {"reference/commands.md": commands(), "reference/exit-codes.md": exit_codes(), "reference/api.md": api()}
    described = dict(contracts())
    written |= {f"reference/contracts/{name}.md": text for name, text in described.items()}
    for target, text in written.items():
        path = TARGET / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for picture in [*(ROOT / "docs").glob("*.svg"), *(ROOT / "docs").glob("*.png")]:
        shutil.copy(picture, TARGET / picture.name)
    (ROOT / "build" / "mkdocs.yml").write_text(yaml.dump(settings(sorted(described)), sort_keys=False), "utf-8")
    print(f"{len(written)} pages in {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
