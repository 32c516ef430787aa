"""A robot balances by a node near it, which is killed, and goes on by one that is farther; every call is paid."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from shelves import served


def test_a_robot_stands_though_its_node_is_killed_and_the_captures_owner_is_paid(tmp_path, running_in):
    command = [sys.executable, "-m", "thenar", "demo", "reflex", "--json", "--keep", str(tmp_path / "kept")]
    quiet = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=quiet)

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["stands"] is True
    assert len([name for name in told["by_node"] if name != "its own reflex"]) == 2
    assert float(told["sums"]["redeemed"]) > 0
    assert float(told["sums"]["ana earned"]) > 0
    assert told["sums"]["ledger holds"] == told["sums"]["ledger owes"]
    assert running_in(tmp_path) == []
    known = served(tmp_path / "kept")
    assert known["services"] >= 2 and known["channels"] >= 2, known
