"""Measure the node beside its limits and write reports/bench.json.

Usage: .venv/bin/python scripts/bench.py [NAME …]        names are the modules in scripts/benchmarks

A benchmark is a module with `run()`, which returns `{key: {"value", "unit", "target", "better", "detail"}}`. Where it
needs something that may be absent it also has `missing()`, which returns the reason in one line, or None. Each runs in
a process of its own, so that memory is measured from idle. Keys of benchmarks that were not run keep their last value.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "scripts" / "benchmarks"
REPORT = ROOT / "reports" / "bench.json"
LIMIT_SECONDS = 600

Entries = dict[str, dict[str, Any]]


def names() -> list[str]:
    """Return every benchmark there is."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def run_here(name: str, out: Path) -> int:
    """Run one benchmark in this process and leave its entries, or why there are none, in ``out``."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", FOLDER / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    missing = module.missing() if hasattr(module, "missing") else None
    out.write_text(json.dumps({"missing": missing} if missing else {"entries": module.run()}))
    return 0


def run_apart(name: str) -> tuple[Entries, str | None]:
    """Run one benchmark in a child; return its entries, or the reason why it did not run or failed."""
    paths = [str(ROOT / ".tools" / "bin"), str(ROOT / "node_modules" / ".bin"), os.environ.get("PATH", "")]
    support = os.pathsep.join([str(ROOT / "node"), str(ROOT / "tests" / "support"), str(FOLDER)])
    env = os.environ | {"PATH": os.pathsep.join(paths), "PYTHONPATH": support}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        child = subprocess.Popen([sys.executable, __file__, "--child", name, str(out)], cwd=ROOT, env=env)
        try:
            code = child.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return {}, f"FAILED: took longer than {LIMIT_SECONDS} s"
        if code:
            return {}, f"FAILED with exit code {code}"
        answer = json.loads(out.read_text())
    if answer.get("missing"):
        return {}, f"not run: {answer['missing']}"
    return answer["entries"], None


def reached(entry: dict[str, Any]) -> bool:
    """Say whether a value is on the right side of its target."""
    value, target = float(entry["value"]), float(entry["target"])
    return value >= target if entry["better"] == "higher" else value <= target


def row(key: str, entry: dict[str, Any]) -> str:
    """Return one line of the table."""
    sign = "≥" if entry["better"] == "higher" else "≤"
    verdict = "reached" if reached(entry) else "MISSED"
    return f"{key:<24}{entry['value']:>12.4g} {entry['unit']:<8}{sign} {entry['target']:<10g}{verdict}"


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, or all, merge what they measured into the report, and print it."""
    if arguments[:1] == ["--child"]:
        return run_here(arguments[1], Path(arguments[2]))
    unknown = [name for name in arguments if name not in names()]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are {', '.join(names())}")
        return 2
    report: Entries = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    fresh: Entries = {}
    notes = []
    for name in arguments or names():
        began = time.monotonic()
        entries, note = run_apart(name)
        fresh |= entries
        if note:
            notes.append(f"{name}: {note}")
        print(f"── {name} {time.monotonic() - began:.0f} s", flush=True)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report | fresh, indent=2, sort_keys=True) + "\n")
    print(
        "\n".join(
            [*(row(key, entry) for key, entry in fresh.items()), *notes, f"written to {REPORT.relative_to(ROOT)}"]
        )
    )
    return 1 if any("FAILED" in note for note in notes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
