"""House rules no other tool checks: module names, imports inside functions, leftovers, broad excepts, waiting walks.

Usage: python scripts/check_rules.py [ROOT]
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
WALKED = {"values", "items", "keys"}
STORIES = (Path("node/thenar/services"), Path("node/thenar/commands"))
MAY_CATCH_ALL = (Path("node/thenar/cli/outcome.py"), Path("node/thenar/adapters/p2p/cures.py"))
"""Where a bug becomes an exit code, and where what a stranger came upon costs him an answer and nobody the node."""
_LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def late_imports(path: Path, tree: ast.AST) -> Iterator[str]:
    """Name every import of our own modules that sits inside a function: a cycle is a design fault, not to be dodged."""
    for function in ast.walk(tree):
        if not isinstance(function, Function):
            continue
        for node in ast.walk(function):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] == "thenar" for name in names):
                yield f"{path}:{node.lineno}: imports thenar inside {function.name}"  # type: ignore[attr-defined]


def broad_handlers(path: Path, tree: ast.AST) -> Iterator[str]:
    """Name every handler that would also swallow a bug."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in caught):
                yield f"{path}:{node.lineno}: catches everything; name the failures you expect"


def waiting_walks(path: Path, tree: ast.AST) -> Iterator[str]:
    """Name every walk over a dictionary that waits on its way: what the chain says meanwhile changes it."""
    for node in ast.walk(tree):
        walks = [node] if isinstance(node, ast.For) else getattr(node, "generators", [])
        inside = [*node.body] if isinstance(node, ast.For) else [node]
        waits = any(isinstance(one, ast.Await) for part in inside for one in ast.walk(part))
        for walk in walks if waits else ():
            called = walk.iter.func if isinstance(walk.iter, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in WALKED and not isinstance(called.value, ast.Call):
                line = walk.iter.lineno
                yield f"{path}:{line}: waits while it walks a dictionary; walk a tuple of it"


def breaches(root: Path) -> Iterator[str]:
    """Yield one line for every broken rule under ``root``."""
    for pattern in ("contracts/**/*.sol", "node/**/*.py", "scripts/**/*.py", "tests/**/*.py"):
        for path in sorted(root.glob(pattern)):
            shown, text = path.relative_to(root), path.read_text(encoding="utf-8")
            if path.stem.lower() in VAGUE:
                yield f"{shown}:1: a module named {path.stem} says nothing about what is in it"
            if shown != Path("scripts/check_rules.py"):
                for number, line in enumerate(text.splitlines(), 1):
                    if _LEFTOVER.search(line):
                        yield f"{shown}:{number}: finish it, or leave it out"
            if shown.is_relative_to("node"):
                tree = ast.parse(text, filename=str(shown))
                yield from late_imports(shown, tree)
                if shown not in MAY_CATCH_ALL:
                    yield from broad_handlers(shown, tree)
                if any(shown.is_relative_to(place) for place in STORIES):
                    yield from waiting_walks(shown, tree)


def main(arguments: list[str]) -> int:
    """Print every broken rule; succeed when there is none."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = sorted(set(breaches(root)))
    print("\n".join(found) if found else "house rules are kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
