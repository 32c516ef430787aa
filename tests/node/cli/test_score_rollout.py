"""`thenar capture score` on a unit of a job: run again here, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compute_jobs import JOBS, finished

pytest.importorskip("mujoco", reason="MuJoCo is not installed, so nothing can be run again")
JOB = JOBS["rollout under noise"]


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: Any) -> Path:
    """What `thenar job fetch` leaves of unit 3, and the job's files beside it."""
    folder = tmp_path_factory.mktemp("fetched")
    (made,) = finished(JOB, folder, [3])
    (folder / "unit-000003.bin").write_bytes(made.output.read_bytes())
    index = {"bounty": 1, "spec": json.loads(JOB.spec.encode()), "units": [{"unit": 3}]}
    (folder / "job.json").write_text(json.dumps(index))
    return folder


def test_a_rollout_that_comes_out_the_same_again_has_quality(thenar: Any, fetched: Path) -> None:
    said = thenar("capture", "score", fetched / "unit-000003.bin", "--files", fetched / "files", "--json")

    assert (said.code, said.json["modality"]) == (0, "rollout")
    assert said.json["parts"][0]["why"] == "6 of 6 segments came out the same again"
    assert said.json["quality_bp"] > 0
    assert said.json["holds"].startswith("states: 30 readings of ")


def test_one_changed_bit_makes_a_rollout_worth_nothing(thenar: Any, fetched: Path) -> None:
    data = bytearray((fetched / "unit-000003.bin").read_bytes())
    data[-8] ^= 1
    false = fetched / "unit-000004.bin"
    false.write_bytes(bytes(data))
    moved = fetched / "other"
    moved.mkdir()
    (moved / "job.json").write_text((fetched / "job.json").read_text())
    false.rename(moved / "unit-000003.bin")

    said = thenar("capture", "score", moved / "unit-000003.bin", "--files", fetched / "files", "--json")

    assert (said.code, said.json["quality_bp"]) == (0, 0)
    assert said.json["parts"][0]["why"] == "5 of 6 segments came out the same again"


def test_a_rollout_whose_job_has_no_files_here_is_scored_without_and_told_so(thenar: Any, fetched: Path) -> None:
    said = thenar("capture", "score", fetched / "unit-000003.bin", "--json")

    assert (said.code, said.json["quality_bp"]) == (0, 0)
    assert "--files" in said.json["notes"][0]


@pytest.mark.parametrize("spoil", ["{}", "[", '{"spec": {"schema": "else"}}', '{"spec": 7}'])
def test_a_job_that_is_none_is_refused(thenar: Any, fetched: Path, tmp_path: Path, spoil: str) -> None:
    (tmp_path / "unit-000003.bin").write_bytes((fetched / "unit-000003.bin").read_bytes())
    (tmp_path / "job.json").write_text(spoil)

    said = thenar("capture", "score", tmp_path / "unit-000003.bin", "--json")

    assert said.code == 2


def test_states_come_back_in_millionths() -> None:
    from thenar.adapters.compute.recording import decoded, encoded
    from thenar.domain.work.jobwork import Record

    rows = np.array([[0.25, -1.5], [3.0, 0.000001]])
    for encoding in ("f64", "f32"):
        record = Record(("qpos",), 1, encoding)
        data = encoded(rows, record)
        assert data is not None
        assert decoded(data, record, 2).tolist() == [[250_000, -1_500_000], [3_000_000, 1]]
