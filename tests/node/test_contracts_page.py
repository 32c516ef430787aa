"""The page about the contracts keeps its word: every invariant names a test, and every test named exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (?P<name>[A-Z]\d+) \| (?P<says>.+?) \| `(?P<path>\S+?)::(?P<test>test_\w+)` \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
LEAST = 45


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_invariant_names_a_test_that_exists():
    rows = list(ROW.finditer(PAGE))
    folder = ROOT / "tests" / "contracts"

    missing = [row["name"] for row in rows if row["test"] not in functions(folder / row["path"])]

    assert missing == []


def test_every_row_of_the_invariants_is_understood():
    written = re.findall(r"^\| [A-Z]\d+ \|", PAGE, re.MULTILINE)

    assert len(ROW.findall(PAGE)) == len(written) >= LEAST


def test_no_two_invariants_share_a_name():
    names = [row["name"] for row in ROW.finditer(PAGE)]

    assert len(names) == len(set(names))


def test_every_contract_is_described():
    contracts = {path.stem for path in (ROOT / "contracts").glob("*.sol")}

    described = set(re.findall(r"^\*\*(\w+)\*\* ", PAGE, re.MULTILINE))

    assert described == contracts
