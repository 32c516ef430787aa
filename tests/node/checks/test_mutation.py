"""Mutation testing itself: wrongs are made where they should be, named for good, put in place, and noticed or not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from mutation import forked, mutants, python, record  # noqa: E402

SOURCE = b'''"""Says nothing that runs: 1 < 2."""

LIMIT = 10


def take(held: int, amount: int = 3) -> int:
    """1 + 1"""
    if amount > held:
        raise ValueError(f"{amount + 1} is too much")
    log(amount)
    return held - amount
'''


def made(source: bytes = SOURCE) -> list[mutants.Mutant]:
    return list(mutants.named("a.py", source, python.changes(source)))


def test_wrongs_are_in_what_runs_and_not_in_words_types_or_defaults() -> None:
    told = [(one.kind, one.told) for one in made()]

    assert told == [
        ("branch", "`amount > held` → `False`"),
        ("condition", "`amount > held` → `not (amount > held)`"),
        ("relation", "`>` → `<=`"),
        ("relation", "`>` → `>=`"),
        ("refusal", '`raise ValueError(f"{amount + 1} is too much")` removed'),
        ("call", "`log(amount)` removed"),
        ("result", "`return held - amount` → `return None`"),
        ("arithmetic", "`-` → `+`"),
    ]


def test_every_wrong_compiles_and_differs() -> None:
    versions = {one.applied(SOURCE) for one in made()}

    assert len(versions) == len(made()) and SOURCE not in versions
    for version in versions:
        compile(version, "a.py", "exec")


def test_a_name_stays_when_lines_move_and_changes_with_what_is_changed() -> None:
    moved = made(b"import os\n\n" + SOURCE)
    other = made(SOURCE.replace(b"amount > held", b"amount > held + 1"))

    assert [one.id for one in moved] == [one.id for one in made()]
    assert {one.told for one in other if one.id not in {same.id for same in made()}} == {
        "`amount > held + 1` → `False`",
        "`amount > held + 1` → `not (amount > held + 1)`",
        "`+` → `-`",
        "`1` → `2`",
        "`1` → `0`",
    }


def test_the_draw_of_some_is_the_beginning_of_the_draw_of_more() -> None:
    assert mutants.drawn(made(), 3) == mutants.drawn(reversed(made()), 8)[:3]


def test_a_judge_is_heard_whether_it_speaks_raises_dies_or_hangs(tmp_path: Path) -> None:
    def loud() -> str:
        raise ValueError("no")

    def hanging() -> str:
        while True:
            pass

    log = tmp_path / "log"
    assert forked.verdict(lambda: "", 60, log) == ""
    assert forked.verdict(lambda: "test_a", 60, log) == "test_a"
    assert forked.verdict(loud, 60, log) == "ValueError: no"
    assert forked.verdict(lambda: str(sys.exit(3)), 60, log) == "SystemExit: 3"
    assert forked.verdict(hanging, 0.2, log) == "it did not end in time"
    assert forked.verdict(hanging, 60, log, processor=1) == "the process died"


def test_a_record_goes_on_where_it_stopped_and_counts_what_was_explained(tmp_path: Path) -> None:
    one, two, three = made()[:3]
    kept = record.Record.at(tmp_path / "a.json")
    kept.keep(one, record.KILLED, "test_a")
    kept.keep(two, record.SURVIVED, "tests")
    kept.keep(three, record.SURVIVED, "tests")

    again = record.Record.at(tmp_path / "a.json")
    again.settle([one, two])

    assert again.known(one) and not again.known(three)
    counts = again.counts({two.id: "says the same"})
    assert counts == {"killed": 1, "equivalent": 1}
    assert record.share(counts) == 1 and record.share({"killed": 3, "survived": 1}) == 0.75


def test_who_noticed_wrongs_in_a_function_is_asked_first_about_the_next(tmp_path: Path) -> None:
    kept = record.Record.at(tmp_path / "a.json")
    for mutant, by in zip(made(), ["test_b", "test_a", "test_a", "", "test_c"], strict=False):
        kept.keep(mutant, record.KILLED if by else record.SURVIVED, by or "tests")

    assert kept.killers("take") == ["test_a", "test_b", "test_c"]
    assert kept.killers("give") == []


def test_only_what_the_walk_let_pass_waits_for_the_contracts_own_tests(tmp_path: Path) -> None:
    kept = record.Record.at(tmp_path / "a.json")
    passed, tested, noticed, new = made()[:4]
    kept.keep(passed, record.SURVIVED, record.WALK)
    kept.keep(tested, record.SURVIVED, "tests")
    kept.keep(noticed, record.KILLED, record.WALK)

    assert [kept.waits(one) for one in (passed, tested, noticed, new)] == [True, False, False, False]
    assert [kept.survived(one) for one in (passed, tested, noticed, new)] == [True, True, False, False]


@pytest.mark.parametrize("module", ["domain/money"])
def test_wrongs_in_a_module_are_noticed_by_its_tests(tmp_path: Path, module: str) -> None:
    words = ["scripts/mutate.py", "python", "--only", module, "--first", "4", "--folder", str(tmp_path)]
    run = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    outcomes = json.loads((tmp_path / "python.json").read_text())["outcomes"].values()

    assert run.returncode == 0, run.stderr
    assert len(outcomes) == 4 and sum(one["outcome"] == "killed" for one in outcomes) >= 3
