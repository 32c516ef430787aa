"""LeRobot data sets: laid out as LeRobot 3.0 reads them, with every frame, place and statistic where it belongs."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from thenar.adapters.exports import lerobot
from thenar.adapters.exports.lerobot import Episode, write
from thenar.domain.scoring.signals import Recorded, Signal
from thenar.errors import BadInput

SECOND = 10**9


def signal(name: str, rate: int, seconds: float, width: int = 3, kind: str = "position", **more) -> Signal:
    count = int(rate * seconds) + 1
    times = np.arange(count, dtype=np.int64) * SECOND // rate
    values = np.arange(count * width, dtype=np.int64).reshape(count, width)
    given = {"units": "m", "scale": Fraction(1, 1000), "times": times, "count": width} | more
    return Signal(name, kind, given.pop("units"), given.pop("scale"), values, **given)


def grasp(seconds: float = 2.0, extra: str = "") -> Episode:
    skin = signal("skin/thumb", 150, seconds, width=12, kind="pressure")
    joints, command = signal("joints" + extra, 50, seconds), signal("action", 50, seconds, width=1)
    return Episode("grasp the cup", Recorded("tactile", (skin, joints, command)))


def check_layout(folder: Path) -> dict:
    """What LeRobot 3.0 expects to find, by its published layout; returns the info."""
    info = json.loads((folder / "meta" / "info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    episodes = pq.read_table(sorted((folder / "meta" / "episodes").glob("chunk-*/file-*.parquet"))[0]).to_pylist()
    tasks = pd.read_parquet(folder / "meta" / "tasks.parquet")
    stats = json.loads((folder / "meta" / "stats.json").read_text())
    assert len(episodes) == info["total_episodes"] and len(tasks) == info["total_tasks"]
    assert info["splits"] == {"train": f"0:{len(episodes)}"}
    ends = 0
    for number, row in enumerate(episodes):
        path = folder / info["data_path"].format(chunk_index=row["data/chunk_index"], file_index=row["data/file_index"])
        frames = pq.read_table(path, filters=[("episode_index", "=", number)])
        assert (row["episode_index"], row["dataset_from_index"]) == (number, ends)
        ends = row["dataset_to_index"]
        assert len(frames) == row["length"] == row["dataset_to_index"] - row["dataset_from_index"]
        assert frames["index"].to_pylist() == list(range(row["dataset_from_index"], row["dataset_to_index"]))
        assert np.allclose(frames["timestamp"], np.arange(len(frames)) / info["fps"], atol=1e-4)
        assert {tasks.index[place] for place in frames["task_index"].to_pylist()} == set(row["tasks"])
        assert set(frames.column_names) == set(info["features"])
        for name, feature in info["features"].items():
            column = np.array(frames[name].to_pylist())
            assert [1 if column.ndim == 1 else column.shape[1]] == feature["shape"]
            assert frames.schema.field(name).type in (feature["dtype"], _list_of(frames, name))
            assert len(stats[name]["mean"]) == len(row[f"stats/{name}/max"]) == feature["shape"][0]
    assert ends == info["total_frames"] == stats["index"]["count"][0]
    return info


def _list_of(frames, name: str):
    kind = frames.schema.field(name).type
    return kind if getattr(kind, "value_type", None) == "float" else None


def test_a_data_set_is_laid_out_as_lerobot_reads_it(tmp_path):
    info = write(tmp_path, [grasp(), grasp(1.0)], robot="hand")

    assert check_layout(tmp_path) == info
    assert info["fps"] == 150 and info["robot_type"] == "hand"
    assert info["features"]["observation.skin_thumb"]["shape"] == [12]
    assert info["features"]["action"]["shape"] == [1]


def test_every_frame_has_each_streams_latest_reading_in_its_unit(tmp_path):
    write(tmp_path, [grasp()], fps=100)

    frames = pq.read_table(tmp_path / "data/chunk-000/file-000.parquet").to_pydict()
    assert frames["observation.joints"][0] == pytest.approx([0, 0.001, 0.002])
    assert frames["observation.joints"][1] == frames["observation.joints"][0]  # 50 Hz seen at 100 Hz
    assert frames["observation.joints"][2] == pytest.approx([0.003, 0.004, 0.005])


def test_statistics_of_all_are_those_of_all_frames_together(tmp_path):
    write(tmp_path, [grasp(), grasp(1.0)])

    frames = pq.read_table(tmp_path / "data/chunk-000/file-000.parquet")
    told = json.loads((tmp_path / "meta/stats.json").read_text())["observation.joints"]
    rows = np.array(frames["observation.joints"].to_pylist())
    assert told["mean"] == pytest.approx(rows.mean(0)) and told["std"] == pytest.approx(rows.std(0))
    assert (told["min"], told["max"]) == (pytest.approx(rows.min(0)), pytest.approx(rows.max(0)))


def test_episodes_fill_one_file_after_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(lerobot, "FILE_MB", 0.05)

    write(tmp_path, [grasp(), grasp(), grasp()])

    check_layout(tmp_path)
    assert len(list((tmp_path / "data/chunk-000").iterdir())) > 1


def test_a_stream_with_a_rate_needs_no_times(tmp_path):
    steady = signal("imu", 100, 1.0, times=None, rate_mhz=100_000)

    assert write(tmp_path, [Episode("walk", Recorded("imu", (steady,)))])["total_frames"] == 101


@pytest.mark.parametrize(
    "episodes",
    [
        [],
        [grasp(), grasp(extra="2")],
        [Episode("walk", Recorded("imu", (signal("imu", 100, 1.0, times=None),)))],
        [Episode("walk", Recorded("imu", ()))],
    ],
)
def test_what_no_data_set_can_hold_is_refused(tmp_path, episodes):
    with pytest.raises(BadInput):
        write(tmp_path, episodes, fps=50)


@pytest.mark.parametrize("fps", [-1, 10_001])
def test_odd_rates_are_refused(tmp_path, fps):
    with pytest.raises(BadInput, match="frames a second"):
        write(tmp_path, [grasp()], fps=fps)
