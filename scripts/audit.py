"""Everything an auditor runs, one after the other, with one report: reports/audit.json. Run it as `make audit`.

Usage: .venv/bin/python scripts/audit.py [--calls N] [STEP …]

Steps: build (forge), contracts (all contract tests with tracing; own code must be covered in full), gas, invariants (N
random calls against a model), slither (every high or medium finding needs a written reason in docs/audit.md), proofs
(halmos), mutation (what was recorded is of this source, and enough was noticed), bytecode (built twice, as packaged and
as deployments state), supply (locked by hash, installed as locked, licensed as listed). Exit code 1 when any step
failed. reports/audit.html tells it all on one page.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import audit_page  # noqa: E402
from mutation import page  # noqa: E402

TOOLS = ROOT / ".tools" / "audit" / "bin"
PAGE = ROOT / "docs" / "audit.md"
OUT = ROOT / "build" / "audit"
LIMIT_SECONDS = 1_800
WEIGHTY = ("High", "Medium")

_ROW = re.compile(
    r"^\| `(?P<check>[a-z0-9-]+)` \| (?P<places>`[\w.]+`(?:, `[\w.]+`)*) \| (?P<why>\S.*) \|$", re.MULTILINE
)
_PROOF = re.compile(r"\[(?P<how>PASS|FAIL|TIMEOUT|ERROR)\](?:\x1b\[0m)? (?P<what>check_\w+)")  # coloured or not

Report = dict[str, Any]


def environment() -> dict[str, str]:
    """This checkout's tools first, its own home folder, its own compiler."""
    compiler = next((ROOT / ".solcx").glob("solc-v*"), None)
    if compiler is None:
        sys.exit("audit: there is no compiler here; run `make setup` first")
    paths = [str(ROOT / "node_modules" / ".bin"), str(ROOT / ".venv" / "bin"), str(TOOLS), os.environ.get("PATH", "")]
    (ROOT / ".home").mkdir(exist_ok=True)
    return os.environ | {
        "PATH": os.pathsep.join(paths),
        "HOME": str(ROOT / ".home"),
        "FOUNDRY_SOLC": str(compiler),
        "PYTHONPATH": os.pathsep.join(str(ROOT / place) for place in ("node", "tests/support", "tests/invariants")),
        "PYTHONUNBUFFERED": "1",
    }


def run(name: str, command: list[str]) -> tuple[int, str]:
    """Run a command, keep what it prints in build/audit/<name>.log, and return its exit code and output."""
    log = OUT / f"{name}.log"
    with log.open("wb") as kept:
        code = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(),
            stdout=kept,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_SECONDS,
            check=False,
        ).returncode
    return code, log.read_text("utf-8", errors="replace")


def build(_: argparse.Namespace) -> Report:
    """Compile everything with forge, which slither and halmos read."""
    code, said = run("build", ["forge", "build", "--sizes"])
    sizes = {
        name: int(size.replace(",", "")) for name, size in re.findall(r"^\| (\w+) +\| ([\d,]+) ", said, re.MULTILINE)
    }
    return {"well": code == 0, "largest": dict(sorted(sizes.items(), key=lambda pair: -pair[1])[:5])}


def contracts(_: argparse.Namespace) -> Report:
    """All contract tests, traced, and the coverage of own code."""
    code, said = run("contracts", ["make", "--no-print-directory", "coverage"])
    counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for number, word in re.findall(r"(\d+) (passed|failed|skipped)", said):
        counts[word] += int(number)  # traced and untraced runs
    covered = re.findall(r"^(\d+ of \d+ (?:statements|branches)) of own code$", said, re.MULTILINE)
    return {"well": code == 0, **counts, "covered": covered}


def gas(_: argparse.Namespace) -> Report:
    """What every action costs, held against its target."""
    code, _said = run("gas", [str(ROOT / "scripts" / "brownie"), "run", "gas"])
    return {"well": code == 0, "rows": len(json.loads((ROOT / "reports" / "gas.json").read_text())) if code == 0 else 0}


def invariants(asked: argparse.Namespace) -> Report:
    """Random traces against the model."""
    command = [sys.executable, "tests/invariants/walk.py", "--calls", str(asked.calls), "--seed", str(asked.seed)]
    code, said = run("invariants", command)
    return {"well": code == 0, "calls": asked.calls, "seed": asked.seed, "said": said.strip().splitlines()[-3:]}


