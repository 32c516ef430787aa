"""A missing room: five processes, a copier who loses two bonds, pieces lost, made anew and joined, rewards, sums."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from thenar.domain.money import parse_amount
from thenar.errors import BadInput


def test_a_room_is_asked_for_copied_kept_lost_and_got_back_and_sums_agree(tmp_path, running_in):
    command = [sys.executable, "-m", "thenar", "demo", "capture", "--json", "--keep", str(tmp_path / "kept")]
    quiet = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=1_800, check=False, env=quiet)

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert [one["stage"] for one in told["answers"]] == ["settled", "settled", "refuted"]
    assert [one["who"] for one in told["answers"]] == ["Ana", "Ben", "Mallory"]
    ana, ben, mallory = (float(one["paid"]) for one in told["answers"])
    assert ana > 10 * ben > 0 and mallory == 0
    assert told["trust in ana's capture"] in ("55%", "70%")  # one witness with more or less stake
    sums = told["sums"]
    assert float(sums["paid to ana"]) == ana
    assert ana + ben + float(sums["back to rita"]) == 200
    assert float(sums["mallory lost for the copy"]) > 0 and float(sums["mallory lost for the pieces"]) > 0
    assert sums["ledger holds"] == sums["ledger owes"]
    check_rewards(told["rewards"], sums, lucky=told["rounds the cheat was lucky in"])
    assert (tmp_path / "kept" / "restored" / "room.pcd").read_bytes()
    assert running_in(tmp_path) == []


def check_rewards(rewards, sums, *, lucky):
    """Every kind of proof is there, and no more was claimed than the pool holds.

    Nothing is the cheat's, but for rounds in which none of eight challenges asked for the half she deleted.
    """
    found = {(one["who"], one["for"]) for one in rewards}
    stored = {(who, "storage") for who in ("Ben", "Jon", "Rita", *(["Mallory"] if lucky else []))}
    assert found == {("Ana", "spatial"), ("Ben", "spatial"), ("Ben", "witness")} | stored
    now = [parse_amount(one["THN now"], 6) for one in rewards]
    assert all(units > 0 for units in now) and all(float(one["THN vesting"]) > 0 for one in rewards)
    claimed, pool = (parse_amount(sums[name], 6) for name in ("THN claimed", "THN in the pool"))
    cut_off = len(now)  # a millionth of a token at most for each row
    assert 0 <= claimed - sum(now) <= cut_off
    assert claimed <= pool


def test_a_story_that_records_its_own_refuses_a_file():
    command = [sys.executable, "-m", "thenar", "demo", "compute", "--capture", "room.pcd", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == BadInput.exit_code
    assert json.loads(done.stdout)["error"]["message"] == "`thenar demo compute` records its own"
