"""Strangers' machines train a hand: five processes, a forger convicted, a node killed and resumed, and exact sums."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from shelves import served


def test_strangers_compute_a_forger_is_slashed_a_killed_node_goes_on_and_sums_agree(tmp_path, running_in):
    command = [sys.executable, "-m", "thenar", "demo", "compute", "--json", "--keep", str(tmp_path / "kept")]
    quiet = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, env=quiet)

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    stages = [claim["stage"] for claim in told["claims"]]
    assert stages.count("slashed") == 1
    assert set(stages) == {"slashed", "finalized"}
    assert (told["done"], told["units"]) == (64, 64)
    assert told["verified_steps"] == 64 * 500
    assert told["sums"]["paid to workers"] == "83.20"
    assert told["sums"]["paid to auditors"] == "91.52"
    assert told["sums"]["paid to input"] == "6.40"
    assert told["sums"]["ana's share of the result's income"] == "2.00"
    assert told["sums"]["ledger holds"] == told["sums"]["ledger owes"]
    returns = [row["mean_return"] for row in told["curve"]]
    assert len(returns) == 5 and max(returns[-2:]) > 1.5 * returns[0]
    assert len({worker for row in told["curve"] for worker in row["workers"]}) >= 2
    assert running_in(tmp_path) == []
    known = served(tmp_path / "kept")
    assert known["bounties"] >= 5 and known["claims"] > 5, known
