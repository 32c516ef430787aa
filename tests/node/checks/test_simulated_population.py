"""The simulated population of workers: the same figures every time, honest people untouched, lies that do not pay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "simulate_compute.py"


def simulated(folder: Path) -> tuple[str, list[dict]]:
    command = [sys.executable, str(SCRIPT), "100", "200", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout, json.loads((folder / "simulate_compute.json").read_text())


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("once"))[1]


def test_two_runs_print_and_write_the_same(tmp_path):
    assert simulated(tmp_path / "one") == simulated(tmp_path / "other")
    assert (tmp_path / "one" / "simulate_compute.svg").read_text().startswith("<svg")


def test_checking_a_population_with_a_record_costs_at_most_fifteen_percent(found):
    assert all(1.05 <= one["overhead"]["steady"] <= 1.15 for one in found)
    assert all(one["overhead"]["beginning"] > one["overhead"]["steady"] for one in found)
    assert all(one["by_round"][0] == pytest.approx(2.0, abs=0.2) for one in found)  # nobody has a record yet


def test_checking_newcomers_costs_at_most_thirty_percent_however_long_pay_is_held(found):
    assert [one["hold"] for one in found] == [1, 3, 9]
    assert all(one["overhead"]["beginning"] <= 1.3 for one in found)


def test_honest_workers_lose_nothing_and_every_kind_of_liar_loses_more_than_it_gains(found):
    for one in found:
        for row in one["kinds"]:
            if row["kind"] == "honest":
                assert (row["lost_stake"], row["told"]) == (0, 0)
            else:
                assert row["caught"] > 0
                assert row["gained_by_lying"] < 0
