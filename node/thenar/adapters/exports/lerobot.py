"""Recordings as a LeRobot data set, version 3.0: many episodes a Parquet file, one rate for everything.

Source: https://huggingface.co/docs/lerobot/lerobot-dataset-v3. A capture's streams have clocks of their own and LeRobot
has one rate, so every frame takes each stream's latest reading; what lies between two frames is not exported.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thenar.domain.scoring.signals import Recorded, Signal
from thenar.errors import BadInput

VERSION: Final = "v3.0"
DATA: Final = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
EPISODES: Final = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEOS: Final = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
FILE_MB, VIDEO_MB, CHUNK_FILES = 100, 200, 1_000
MOST_FPS: Final = 10_000
_SECOND: Final = 10**9
_OWN: Final = {
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}
_ODD: Final = re.compile(r"[^A-Za-z0-9_.]+")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Episode:
    """One recording and what was done in it."""

    task: str
    recorded: Recorded


@dataclass(slots=True)
class _Written:
    """How far the data set has come."""

    frames: int = 0
    chunk: int = 0
    file: int = 0
    pending: list[Any] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    totals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def write(
    folder: Path, episodes: Sequence[Episode], *, fps: int | None = None, robot: str = "unknown"
) -> dict[str, Any]:
    """Write a data set into an empty folder; returns what ``meta/info.json`` says.

    ``fps`` is the fastest stream's rate when left out. Raises BadInput for streams without a clock, for recordings
    whose streams differ, and for none.
    """
    if not episodes:
        raise BadInput("a data set needs a recording")
    rate = fps or max(_rate(signal) for episode in episodes for signal in episode.recorded.signals)
    if not 1 <= rate <= MOST_FPS:
        raise BadInput(f"{rate} frames a second is not between 1 and {MOST_FPS:,}", next_step="name a rate with --fps")
    tasks = list(dict.fromkeys(episode.task for episode in episodes))
    shapes: dict[str, int] = {}
    written = _Written()
    for number, episode in enumerate(episodes):
        frames = _frames(episode.recorded, rate)
        found = {name: values.shape[1] for name, values in frames.items()}
        if shapes and found != shapes:
            raise BadInput("the recordings have different streams", next_step="export those of one kind together")
        shapes = found
        _add(folder, written, number, tasks.index(episode.task), episode.task, frames, rate)
    _flush(folder, written)
    info = _info(written, shapes, tasks, rate, robot)
    _finish(folder, written, info, tasks)
    return info


def _rate(signal: Signal) -> int:
    """Readings a second, rounded. Raises BadInput without a clock."""
    if signal.times is not None and len(signal.times) > 1:
        middle = float(np.median(np.diff(signal.times)))
        return round(_SECOND / middle) if middle > 0 else MOST_FPS + 1
    if signal.rate_mhz:
        return round(signal.rate_mhz / 1000)
    raise BadInput(f"stream {signal.name} has no clock", next_step="LeRobot needs one; export as stac or croissant")


def _frames(recorded: Recorded, rate: int) -> dict[str, Floats]:
    """Every stream's latest reading at each frame, while all of them run."""
    clocks = [_clock(signal) for signal in recorded.signals]
    if not clocks:
        raise BadInput("a recording without streams has no frames")
    first, last = max(int(clock[0]) for clock in clocks), min(int(clock[-1]) for clock in clocks)
    if last < first:
        raise BadInput("the recording's streams never run at the same time")
    ticks = first + np.arange((last - first) * rate // _SECOND + 1, dtype=np.int64) * _SECOND // rate
    named = zip(_names(recorded.signals), recorded.signals, clocks, strict=True)
    return {name: _values(signal)[np.searchsorted(clock, ticks, side="right") - 1] for name, signal, clock in named}


def _clock(signal: Signal) -> NDArray[np.int64]:
    if signal.times is not None and len(signal.times):
        return np.maximum.accumulate(signal.times)
    if not signal.rate_mhz:
        raise BadInput(f"stream {signal.name} has no clock", next_step="LeRobot needs one; export as stac or croissant")
    return np.arange(len(signal.values), dtype=np.int64) * (_SECOND * 1000) // signal.rate_mhz


def _values(signal: Signal) -> Floats:
    scale = signal.scale.numerator / signal.scale.denominator
    return ((signal.values - signal.zero_offset) * scale).astype(np.float32)


def _names(signals: Sequence[Signal]) -> list[str]:
    """LeRobot's names: what was commanded is the action, everything else was observed."""
    found: list[str] = []
    for signal in signals:
        plain = _ODD.sub("_", signal.name).strip("_.") or "stream"
        is_action = "action" in signal.kind.lower() or plain.lower().split(".")[-1].startswith("action")
        name = "action" if is_action and "action" not in found else f"observation.{plain}"
        found.append(name if name not in found else f"{name}_{len(found)}")
    return found


def _add(
    folder: Path, written: _Written, number: int, task: int, words: str, frames: Mapping[str, Floats], rate: int
) -> None:
    """One episode: its rows wait for their file, its place and statistics for the list of episodes."""
    count = len(next(iter(frames.values())))
    own: dict[str, NDArray[Any]] = {
        "timestamp": (np.arange(count) / rate).astype(np.float32),
        "frame_index": np.arange(count, dtype=np.int64),
        "episode_index": np.full(count, number, dtype=np.int64),
        "index": np.arange(written.frames, written.frames + count, dtype=np.int64),
        "task_index": np.full(count, task, dtype=np.int64),
    }
    columns: dict[str, NDArray[Any]] = {**frames, **own}
    table = _arrow().table({name: _column(values) for name, values in columns.items()})
    if written.pending and sum(one.nbytes for one in written.pending) + table.nbytes > FILE_MB * 1_000_000:
        _flush(folder, written)
        written.chunk, written.file = divmod(written.chunk * CHUNK_FILES + written.file + 1, CHUNK_FILES)
    written.pending.append(table)
    statistics = {name: _statistics(values) for name, values in columns.items()}
    for name, one in statistics.items():
        written.totals.setdefault(name, []).append(one)
    written.rows.append(
        {
            "episode_index": number,
            "tasks": [words],
            "length": count,
            "data/chunk_index": written.chunk,
            "data/file_index": written.file,
            "dataset_from_index": written.frames,
            "dataset_to_index": written.frames + count,
            "meta/episodes/chunk_index": 0,
            "meta/episodes/file_index": 0,
            **{f"stats/{name}/{part}": value for name, one in statistics.items() for part, value in one.items()},
        }
    )
    written.frames += count


def _column(values: NDArray[Any]) -> Any:
    pa = _arrow()
    if values.ndim == 1:
        return pa.array(values)
    if values.shape[1] == 1:
        return pa.array(values[:, 0])
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def _statistics(values: NDArray[Any]) -> dict[str, list[float]]:
    rows = (values if values.ndim == 2 else values[:, None]).astype(np.float64)
    parts = {"min": rows.min(0), "max": rows.max(0), "mean": rows.mean(0), "std": rows.std(0)}
    return {name: [float(one) for one in part] for name, part in parts.items()} | {"count": [len(rows)]}


def _joined(parts: Sequence[Mapping[str, list[float]]]) -> dict[str, list[float]]:
    """The statistics of several episodes together, from those of each."""
    counts = np.array([one["count"][0] for one in parts])[:, None]
    means, deviations = np.array([one["mean"] for one in parts]), np.array([one["std"] for one in parts])
    mean = (means * counts).sum(0) / counts.sum()
    spread = np.sqrt(((deviations**2 + (means - mean) ** 2) * counts).sum(0) / counts.sum())
    return {
        "min": np.min([one["min"] for one in parts], axis=0).tolist(),
        "max": np.max([one["max"] for one in parts], axis=0).tolist(),
        "mean": mean.tolist(),
        "std": spread.tolist(),
        "count": [int(counts.sum())],
    }


def _flush(folder: Path, written: _Written) -> None:
    if written.pending:
        _parquet(
            folder / DATA.format(chunk_index=written.chunk, file_index=written.file),
            _arrow().concat_tables(written.pending),
        )
        written.pending = []


def _info(written: _Written, shapes: Mapping[str, int], tasks: Sequence[str], rate: int, robot: str) -> dict[str, Any]:
    mine = {name: {"dtype": "float32", "shape": [width], "names": None} for name, width in shapes.items()}
    own = {name: {"dtype": dtype, "shape": [1], "names": None} for name, dtype in _OWN.items()}
    return {
        "codebase_version": VERSION,
        "robot_type": robot,
        "total_episodes": len(written.rows),
        "total_frames": written.frames,
        "total_tasks": len(tasks),
        "chunks_size": CHUNK_FILES,
        "data_files_size_in_mb": FILE_MB,
        "video_files_size_in_mb": VIDEO_MB,
        "fps": rate,
        "splits": {"train": f"0:{len(written.rows)}"},
        "data_path": DATA,
        "video_path": None,
        "features": {**mine, **own},
    }


def _finish(folder: Path, written: _Written, info: Mapping[str, Any], tasks: Sequence[str]) -> None:
    _parquet(folder / EPISODES.format(chunk_index=0, file_index=0), _arrow().Table.from_pylist(written.rows))
    _parquet(folder / "meta" / "tasks.parquet", _task_table(tasks))
    statistics = {name: _joined(parts) for name, parts in written.totals.items()}
    for name, told in (("info.json", info), ("stats.json", statistics)):
        (folder / "meta" / name).write_text(json.dumps(told, indent=4) + "\n", encoding="utf-8")


def _task_table(tasks: Sequence[str]) -> Any:
    """A table that pandas reads with the tasks as its index, as LeRobot wants it."""
    pa, index = _arrow(), "__index_level_0__"

    def column(name: str | None, where: str, kind: str, numpy_kind: str) -> dict[str, object]:
        return {"name": name, "field_name": where, "pandas_type": kind, "numpy_type": numpy_kind, "metadata": None}

    columns = [column("task_index", "task_index", "int64", "int64"), column(None, index, "unicode", "object")]
    described = {"index_columns": [index], "column_indexes": [], "columns": columns, "pandas_version": "2.2.0"}
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), index: pa.array(tasks, pa.string())})
    return table.replace_schema_metadata({"pandas": json.dumps(described)})


def _arrow() -> Any:
    """pyarrow, which a node that exports nothing does without."""
    return importlib.import_module("pyarrow")


def _parquet(path: Path, table: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    importlib.import_module("pyarrow.parquet").write_table(table, path)


def files_of(folder: Path) -> Iterator[Path]:
    """Every file that was written, in order."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
