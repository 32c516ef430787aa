"""A small simulated network: the same every time, every token unit accounted for, and no cheat that pays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "simulate_network.py"


def simulated(folder: Path, *more: str) -> tuple[int, dict]:
    command = [sys.executable, str(SCRIPT), "--people", "400", "--days", "40", "--folder", str(folder), *more]
    plain = {**os.environ, "PYTHONHASHSEED": str(len(str(folder)))}  # nothing may hang on the order of sets
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=plain)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads((folder / "simulate_network.json").read_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("once")
    return *simulated(folder), (folder / "simulate_network.svg").read_text()


def test_the_same_seed_gives_the_same_events_and_another_one_others(run, tmp_path):
    again, other = simulated(tmp_path / "again")[1], simulated(tmp_path / "longer-name", "--seed", "8")[1]

    assert again == run[1]
    assert other["digest"] != run[1]["digest"]


def test_honest_strategies_earn_more_than_every_cheat(run):
    code, found, _ = run

    income = {row["kind"]: row["income"] for row in found["strategies"]}
    assert code == 0
    assert min(income[kind] for kind in ("contributor", "keeper", "worker")) > 0
    assert income["contributor"] > max(income[kind] for kind in ("copier", "inflater", "griefer"))
    assert income["keeper"] > max(income["dropper"], income["skipper"])
    assert income["worker"] > income["forger"]


def test_every_kind_of_cheat_was_at_work_and_met_something(run):
    counts, lost = run[1]["counts"], {row["kind"]: row["lost"] for row in run[1]["strategies"]}

    assert counts["answered by copier"] and counts["copier judged other"]
    assert counts["inflater judged other"] and counts["contributor judged claim"]
    assert counts["convicted dropper"] and counts["missed by skipper"]
    assert all(lost[kind] > 0 for kind in ("copier", "inflater", "griefer", "dropper", "skipper", "forger"))


def test_budgets_are_paid_out_or_left_and_coverage_rises(run):
    money, coverage = run[1]["money"], run[1]["coverage"]["by_day"]

    assert money["locked"] == pytest.approx(money["paid"] + money["left"])
    assert money["burnt"] > 0 and money["jurors"] > 0
    assert len(coverage) == 40 and coverage[-1] > coverage[0] + 0.2


def test_half_of_the_leaves_gone_is_found_in_the_first_round_and_files_are_mended(run):
    storage = run[1]["storage"]

    assert storage["found_by_round"][0] > 0.9
    assert storage["repaired"] > 0
    assert storage["lost"] <= storage["files"] // 50


def test_it_draws_coverage_incomes_and_detection(run):
    drawn = run[2]

    assert drawn.startswith("<svg") and drawn.count("<polyline") == 2
    assert all(f">{row['kind']}<" in drawn for row in run[1]["strategies"])