def slither(_: argparse.Namespace) -> Report:
    """Static analysis; a weighty finding without a reason on the page fails, and so does a reason without a finding."""
    found = OUT / "slither.json"
    found.unlink(missing_ok=True)
    skipped = "node_modules|contracts/mocks|tests/proofs"
    run(
        "slither",
        ["slither", ".", "--compile-force-framework", "foundry", "--filter-paths", skipped, "--json", str(found)],
    )
    if not found.exists():
        return {"well": False, "said": "slither wrote no report; see build/audit/slither.log"}
    weighty = {
        place(one) for one in json.loads(found.read_text())["results"].get("detectors", []) if one["impact"] in WEIGHTY
    }
    rows = list(_ROW.finditer(PAGE.read_text("utf-8")))
    reasons = {(row["check"], where) for row in rows for where in re.findall(r"`([\w.]+)`", row["places"])}
    told = {f"{check} in {where}" for check, where in weighty - reasons}
    stale = {f"{check} in {where}" for check, where in reasons - weighty}
    return {
        "well": not told and not stale,
        "weighty": len(weighty),
        "without a reason": sorted(told),
        "stale": sorted(stale),
    }


def place(finding: Report) -> tuple[str, str]:
    """A finding as the page names it: the detector, and contract and function it is about."""
    for element in finding["elements"]:
        if element["type"] == "function":
            return finding["check"], f"{element['type_specific_fields']['parent']['name']}.{element['name']}"
    parents = [one.get("type_specific_fields", {}).get("parent", {}) for one in finding["elements"]]
    function = next((one for one in parents if one.get("type") == "function"), None)
    if function:
        return finding["check"], f"{function['type_specific_fields']['parent']['name']}.{function['name']}"
    return finding["check"], finding["elements"][0]["name"]


def proofs(_: argparse.Namespace) -> Report:
    """What halmos can prove for all inputs."""
    command = [
        "halmos",
        "--function",
        "check_",
        "--forge-build-out",
        "build/forge/out",
        "--loop",
        "8",
        "--solver-timeout-assertion",
        "60000",
    ]
    code, said = run("proofs", command)
    told = {row["what"]: row["how"] for row in _PROOF.finditer(said)}
    return {
        "well": code == 0 and bool(told),
        "proved": sorted(name for name, how in told.items() if how == "PASS"),
        "told": told,
    }


def mutation(_: argparse.Namespace) -> Report:
    """What mutation testing recorded: of this source, enough noticed, every survivor with a reason."""
    told = {name: page.figures(name) for name in page.CAMPAIGNS}
    well = all(
        one["share"] >= page.CAMPAIGNS[name][1]
        and not (one["changed since"] or one["without a reason"] or one["not judged"] or one["waiting"])
        for name, one in told.items()
    )
    return {"well": well, **told}


def bytecode(_: argparse.Namespace) -> Report:
    """Creation code built twice, held against what is packaged and what deployments state."""
    code, said = run("bytecode", [sys.executable, "scripts/rebuild.py", "--json"])
    told = json.loads(said.strip().splitlines()[-1]) if said.strip().endswith("}") else {"said": said[-300:]}
    return {"well": code == 0, **told}


def supply(_: argparse.Namespace) -> Report:
    """What all is made of, in reports/sbom.json: locked, installed, licensed."""
    code, said = run("supply", [sys.executable, "scripts/supply_chain.py"])
    return {"well": code == 0, "said": said.strip().splitlines()[-20:]}


def processor_seconds() -> float:
    """What all programs started here and ended by now have used, on all cores: what a busy machine does not stretch."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


STEPS: dict[str, Callable[[argparse.Namespace], Report]] = {
    "build": build,
    "contracts": contracts,
    "gas": gas,
    "invariants": invariants,
    "slither": slither,
    "proofs": proofs,
    "mutation": mutation,
    "bytecode": bytecode,
    "supply": supply,
}


def main() -> int:
    """Run the steps asked for, or all, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000_000, help="random calls against the model")
    parser.add_argument("--seed", type=int, default=1, help="where the random traces begin")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    asked = parser.parse_args()
    unknown = set(asked.steps) - set(STEPS)
    if unknown:
        parser.error(f"no step named {', '.join(sorted(unknown))}; there are {', '.join(STEPS)}")
    OUT.mkdir(parents=True, exist_ok=True)
    report: Report = {}
    for name in asked.steps or STEPS:
        began, spent = time.monotonic(), processor_seconds()
        print(f"── {name} ", flush=True)
        report[name] = {**STEPS[name](asked), "seconds": 0}
        report[name]["seconds"] = round(time.monotonic() - began)
        report[name]["processor seconds"] = round(processor_seconds() - spent)
        print(f"   {json.dumps(report[name], ensure_ascii=False)}", flush=True)
    (ROOT / "reports").mkdir(exist_ok=True)
    (ROOT / "reports" / "audit.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    (ROOT / "reports" / "audit.html").write_text(audit_page.page(report), encoding="utf-8")
    failed = [name for name, one in report.items() if not one["well"]]
    print(f"audit: {'failed in ' + ', '.join(failed) if failed else 'green'}, reports/audit.json and audit.html")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
