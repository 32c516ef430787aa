"""Own contracts are covered in full: every statement and both sides of every branch.

Usage: python scripts/check_coverage.py        after `brownie test --coverage`

Brownie's percentages count inherited library functions against the contract that inherits them. Here a statement or a
branch belongs to the file it stands in, only files under contracts/ count, mocks and interfaces do not, and what one
contract's tests reach in a shared library counts for all.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "contracts"
REPORT = ROOT / "build" / "reports" / "coverage.json"

# what Brownie's colours say about a span: which sides of it were taken
TAKEN = {"green": {True, False}, "yellow": {True}, "orange": {False}, "red": set[bool]()}
BOTH = {True, False}
_CODE = re.compile(r"^\s*(?:abstract\s+)?(?:contract|library)\s+\w+", re.MULTILINE)

Span = tuple[int, int]
Taken = dict[Path, dict[Span, set[bool]]]


def own(path: Path) -> bool:
    """Say whether a source file is ours to cover."""
    return path.parts[:1] == ("contracts",) and path.parts[1] not in {"mocks", "interfaces"}


def sources(contract: str) -> dict[str, Path]:
    """Return the files a contract was compiled from, by the number the report uses."""
    path = BUILD / f"{contract}.json"
    if not path.exists():
        return {}
    return {number: Path(name) for number, name in json.loads(path.read_text())["allSourcePaths"].items()}


def has_statements(path: Path) -> bool:
    """Say whether the compiler found anything to trace in a file; a constructor that only passes on is nothing."""
    found = False
    for number, name in sources(path.stem).items():
        if name == path:
            build = json.loads((BUILD / f"{path.stem}.json").read_text())
            found = bool(build["coverageMap"]["statements"].get(number))
    return found or not sources(path.stem)


def gather(kind: dict[str, dict[str, list[list[object]]]]) -> Taken:
    """Merge one kind of highlight over all contracts into own files."""
    taken: Taken = defaultdict(lambda: defaultdict(set))
    for contract, files in kind.items():
        paths = sources(contract)
        for number, spans in files.items():
            path = paths.get(number)
            if path is None or not own(path):
                continue
            for start, stop, colour, *_ in spans:
                taken[path][int(str(start)), int(str(stop))] |= TAKEN[str(colour)]
    return taken


def gaps(taken: Taken, noun: str) -> Iterator[str]:
    """Name every span that was not taken, or was taken one way only."""
    for path, spans in sorted(taken.items()):
        text = (ROOT / path).read_bytes()
        for (start, stop), sides in sorted(spans.items()):
            if sides != BOTH:
                line = text.count(b"\n", 0, start) + 1
                shown = " ".join(text[start:stop].decode(errors="replace").split())[:90]
                why = "never" if not sides else f"never {not next(iter(sides))}".lower()
                yield f"{path}:{line}: {noun} {why} reached: {shown}"


def main() -> int:
    """Print one line per file and one per gap; succeed when there is no gap."""
    if not REPORT.exists():
        print(f"{REPORT.relative_to(ROOT)} is missing; run `make coverage`")
        return 1
    highlights = json.loads(REPORT.read_text())["highlights"]
    statements, branches = gather(highlights["statements"]), gather(highlights["branches"])
    for path in sorted({*statements, *branches}):
        lines, forks = statements.get(path, {}), branches.get(path, {})
        held = [sum(sides == BOTH for sides in spans.values()) for spans in (lines, forks)]
        print(f"{path!s:<44} statements {held[0]:>4}/{len(lines):<4} branches {held[1]:>3}/{len(forks):<3}")
    for kind, noun in ((statements, "statements"), (branches, "branches")):
        spans = [sides for one in kind.values() for sides in one.values()]
        print(f"{sum(sides == BOTH for sides in spans)} of {len(spans)} {noun} of own code")
    found = [*gaps(statements, "statement"), *gaps(branches, "branch")]
    for file in sorted(ROOT.glob("contracts/**/*.sol")):
        path = file.relative_to(ROOT)
        code = own(path) and "types" not in path.parts and _CODE.search(file.read_text())
        if code and path not in statements and has_statements(path):
            found.append(f"{path}:1: nothing in this file was traced")
    print("\n".join(found) if found else "own contracts are covered in full")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
