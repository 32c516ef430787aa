"""The main job as a newcomer runs it: one command, one exit code, nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shelves import served

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"


def thenar(*arguments: str, seconds: float = 600) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "thenar", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, check=False, env={**os.environ, "NO_COLOR": "1"}
    )


def test_demo_tells_the_whole_story_as_one_json_object_and_leaves_no_process(tmp_path, running_in):
    done = thenar("demo", "--json", "--keep", str(tmp_path / "kept"))

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert [row["owner"] for row in told["assets"]].count("Ana") == 2
    assert all(row["manifest"].startswith("bafkrei") for row in told["assets"])
    assert all(row["transaction"].startswith("0x") and row["gas"] > 21_000 for row in told["transactions"])
    assert told["sums"]["ledger holds"] == told["sums"]["ledger owes"]
    assert running_in(tmp_path) == []
    known = served(tmp_path / "kept")
    assert min(known[name] for name in ("assets", "terms", "sales", "income", "nodes")) >= 3, known


def test_demo_publishes_the_files_a_user_names(tmp_path, running_in):
    if not SAMPLES.is_dir():
        pytest.skip(f"no sample files in {SAMPLES}")
    captures = (SAMPLES / "pcl_room_scan1.pcd", SAMPLES / "xio_imu_sensor_data.csv")

    done = thenar("demo", "--json", *(part for path in captures for part in ("--capture", str(path))))

    assert done.returncode == 0, done.stdout + done.stderr
    assets = {row["what"]: row for row in json.loads(done.stdout)["assets"] if row["owner"] == "Ana"}
    assert set(assets) == {path.name for path in captures}
    assert assets["pcl_room_scan1.pcd"]["modality"] == "spatial"
    assert running_in(tmp_path) == []


def test_a_failing_step_says_which_and_why_with_an_exit_code_of_its_own(tmp_path):
    broken = tmp_path / "broken.pcd"
    broken.write_bytes(b"# .PCD v0.7\nVERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 5\n")

    done = thenar("demo", "--json", "--capture", str(broken))

    assert done.returncode == 43
    problem = json.loads(done.stdout)["error"]
    assert problem["message"].startswith("step 3, ")
    assert problem["exit_code"] == 43


def test_a_missing_file_is_refused_before_anything_starts(tmp_path):
    done = thenar("demo", "--capture", str(tmp_path / "absent.pcd"))

    assert done.returncode == 2
    assert "there is no file" in done.stderr
