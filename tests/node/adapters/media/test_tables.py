"""HDF5 and Parquet: compression, compounds, strings, nulls and nesting are fine; links and bombs are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from recordings import decoded, hdf5, parquet, robosuite

from thenar.adapters.media.recording import Limits
from thenar.errors import BadInput


def test_hdf5_datasets_and_compound_fields_become_streams(tmp_path: Path) -> None:
    found = decoded(hdf5(tmp_path / "log.h5"))

    assert found.head.modality == "tactile"
    assert found.values["taxels"][:2] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert found.values["pairs.force"] == [[500_000]] * 10
    assert found.values["pairs.grid"] == [[1, 2, 3, 4]] * 10
    assert found.values["flags"] == [[1], [0]] * 5
    assert not any("operator" in note or "Ana" in note for note in found.notes)
    assert "zz_again" not in found.values


def test_hdf5_layout_gives_units_and_a_clock(tmp_path: Path) -> None:
    stream = {"name": "skin", "kind": "pressure", "columns": ["/taxels"], "units": "kPa", "axes": 2}
    layout = {"modality": "tactile", "time": {"column": "/clock", "unit": "ms"}, "stream": [stream]}

    found = decoded(hdf5(tmp_path / "log.h5"), layout)

    assert [(info.name, info.count, info.axes, info.units) for info in found.head.streams] == [("skin", 2, 2, "kPa")]
    assert found.times["skin"] == [10_000_000 * index for index in range(10)]


def test_episodes_follow_one_another_in_counting_order(tmp_path: Path) -> None:
    found = decoded(robosuite(tmp_path / "demo.hdf5"))

    assert [row[0] for row in found.values["states"]] == [100_000] * 3 + [200_000] * 3 + [1_000_000] * 3


@pytest.mark.parametrize("opener", ["gzip", "lzf", None])
def test_hdf5_filters_are_read(tmp_path: Path, opener: str | None) -> None:
    with h5py.File(tmp_path / "f.h5", "w") as out:
        out.create_dataset(
            "v", data=np.arange(1000, dtype=">i4"), chunks=(64,), compression=opener, shuffle=True, fletcher32=True
        )

    assert decoded(tmp_path / "f.h5").values["v"] == [[index] for index in range(1000)]


def test_hdf5_behind_a_user_block_is_recognised(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "f.h5", "w", userblock_size=512) as out:
        out["v"] = np.arange(3)

    assert decoded(tmp_path / "f.h5").values["v"] == [[0], [1], [2]]


def write_external_link(out: Any) -> None:
    out["v"] = h5py.ExternalLink("/etc/passwd", "/")


def write_external_storage(out: Any) -> None:
    out.create_dataset("v", (16,), "u1", external=[("/etc/passwd", 0, 16)])


def write_virtual(out: Any) -> None:
    layout = h5py.VirtualLayout((4,), "i4")
    layout[:] = h5py.VirtualSource("other.h5", "v", (4,))
    out.create_virtual_dataset("v", layout)


def write_hollow(out: Any) -> None:
    out.create_dataset("v", (2**40,), "f4", chunks=(1024,))


def write_huge_chunk(out: Any) -> None:
    out.create_dataset("v", (2**18,), "f8", chunks=(2**18,), compression="gzip")[:10] = 1


def write_zeros(out: Any) -> None:
    out.create_dataset("v", data=np.full((4, 3), np.nan))


def write_only_text(out: Any) -> None:
    out["v"] = ["a", "b"]


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (write_external_link, "link to another file"),
        (write_external_storage, "other files"),
        (write_virtual, "other files"),
        (write_hollow, "promises"),
        (write_huge_chunk, "unpack"),
        (write_zeros, "not finite"),
        (write_only_text, "no numeric dataset"),
    ],
)
def test_hdf5_that_reaches_outside_or_explodes_is_refused(tmp_path: Path, write: Any, says: str) -> None:
    with h5py.File(tmp_path / "bad.h5", "w") as out:
        write(out)

    with pytest.raises(BadInput, match=says):
        decoded(tmp_path / "bad.h5", limits=Limits(memory=1 << 22))


def test_hdf5_loops_end(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "loop.h5", "w") as out:
        group = out.create_group("a/b")
        group["up"] = out["a"]
        group["v"] = np.arange(2)

    assert decoded(tmp_path / "loop.h5").values == {"a/b/v": [[0], [1]]}


@pytest.mark.parametrize("compression", ["zstd", "snappy", "gzip", "lz4", "none"])
def test_parquet_columns_become_streams_on_the_tables_clock(tmp_path: Path, compression: str) -> None:
    found = decoded(parquet(tmp_path / "t.parquet", compression))

    assert found.head.absolute
    assert set(found.values) == {"n", "state", "fixed", "kind", "pose.x", "pose.y"}
    assert found.values["n"] == [[1], [2], [4], [5], [6]]
    assert found.values["state"][1] == [500_000, 250_000]
    assert found.values["fixed"][2] == [3, 3, 3]
    assert found.values["kind"] == [[7], [7], [9], [9], [9]]
    assert found.values["pose.x"] == [[1_500_000]] * 5
    assert found.times["n"][1] - found.times["n"][0] == 10_000_000
    assert "1 rows with nulls were left out" in found.notes


def test_parquet_layout_gives_units(tmp_path: Path) -> None:
    stream = {"name": "position", "kind": "position", "columns": ["pose.x", "pose.y"], "units": "m", "axes": 2}
    layout = {"modality": "trajectory", "stream": [stream | {"scale": "1/1000"}]}

    found = decoded(parquet(tmp_path / "t.parquet"), layout)

    assert found.values == {"position": [[1500, -1000]] * 6}


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"a": ["x"]}, "no numeric column"),
        ({"a": [1.0, float("nan")]}, "not finite"),
        ({"a": pa.array([], pa.int32())}, "no rows"),
        ({"a": [2**63 - 1], "b": [1e300]}, "too large"),
    ],
)
def test_parquet_without_usable_numbers_is_refused(tmp_path: Path, columns: dict[str, Any], says: str) -> None:
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")

    with pytest.raises(BadInput, match=says):
        decoded(tmp_path / "t.parquet")


def test_parquet_bombs_are_refused_by_what_they_promise(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array(np.zeros(3_000_000, dtype=np.int64))})
    pq.write_table(table, tmp_path / "t.parquet", compression="zstd", row_group_size=3_000_000)

    with pytest.raises(BadInput, match="promises"):
        decoded(tmp_path / "t.parquet", limits=Limits(records=1_000_000))


def test_lists_that_change_their_length_are_refused(tmp_path: Path) -> None:
    rows = [[1.0, 2.0]] * 9_000 + [[1.0]]
    pq.write_table(pa.table({"a": rows}), tmp_path / "t.parquet")

    with pytest.raises(BadInput, match="length of its lists"):
        decoded(tmp_path / "t.parquet")


@pytest.mark.parametrize("make", [hdf5, parquet])
def test_containers_cut_short_are_refused(tmp_path: Path, make: Any) -> None:
    path = make(tmp_path / "cut.bin")
    data = path.read_bytes()

    for length in (len(data) - 9, len(data) // 2, 40, 8):
        path.write_bytes(data[:length])
        with pytest.raises(BadInput):
            decoded(path)
