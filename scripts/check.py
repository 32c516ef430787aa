"""Every check that needs no chain: style, types, import rules, contracts' lint, the C part, sizes, trees, ABIs, links,
what shows every row of the threat model, and the calls that the pages make.

Usage: .venv/bin/python scripts/check.py [NAME …]

Checks run two at a time, those that take longest first, and all even when one fails; what a failing check printed is
shown, and the exit code is 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
AT_ONCE = 2


def commands() -> dict[str, list[str]]:
    """Return the checks in the order they run."""
    solhint = [str(ROOT / "node_modules" / ".bin" / "solhint"), "--noPoster", "--max-warnings", "0"]
    return {
        "abis": [PYTHON, "scripts/export_abi.py", "--check"],
        "types": [str(BIN / "mypy")],
        "lint": [str(BIN / "ruff"), "check", "."],
        "format": [str(BIN / "ruff"), "format", "--check", "."],
        "imports": [str(BIN / "lint-imports"), "--no-logo"],
        "solhint": [*solhint, "contracts/**/*.sol"],
        "native": [PYTHON, "hatch_build.py", "--check"],
        "budgets": [PYTHON, "scripts/check_budgets.py"],
        "rules": [PYTHON, "scripts/check_rules.py"],
        "trees": [PYTHON, "tests/support/trees.py"],
        "pages": [PYTHON, "scripts/build_pages.py", "--check"],
        "threats": [PYTHON, "scripts/check_threats.py"],
        "links": [PYTHON, "scripts/check_links.py"],
        "calls": [PYTHON, "scripts/export_calls.py", "--check"],
    }


def run(name: str, command: list[str]) -> bool:
    """Run one check, print one line about it, and what it said when it failed."""
    paths = [str(ROOT / "node_modules" / ".bin"), str(BIN), os.environ.get("PATH", "")]
    support = os.pathsep.join([str(ROOT / "node"), str(ROOT / "tests" / "support")])
    env = os.environ | {"PATH": os.pathsep.join(paths), "PYTHONPATH": support, "NO_COLOR": "1"}
    began = time.monotonic()
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    result = subprocess.run(command, cwd=ROOT, env=env, text=True, **quiet)
    passed = result.returncode == 0
    told = f"{'ok  ' if passed else 'FAIL'}  {name:<8} {time.monotonic() - began:6.1f} s"
    if not passed:
        told += f"\n{result.stdout}"
    print(told, flush=True)
    return passed


def main(names: list[str]) -> int:
    """Run the named checks, or all."""
    known = commands()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no check named {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    asked = names or list(known)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda name: run(name, known[name]), asked))
    print(f"{sum(results)} of {len(results)} checks passed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
