"""The closing summary, the coverage judge and the comparison of deployed code tell the truth."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutable_code import matches_but_for_immutables

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


def script(name: str) -> ModuleType:
    """Load one of the programs in scripts/."""
    path = SCRIPTS / name
    spec = importlib.util.spec_from_loader(path.stem, SourceFileLoader(path.stem, str(path)))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


JUNIT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>
<testcase name="c"><error message="set-up"/></testcase>
<testcase name="d"><skipped message="no ipfs on PATH"/></testcase>
</testsuite></testsuites>"""


def test_summary_ends_with_sums_over_the_suites(tmp_path: Path) -> None:
    run_tests = script("run_tests.py")
    report = tmp_path / "node.xml"
    report.write_text(JUNIT)
    node, e2e = run_tests.Outcome("node", code=1), run_tests.Outcome("e2e", passed=3)

    node.read(report)
    text = run_tests.summary([node, e2e])

    assert text.splitlines()[-1] == "4 passed, 2 failed, 1 skipped"
    assert "  node: 1 × no ipfs on PATH" in text


def test_suite_that_broke_before_counting_is_a_failure() -> None:
    run_tests = script("run_tests.py")

    text = run_tests.summary([run_tests.Outcome("contracts", code=3)])

    assert text.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"
    assert "FAILED (3)" in text


def suite_of(folder: Path, body: str) -> tuple[ModuleType, Path]:
    """The runner of suites, pointed at a checkout that holds one test file."""
    run_tests = script("run_tests.py")
    (folder / "tests" / "node").mkdir(parents=True)
    (folder / "tests" / "node" / "test_it.py").write_text(body)
    run_tests.ROOT, run_tests.OUT = folder, folder / "out"
    run_tests.OUT.mkdir()
    run_tests.PYTEST = [sys.executable, "-m", "pytest", "-p", "no:pytest-brownie", "-p", "no:cacheprovider"]
    run_tests.SUITES, run_tests.ALONE = {"node": [*run_tests.PYTEST, "tests/node"]}, run_tests.PYTEST
    return run_tests, folder


def test_a_test_that_passes_alone_is_counted_and_named_unsteady(tmp_path: Path) -> None:
    mark = "    mark = Path('mark')\n    was = mark.exists()\n    mark.touch()\n    assert was\n"
    body = f"from pathlib import Path\n\ndef test_late():\n{mark}"
    run_tests, _ = suite_of(tmp_path, body)

    outcome = run_tests.run("node")

    assert (outcome.well, outcome.passed, outcome.failed) == (True, 1, 0)
    assert "node: unsteady, passed alone: tests/node/test_it.py::test_late" in run_tests.summary([outcome])


def test_a_test_that_fails_alone_too_fails_the_suite(tmp_path: Path) -> None:
    run_tests, _ = suite_of(tmp_path, "def test_wrong():\n    assert False\n")

    outcome = run_tests.run("node")

    assert (outcome.well, outcome.failed, outcome.unsteady) == (False, 1, [])


