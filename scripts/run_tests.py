"""Run the suites one after the other and print one table at the end.

Usage: .venv/bin/python scripts/run_tests.py [check|contracts|invariants|node|integration|e2e …]

A suite's output goes to build/test/<suite>.log and its results to build/test/<suite>.xml; what fails is shown. A test
that fails beside others runs once more alone: what passes then is counted, and named as unsteady, because on a busy
machine real processes can be late. The last line reads `N passed, N failed, N skipped`, summed over the suites. The
exit code is 1 when any suite failed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "test"
BIN = ROOT / ".venv" / "bin"
_CORES = max(1, min(4, len(os.sched_getaffinity(0))))
BUSY, WAITING = str(_CORES), str(_CORES + 1)
"""Workers for what computes, and for what starts processes and waits for them or for windows to pass."""
LIMIT_SECONDS = 2700  # for one suite, on a busy machine
NO_TESTS, SOME_FAILED = 5, 1  # pytest's exit codes
TAIL = 120
GROUP = re.compile(r"@fleet$")
"""What pytest-xdist writes behind the names of a group."""
MOST_UNSTEADY = 3
"""As many failures of a suite as are tried again: more are no accident."""

PYTEST = [str(BIN / "python"), "-m", "pytest", "-p", "no:pytest-brownie", "-p", "no:cacheprovider"]
ALONE = [*PYTEST, "-p", "no:xdist"]
SUITES = {
    "check": [str(BIN / "python"), "scripts/check.py"],
    "contracts": [str(ROOT / "scripts" / "brownie"), "test", "tests/contracts", "-n", BUSY],
    "invariants": [*PYTEST, "tests/invariants", "tests/simulation"],
    "node": [*PYTEST, "tests/node", "-n", WAITING, "--dist", "loadgroup"],
    # Tests of one file may share nodes, and those of a group what else is slow to start.
    "integration": [*PYTEST, "tests/integration", "-n", WAITING, "--dist", "loadfile"],
    "e2e": [*PYTEST, "tests/e2e", "-n", WAITING, "--dist", "loadfile"],
}


@dataclass
class Outcome:
    """What came of one suite."""

    name: str
    code: int = 0
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """A suite is well when its runner said so and counted no failure."""
        return self.code == 0 and self.failed == 0

    def read(self, report: Path) -> None:
        """Take the counts from a JUnit file, when the runner wrote one."""
        if not report.exists():
            return
        for case in ElementTree.parse(report).iter("testcase"):
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed += 1
                self.failures.append(test_id(case))
            elif skipped is not None:
                self.skipped += 1
                self.reasons[skipped.get("message") or "no reason given"] += 1
            else:
                self.passed += 1


def environment() -> dict[str, str]:
    """Return the environment every suite runs in: this checkout's tools first, and a home folder of its own."""
    paths = [str(ROOT / ".tools" / "bin"), str(ROOT / "node_modules" / ".bin"), str(BIN), os.environ.get("PATH", "")]
    support = os.pathsep.join(str(ROOT / place) for place in ("node", "tests/support", "tests/invariants"))
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {  # the suites start thousands of processes: each would compile the node anew
        "PATH": os.pathsep.join(paths),
        "PYTHONPATH": support,
        "PYTHONUNBUFFERED": "1",
        "HOME": str(ROOT / ".home"),
    }


