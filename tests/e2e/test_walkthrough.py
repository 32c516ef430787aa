"""The walk a stranger takes: every command of docs/walkthrough.md, in order, with real nodes on a real local chain."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from thenar.adapters.chain.devnet import find_anvil
from thenar.errors import BadConfig

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "walkthrough.md"
PORT = "8545"
"""The chain's port as the page writes it."""
SECONDS = 2_400
STOP_ALL = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"
"""Whatever line fails, nothing stays behind."""


def shell_of(page: str) -> str:
    """What the page's shell blocks add up to."""
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL))


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The folder after the walk: what every command answered."""
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    folder = tmp_path_factory.mktemp("stranger")
    (folder / "bin").mkdir()
    (folder / "bin" / "thenar").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m thenar "$@"\n')
    (folder / "bin" / "thenar").chmod(0o755)
    script = f"set -eu -o pipefail\n{STOP_ALL}\n" + shell_of(PAGE.read_text(encoding="utf-8")).replace(
        PORT, free_port()
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("THENAR_")}
    variables = {**kept, "NO_COLOR": "1", "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    variables["PYTHONPATH"] = str(ROOT / "node")
    shell = subprocess.Popen(
        ["bash", "-c", script], cwd=folder, env=variables, start_new_session=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        said, _ = shell.communicate(timeout=SECONDS)
    finally:
        if shell.poll() is None:
            os.killpg(shell.pid, signal.SIGKILL)
    logs = "".join(f"\n--- {path.name}\n{path.read_text()[-1500:]}" for path in sorted((folder / "walk").glob("*.log")))
    assert shell.returncode in (0, 143), said[-4_000:] + logs
    return folder / "walk"


@pytest.fixture
def told(walk):
    """What a command answered."""
    return lambda name: json.loads((walk / f"{name}.json").read_text())


def test_the_preview_was_opened_and_was_honest(told):
    assert told("preview")["stage"] == "opened"


def test_the_sale_settled_and_the_bytes_came(walk, told):
    sale = told("sale")

    assert (sale["stage"], sale["key"], sale["price"]) == ("settled", True, "12.50")
    assert told("allowed")["allowed"] is True
    assert (walk / "bought.pcd").stat().st_size > 2_000_000


def test_the_cheat_cost_its_seller_price_and_bond(told):
    cheat = told("cheat")

    assert (cheat["stage"], cheat["reason"], cheat["bond"]) == ("refunded", "the key was wrong", "5.00")
    assert float(told("after")["account"]) >= 20.0  # ten dollars and both bonds


def test_income_reached_the_capture_it_was_learned_from(told):
    claim = told("claim")

    assert float(claim["leaves"]) == 67.5
    assert claim["passed_over"] == []
    assert "withdrawn" in claim


def test_the_ended_license_allows_nothing_and_lost_time_came_back(told):
    assert told("rented")["stage"] == "settled"
    assert told("ended")["allowed"] is False
    assert 29.9 < float(told("refunded")["account"]) - 15.0 < 30.0  # of twenty deposited, the cheat cost five


def test_what_was_withdrawn_is_said_by_both_sides(told):
    revoked, said, gone = told("revoked"), told("acknowledged"), told("withdrawn")

    assert (revoked["left_out"], revoked["consent_epoch"]) == ("0..3", 1)
    assert (said["exclusion_root"], said["left_out"]) == (revoked["exclusion_root"], "0..3")
    assert (gone["withdrawn"], gone["keys_destroyed"]) == (True, 1)


def test_nothing_is_left_running(walk, running_in):
    assert running_in(walk) == []