@pytest.fixture
def coverage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The coverage judge, looking at a checkout with one own contract, one mock and one foreign file."""
    judge = script("check_coverage.py")
    (tmp_path / "contracts" / "mocks").mkdir(parents=True)
    (tmp_path / "build" / "contracts").mkdir(parents=True)
    (tmp_path / "contracts" / "Own.sol").write_text("contract Own {\n  a();\n  if (b) c();\n}\n")
    (tmp_path / "contracts" / "mocks" / "Mock.sol").write_text("contract Mock {}\n")
    paths = {"1": "contracts/Own.sol", "2": "contracts/mocks/Mock.sol", "3": "node_modules/Other.sol"}
    build = json.dumps({"allSourcePaths": paths, "coverageMap": {"statements": {"1": {"Own.a": {"0": [17, 20]}}}}})
    for name in ("Own", "Heir"):
        (tmp_path / "build" / "contracts" / f"{name}.json").write_text(build)
    monkeypatch.setattr(judge, "ROOT", tmp_path)
    monkeypatch.setattr(judge, "BUILD", tmp_path / "build" / "contracts")
    monkeypatch.setattr(judge, "REPORT", tmp_path / "coverage.json")
    return judge


def report(judge: ModuleType, statements: object, branches: object) -> None:
    """Write what Brownie would have written."""
    judge.REPORT.write_text(json.dumps({"highlights": {"statements": statements, "branches": branches}}))


def test_only_own_files_are_judged(coverage: ModuleType) -> None:
    foreign = {"2": [[0, 5, "red", ""]], "3": [[0, 5, "red", ""]]}
    report(coverage, {"Own": {"1": [[17, 20, "green", ""]], **foreign}}, {"Own": {"1": [[29, 30, "green", ""]]}})

    assert coverage.main() == 0


def test_sides_of_a_branch_add_up_over_contracts(coverage: ModuleType) -> None:
    halves = {"Own": {"1": [[29, 30, "yellow", ""]]}, "Heir": {"1": [[29, 30, "orange", ""]]}}
    report(coverage, {"Own": {"1": [[17, 20, "green", ""]]}}, halves)

    assert coverage.main() == 0


def test_half_a_branch_and_a_dead_statement_are_gaps(coverage: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    report(coverage, {"Own": {"1": [[17, 20, "red", ""]]}}, {"Own": {"1": [[29, 30, "yellow", ""]]}})

    assert coverage.main() == 1
    told = capsys.readouterr().out
    assert "contracts/Own.sol:2: statement never reached" in told
    assert "contracts/Own.sol:3: branch never false reached" in told


def test_own_file_that_was_not_traced_is_a_gap(coverage: ModuleType) -> None:
    report(coverage, {}, {})

    assert coverage.main() == 1


def test_own_file_without_a_statement_has_no_gap(coverage: ModuleType) -> None:
    built = {"allSourcePaths": {"1": "contracts/Own.sol"}, "coverageMap": {"statements": {"1": {}}}}
    (coverage.BUILD / "Own.json").write_text(json.dumps(built))
    report(coverage, {}, {})

    assert coverage.main() == 0


TAIL = b"\xa2\x64ipfs" + bytes(4) + (10).to_bytes(2, "big")


@given(value=st.binary(min_size=32, max_size=32))
def test_any_value_may_stand_where_an_immutable_goes(value: bytes) -> None:
    compiled = b"\x60\x7f" + b"\x7f" + bytes(32) + b"\x00" + TAIL

    deployed = b"\x60\x7f" + b"\x7f" + value + b"\x00" + TAIL

    assert matches_but_for_immutables(deployed, compiled.hex())


@given(at=st.integers(min_value=0, max_value=34), flip=st.integers(min_value=1, max_value=255))
def test_any_other_byte_must_be_the_compilers(at: int, flip: int) -> None:
    compiled = b"\x60\x7f" + b"\x7e" + bytes(31) + b"\x00" + TAIL
    deployed = bytearray(compiled)
    deployed[at] ^= flip

    assert not matches_but_for_immutables(bytes(deployed), compiled.hex())


def test_ports_of_a_checkout_stay_in_their_block_and_yield_to_a_running_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = script("brownie")
    monkeypatch.delenv("THENAR_PORT", raising=False)
    monkeypatch.setattr(launcher, "block_is_free", lambda port: True)
    first = launcher.choose_port()

    monkeypatch.setattr(launcher, "block_is_free", lambda port: port != first)

    assert (first - launcher.FIRST_PORT) % launcher.BLOCK == 0
    assert launcher.choose_port() != first


RESULTS = """<testsuites><testsuite>
<testcase name="a"><properties>
  <property name="seconds" value="5.2"/><property name="same" value="True"/>
</properties></testcase>
<testcase name="b"><properties><property name="hypothesis-statistics" value="x"/></properties><failure/></testcase>
<testcase name="c"><skipped message="no anvil"/></testcase>
</testsuite></testsuites>"""


def test_every_acceptance_check_is_tests_that_exist():
    for check in script("acceptance.py").CHECKS.values():
        assert check.says
        for test in check.tests:
            path, _, name = test.partition("::")
            assert (SCRIPTS.parent / path).is_file(), path
            assert f"def {name}" in (SCRIPTS.parent / path).read_text("utf-8"), test


def test_figures_of_an_acceptance_check_are_those_its_tests_recorded(tmp_path):
    acceptance = script("acceptance.py")
    (tmp_path / "results.xml").write_text(RESULTS)

    figures, counts = acceptance.read(tmp_path / "results.xml")

    assert figures == {"seconds": 5.2, "same": True}
    assert counts == {"passed": 1, "failed": 1, "skipped": 1}
    assert acceptance.read(tmp_path / "none.xml") == ({}, {"passed": 0, "failed": 0, "skipped": 0})


def test_an_unknown_acceptance_check_is_refused_and_the_known_ones_are_listed(capsys):
    assert script("acceptance.py").main(["u99"]) == 2
    assert "u8" in capsys.readouterr().out
