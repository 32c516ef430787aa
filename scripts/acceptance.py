"""Run acceptance checks; each writes reports/<id>.json with the figures it reached.

Usage: .venv/bin/python scripts/acceptance.py [ID …]       without an id, the checks there are

A check is a set of tests at full size: they say what must hold, and record the figures this script writes down. In
`make test` the same tests run at a smaller size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
SIZE_VARIABLE = "THENAR_ACCEPTANCE"
LIMIT_SECONDS = 3 * 3_600
"""The longest checks, r9 and r11, take more than an hour."""


@dataclass(frozen=True)
class Check:
    """What must hold, and the tests that show it."""

    says: str
    tests: tuple[str, ...]


CLI, ADAPTERS = "tests/node/cli", "tests/node/adapters"
PAGES = "tests/e2e/test_pages.py"
JOURNEYS = (
    "test_people_trade_with_node_and_wallet_and_every_trouble_is_met",
    "test_the_browser_finds_nothing_wrong_and_asks_nobody_else",
    "test_nothing_is_left_running",
)
CHECKS = {
    "s5": Check(
        "locked by hash, installed as locked, licensed as listed; wheel, npm package and bytecode rebuild alike",
        (
            "tests/node/checks/test_supply_chain.py",
            "tests/e2e/test_first_run.py::test_a_wheel_is_the_same_wherever_it_is_built",
        ),
    ),
    "s6": Check(
        "every attack of the threat model names what shows it: tests that exist, or a dated acceptance",
        (
            "tests/node/checks/test_house_checks.py::test_every_attack_of_the_model_is_shown_by_tests_or_accepted_on_a_day",
        ),
    ),
    "u18": Check(
        "a fresh project with the packed npm package: ten calls compile, ten mistakes do not, one contract is small",
        (
            "tests/integration/test_sdk.py::test_ten_calls_compile_and_ten_mistakes_do_not",
            "tests/integration/test_sdk.py::test_one_contract_is_small_on_the_wire",
        ),
    ),
    "u19": Check(
        "viem, eth-account and Solidity sign the same; domains are named; wallets show every call",
        ("tests/integration/test_typed_data.py",),
    ),
    "u1": Check("from a wheel to a ready node: 3 commands, no question, 60 s", ("tests/e2e/test_first_run.py",)),
    "u3": Check(
        "every command in states that go wrong: a documented code, JSON, no traceback",
        (f"{CLI}/test_every_command.py", f"{CLI}/test_exit_codes.py"),
    ),
    "u4": Check(
        "every command answers JSON after the shipped schema, whatever is down, locked or missing",
        (f"{CLI}/test_every_command.py", "tests/integration/test_json_in_every_state.py"),
    ),
    "u5": Check(
        "8 of 8 outages named within 60 s, no false alarm in 30 simulated days",
        (
            f"{CLI}/test_seen_from_outside.py",
            "tests/integration/test_status_is_true.py",
            "tests/node/commands/test_thirty_days.py",
        ),
    ),
    "u6": Check(
        "chain and store dead: status within 3 s, at least 6 sections, exit 5",
        ("tests/integration/test_status_is_true.py",),
    ),
    "u7": Check(
        "disk figures within 1 % of du after adds, drops, collections and kills",
        ("tests/integration/test_disk_is_told_truly.py",),
    ),
    "u8": Check("faults seeded for real: all named with a next step, some mended", (f"{CLI}/test_doctor.py",)),
    "u9": Check(
        "a foreign, unmounted, newer or doubly opened data directory is refused: exit 4 or 12, no byte written",
        ("tests/integration/test_wrong_directories.py", "tests/node/test_home.py"),
    ),
    "u10": Check("backup under load, restore elsewhere, audit, no second copy", (f"{CLI}/test_backup.py",)),
    "u11": Check("migrations killed at every statement are resumed", ("tests/integration/journal/test_migrations.py",)),
    "u12": Check("metrics, board, rules and page agree; every rule fires", ("tests/node/commands/test_metrics.py",)),
    "r5": Check(
        "a node killed 20 times at each of 42 points: nothing acknowledged lost, nothing twice, back within 10 s",
        ("tests/e2e/test_every_crash_point.py",),
    ),
    "r6": Check(
        "power cut at 500 moments under a layer that forgets what was not synced: nothing told to be safe is lost; "
        "1,000 files spoiled by a disk: found or harmless, none served, no crash, and how many rows changed unnoticed",
        ("tests/integration/journal/test_power_cut.py", "tests/integration/journal/test_damage.py"),
    ),
    "r7": Check(
        "reorganisations 1 to 64 deep in 200 histories: the journal equals a fresh one; 65 deep is a clean stop",
        (f"{ADAPTERS}/chain/test_reorganisations.py",),
    ),
    "r8": Check(
        "5,000 intents over a bad endpoint, dear gas and a forgetful pool: 5,000 effects, no gap, no fee over the cap",
        (f"{ADAPTERS}/chain/test_sending_through_trouble.py",),
    ),
    "r9": Check(
        "real nodes and contracts in one process, every fault: nothing breaks, seeds replay, what is planted is found",
        (
            "tests/simulation/test_paper_evm.py",
            "tests/simulation/test_undone.py",
            "tests/simulation/test_whole_network.py",
        ),
    ),
    "r10": Check(
        "20 hostile peers, 2,000 frames a second, a megabyte each, 100,000 topics: honest words arrive, memory stays",
        ("tests/integration/test_gossip_flood.py",),
    ),
    "r11": Check(
        "30 minutes of everything at once, after 45 of the same: memory grows by 1 MB an hour at most, files and tasks "
        "do not, p95 50 ms",
        ("tests/integration/test_soak.py",),
    ),
    "r12": Check(
        "10,000 blocks from a daemon that lies in nine ways: no bad byte taken, given up within 5 s",
        (f"{ADAPTERS}/test_lying_daemon.py",),
    ),
    "r13": Check(
        "100,000 lives of a node with backups, restores and lists: no conflicting signature; a corpus of 100 vectors",
        ("tests/node/domain/test_guard.py", f"{ADAPTERS}/journal/test_signing_guard.py", f"{CLI}/test_statements.py"),
    ),
    "s2": Check(
        "50,000 hostile inputs to every reader of what strangers write: taken or refused, soon, in little memory",
        ("tests/node/test_hostile_inputs.py", f"{ADAPTERS}/media/test_hostile.py", f"{ADAPTERS}/p2p/test_hostile.py"),
    ),
    "s3": Check(
        "attacks on the API over real connections, a page of another origin in a real browser: all refused; "
        "a trap that endpoints, strangers and callers lead to sees nobody",
        (
            f"{ADAPTERS}/web/test_attacks.py",
            "tests/integration/test_foreign_pages.py",
            f"{ADAPTERS}/test_unnamed_places.py",
            "tests/integration/test_callers_lead_nowhere.py",
        ),
    ),
    "s4": Check(
        "keys at rest: dear to guess, one wrong password a second, nowhere in plain",
        (f"{ADAPTERS}/test_tries.py", f"{ADAPTERS}/test_keyring.py", "tests/integration/test_keys_at_rest.py"),
    ),
    "u13": Check(
        "no planted secret is in the support bundle, the log, the metrics or the process list",
        (f"{CLI}/test_bundle.py", "tests/node/domain/test_endpoints.py", "tests/integration/test_keys_at_rest.py"),
    ),
    "u16": Check(
        "the pages' weight, first paint, a table of 10,000 rows, a map of 50,000 cells",
        ("tests/node/adapters/web/test_page_weights.py", "tests/integration/test_page_budgets.py"),
    ),
    "u14": Check(
        "people trade in a browser, by node and by wallet; every trouble is met, in 120 s",
        tuple(f"{PAGES}::{name}" for name in JOURNEYS),
    ),
    "u15": Check(
        "every page can be read by everybody, light and dark, at 320 to 1920 px, by keys alone",
        (f"{PAGES}::test_every_page_can_be_read_by_everybody_at_every_width",),
    ),
    "u20": Check(
        "every fenced command of the pages runs, at least 60; no dead link; each exit code has a section",
        ("tests/e2e/test_pages_of_docs.py", "tests/e2e/test_walkthrough.py", "tests/node/checks/test_site.py"),
    ),
    "u17": Check(
        "contracts, command line, API and pages say the same in 500 random states; the API answers as described",
        (
            "tests/invariants/test_numbers_agree.py",
            f"{ADAPTERS}/web/test_reading.py::test_whatever_is_asked_is_answered_as_the_description_says",
            "tests/integration/test_fuzzed_api.py",
        ),
    ),
}


def run(name: str) -> bool:
    """Run one check at full size and write its report."""
    check = CHECKS[name]
    print(f"── {name}  {check.says}", flush=True)
    support = os.pathsep.join(str(ROOT / place) for place in ("node", "tests/support", "tests/invariants"))
    env = os.environ | {"PYTHONPATH": support, SIZE_VARIABLE: "full"}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        words = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:pytest-brownie",
            "-p",
            "no:cacheprovider",
            "-o",
            "junit_family=xunit1",
            "-q",
            "-rs",
        ]
        done = subprocess.run(
            [*words, f"--junitxml={results}", *check.tests], cwd=ROOT, env=env, timeout=LIMIT_SECONDS, check=False
        )
        figures, counts = read(results)
    passed = done.returncode == 0 and counts["passed"] > 0 and not counts["skipped"]
    report = {"id": name, "says": check.says, "passed": passed, "figures": figures, "tests": counts}
    report["seconds"] = round(time.monotonic() - began, 1)
    path = ROOT / "reports" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"   {'passed' if passed else 'FAILED'}: {json.dumps(figures)}", flush=True)
    return passed


def read(results: Path) -> tuple[dict[str, object], dict[str, int]]:
    """The figures tests recorded in a JUnit file, and how many tests came out how."""
    figures: dict[str, object] = {}
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    if not results.exists():
        return figures, counts
    for case in ElementTree.parse(results).iter("testcase"):
        outcome = "skipped" if case.find("skipped") is not None else "passed"
        broken = case.find("failure") is not None or case.find("error") is not None
        counts["failed" if broken else outcome] += 1
        for recorded in case.iter("property"):
            name = recorded.get("name", "")
            if not name.startswith("hypothesis-"):
                figures[name] = _value(recorded.get("value", ""))
    return figures, counts


def _value(text: str) -> object:
    """A recorded figure is text in the file: a number or a truth again where it was one."""
    if text in ("True", "False"):
        return text == "True"
    try:
        return json.loads(text)
    except ValueError:
        return text


def main(names: list[str]) -> int:
    """Run the named checks; without a name, list them."""
    unknown = [name for name in names if name not in CHECKS]
    if unknown or not names:
        print("\n".join(f"{name:<5} {check.says}" for name, check in CHECKS.items()))
        return 2 if unknown else 0
    results = [run(name) for name in names]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