def run(name: str) -> Outcome:
    """Run one suite to its end, keep its log, and show the end of it when it fails."""
    outcome, report, log = Outcome(name), OUT / f"{name}.xml", OUT / f"{name}.log"
    command = list(SUITES[name])
    if name != "check":
        folder = ROOT / "tests" / name
        if not any(folder.rglob("test_*.py")):
            outcome.reasons["no tests here"] += 1
            return outcome
        command.append(f"--junitxml={report}")
    report.unlink(missing_ok=True)
    print(f"── {name} ", flush=True)
    began = time.monotonic()
    shown = name == "check" or sys.stdout.isatty()
    outcome.code = follow(command, log, shown=shown)
    outcome.seconds = time.monotonic() - began
    outcome.read(report)
    if outcome.code == NO_TESTS and not outcome.failed:
        outcome.code = 0
    if outcome.code == SOME_FAILED and 0 < outcome.failed <= MOST_UNSTEADY:
        print("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]), flush=True)
        try_again(outcome)
    if name == "check":
        outcome.passed, outcome.failed = checks_in(log)
    if not outcome.well and not shown:
        print("\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]), flush=True)
    print(f"   {counts(outcome)} in {outcome.seconds:.0f} s", flush=True)
    return outcome


def test_id(case: ElementTree.Element) -> str:
    """Return the name by which pytest runs a case of a JUnit file again; the classname is its module, with dots."""
    module = Path(*(case.get("classname") or "").split("."))
    return f"{module}.py::{GROUP.sub('', case.get('name') or '')}"


def again(name: str, failure: str) -> list[str]:
    """Return the command that runs one failed test of a suite alone."""
    if name == "contracts":
        path, _, test = failure.partition("::")
        return [*SUITES[name][:2], path, "-k", test.partition("[")[0]]
    return [*ALONE, failure]


def try_again(outcome: Outcome) -> None:
    """Run what failed once more, each test alone; what passes now was unsteady, and the summary says so."""
    for number, failure in enumerate(outcome.failures):
        log = OUT / f"{outcome.name}-again-{number}.log"
        print(f"   once more, alone: {failure}", flush=True)
        if follow(again(outcome.name, failure), log, shown=False) == 0:
            outcome.unsteady.append(failure)
    outcome.failed -= len(outcome.unsteady)
    outcome.passed += len(outcome.unsteady)
    if outcome.failed == 0:
        outcome.code = 0


def follow(command: list[str], log: Path, *, shown: bool) -> int:
    """Run a command with its output in ``log``, shown as it comes when asked, and return its exit code.

    The command leads a process group of its own, which ends with it, with the deadline, or with us.
    """
    channels: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), start_new_session=True, **channels)
    deadline = threading.Timer(LIMIT_SECONDS, stop_group, [process.pid])
    deadline.start()
    try:
        with log.open("wb", buffering=0) as kept:
            for line in process.stdout or ():
                kept.write(line)
                if shown:
                    sys.stdout.write(line.decode(errors="replace"))
                    sys.stdout.flush()
        return process.wait()
    finally:
        deadline.cancel()
        stop_group(process.pid)


def stop_group(leader: int) -> None:
    """Stop a suite and whatever it left running."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def checks_in(log: Path) -> tuple[int, int]:
    """Count what passed and what failed in the log of ``check.py``."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(line.startswith("ok    ") for line in lines), sum(line.startswith("FAIL  ") for line in lines)


def counts(outcome: Outcome) -> str:
    """Return the three counts of an outcome as words."""
    return f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"


def summary(outcomes: list[Outcome]) -> str:
    """Return the closing table, the reasons for skipping, and the line with the sums."""
    rule = "─" * 62
    lines = ["", f"{'suite':<14}{'passed':>9}{'failed':>9}{'skipped':>9}{'seconds':>10}  result", rule]
    for one in outcomes:
        row = f"{one.name:<14}{one.passed:>9}{one.failed:>9}{one.skipped:>9}{one.seconds:>10.1f}"
        lines.append(f"{row}  {'ok' if one.well else f'FAILED ({one.code})'}")
    total = Outcome("total", seconds=sum(one.seconds for one in outcomes))
    for one in outcomes:
        # a suite that broke before it could count is still one failure
        total.failed += one.failed or (0 if one.well else 1)
        total.passed += one.passed
        total.skipped += one.skipped
    lines += [rule, f"{'total':<14}{total.passed:>9}{total.failed:>9}{total.skipped:>9}{total.seconds:>10.1f}"]
    for one in outcomes:
        lines += [f"  {one.name}: {count} × {reason}" for reason, count in one.reasons.most_common()]
        lines += [f"  {one.name}: unsteady, passed alone: {test}" for test in one.unsteady]
    return "\n".join([*lines, "", counts(total)])


def main(names: list[str]) -> int:
    """Run the named suites, or all, and sum them up."""
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"no suite named {', '.join(unknown)}; there are {', '.join(SUITES)}")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the suite under way is stopped too
    OUT.mkdir(parents=True, exist_ok=True)
    (ROOT / ".home").mkdir(exist_ok=True)
    outcomes = [run(name) for name in names or SUITES]
    print(summary(outcomes), flush=True)
    return 0 if all(outcome.well for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
