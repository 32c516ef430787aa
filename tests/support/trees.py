"""Decision trees beside the contract tests name tests that exist.

A tree is text: one line per case, drawn with box characters, and every leaf ends in an arrow and the name of its test:

    register
    ├── when the asset exists
    │   └── it reverts with AssetRegistry_Exists      → test_registered_asset_is_refused
    └── when it is new
        └── it stores the caller as owner             → test_caller_becomes_owner

Usage: python tests/support/trees.py [ROOT]
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_BRANCH = re.compile(r"^(?P<indent>[\s│|]*)[├└+`][─-]*\s*")
_ARROW = re.compile(r"\s(?:→|->)\s*")
_TEST = re.compile(r"\btest_\w+")


def depth(line: str) -> int:
    """Return how far a line is indented, its branch drawing included; the root is 0."""
    drawn = _BRANCH.match(line)
    return drawn.end() if drawn else len(line) - len(line.lstrip())


def leaves(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and text of every line without children."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip(" \t│|")]
    for index, (number, line) in enumerate(lines):
        is_last = index + 1 == len(lines)
        if is_last or depth(lines[index + 1][1]) <= depth(line):
            yield number, line


def tests_in(folder: Path) -> set[str]:
    """Return the names of all test functions in a folder's test files."""
    found: set[str] = set()
    for path in folder.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found.add(node.name)
    return found


def breaches(root: Path) -> Iterator[str]:
    """Yield one line for each leaf that names no test, or one that does not exist in the tree's folder."""
    for tree in sorted((root / "tests").rglob("*.tree")):
        present = tests_in(tree.parent)
        shown = tree.relative_to(root)
        for number, line in leaves(tree.read_text(encoding="utf-8")):
            parts = _ARROW.split(line, maxsplit=1)
            named = _TEST.findall(parts[1]) if len(parts) == 2 else []
            if not named:
                yield f"{shown}:{number}: the leaf names no test"
            for name in named:
                if name not in present:
                    yield f"{shown}:{number}: {name} does not exist beside the tree"


def main(arguments: list[str]) -> int:
    """Print every breach; succeed when there is none."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    found = list(breaches(root))
    count = len(list((root / "tests").rglob("*.tree")))
    print("\n".join(found) if found else f"{count} decision trees, every leaf is tested")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
