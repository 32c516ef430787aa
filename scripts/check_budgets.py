"""Keep files, classes and functions small enough to be read in one go.

Usage: python scripts/check_budgets.py [ROOT]

Budgets: file 400 lines, class 250, function 40 lines of Python or C or 30 of Solidity. A Python docstring does not
count towards its function or class, nor does NatSpec. Raising a budget takes an ADR.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FILE, CLASS, PYTHON_FUNCTION, C_FUNCTION, SOLIDITY_FUNCTION = 400, 250, 40, 40, 30

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_BRACED_NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
_SOLIDITY_BODY = re.compile(r"\b(function\s+\w+|constructor|modifier\s+\w+|receive|fallback)\b[^;{}]*\{")
_C_BODY = re.compile(r"^\w[^;{}=#]*?(\w+)\([^;{}]*\)\s*\{", re.MULTILINE)  # a function begins in the first column


def length(node: Definition) -> int:
    """Count a definition's lines from its name to its end, without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def python_breaches(path: Path, text: str) -> Iterator[str]:
    """Name every class and function of a Python file that is too long."""
    for node in ast.walk(ast.parse(text, filename=str(path))):
        if isinstance(node, Definition):
            limit = CLASS if isinstance(node, ast.ClassDef) else PYTHON_FUNCTION
            if length(node) > limit:
                yield f"{path}:{node.lineno}: {node.name} has {length(node)} lines, {limit} are allowed"


def solidity_breaches(path: Path, text: str) -> Iterator[str]:
    """Name every function, constructor and modifier of a Solidity file that is too long."""
    yield from braced_breaches(path, text, _SOLIDITY_BODY, SOLIDITY_FUNCTION)


def c_breaches(path: Path, text: str) -> Iterator[str]:
    """Name every function of a C file that is too long."""
    yield from braced_breaches(path, text, _C_BODY, C_FUNCTION)


def braced_breaches(path: Path, text: str, body: re.Pattern[str], limit: int) -> Iterator[str]:
    """Name every body found in a language with braces that has more lines than the limit."""
    code = _BRACED_NOISE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    for head in body.finditer(code):
        end = closing_brace(code, head.end())
        lines = code.count("\n", head.start(), end) + 1
        if lines > limit:
            line = code.count("\n", 0, head.start()) + 1
            name = " ".join(head.group(1).split())
            yield f"{path}:{line}: {name} has {lines} lines, {limit} are allowed"


def closing_brace(code: str, start: int) -> int:
    """Return the index after the brace that closes the one just before ``start``."""
    depth = 1
    for at in range(start, len(code)):
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        if depth == 0:
            return at + 1
    return len(code)


def breaches(root: Path) -> Iterator[str]:
    """Yield one line for everything over budget under ``root``."""
    for pattern in ("contracts/**/*.sol", "node/**/*.py", "node/**/*.c", "scripts/**/*.py", "tests/**/*.py"):
        for path in sorted(root.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            shown = path.relative_to(root)
            lines = text.count("\n")
            if lines > FILE:
                yield f"{shown}:1: the file has {lines} lines, {FILE} are allowed"
            if path.suffix == ".sol":
                yield from solidity_breaches(shown, text)
            elif path.suffix == ".c":
                yield from c_breaches(shown, text)
            elif not shown.is_relative_to("tests"):
                yield from python_breaches(shown, text)


def main(arguments: list[str]) -> int:
    """Print every breach; succeed when there is none."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = list(breaches(root))
    print("\n".join(found) if found else "sizes are within budget")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
