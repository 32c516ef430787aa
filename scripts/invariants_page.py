"""Write docs/invariants.md: every invariant, the test that tries to break it, and how often it tries.

Usage: .venv/bin/python scripts/invariants_page.py [--check]      with --check: exit 1 when the page is stale

Invariants and their tests stand in docs/contracts.md; how often is read from the tests themselves.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "contracts"
SOURCE, PAGE = ROOT / "docs" / "contracts.md", ROOT / "docs" / "invariants.md"
ROW = re.compile(r"^\| (?P<id>[A-Z]\d+) \| (?P<says>.+?) \| `(?P<path>\S+?)::(?P<test>test_\w+)` \|$", re.MULTILINE)
HEAD = """# Invariants

What must hold whatever anybody does, the test that tries to break it, and how often one run of it tries. Paths are
below `tests/contracts`; what each contract is for stands in [contracts.md](contracts.md). This page is written by
`scripts/invariants_page.py` from that one and from the tests.

`make contracts` runs all of them; `make campaign SIZE=20` takes twenty times as many steps where steps are counted.
Beside them `make invariants` makes a million random calls against a model of the money that knows no contract code
([audit.md](audit.md)); it prints how often each function was called, and a test fails when a function it must reach
was not.
"""


@cache
def functions(path: str) -> dict[str, tuple[ast.FunctionDef, str]]:
    """The functions of a test file, with its whole text."""
    text = (TESTS / path).read_text("utf-8")
    return {node.name: (node, text) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}


def tries(path: str, test: str) -> str:
    """How often one run of a test tries, as its own source says."""
    node, text = functions(path)[test]
    own = "\n".join([*(ast.unparse(one) for one in node.decorator_list), ast.unparse(node)])
    walked = re.search(r"seeds\((\d+)\)", own), re.search(r"steps=(\d+)", own)
    if walked[0] and walked[1]:
        return f"{walked[0][1]} walks of {walked[1][1]} calls"
    bounds = re.search(r'SETTINGS = \{"max_examples": (\d+)[^,]*, "stateful_step_count": (\d+)', text)
    if "state_machine(" in own and bounds:
        return f"{bounds[1]} machines, up to {bounds[2]} calls each"
    if "given(" in own:
        said = re.search(r"max_examples=(\d+)", own)
        return f"{said[1] if said else 8} drawn cases"
    return "each case listed" if "parametrize" in own else "once"


def page() -> str:
    """The whole page."""
    rows = [
        f"| {row['id']} | {row['says']} | `{row['path']}::{row['test']}` | {tries(row['path'], row['test'])} |"
        for row in ROW.finditer(SOURCE.read_text("utf-8"))
    ]
    return "\n".join([HEAD, "| id | what holds | test | tries |", "|---|---|---|---|", *rows]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    made = page()
    if "--check" in arguments:
        same = PAGE.exists() and PAGE.read_text("utf-8") == made
        print("the page is what it would be" if same else "docs/invariants.md is stale; run scripts/invariants_page.py")
        return 0 if same else 1
    PAGE.write_text(made, encoding="utf-8")
    print(f"{made.count(chr(10) + '| ') - 1} invariants, {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
