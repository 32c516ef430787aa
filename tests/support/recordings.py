"""Tiny recordings of every format, written with the formats' own libraries where they have one."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import laspy
import lzf
import numpy as np
import plyfile
import pyarrow as pa
import pyarrow.parquet as pq
import pye57
import pytest
from mcap.writer import CompressionType, IndexType
from mcap.writer import Writer as McapWriter
from mcap_ros2.writer import Writer as Ros2Writer

from thenar.adapters.media.decoding import open_reading
from thenar.adapters.media.layout import Layout, parse_layout
from thenar.adapters.media.recording import Head, Limits

POINTS = ((0.0, 0.0, 0.0), (1.5, -2.25, 0.001), (-1000.5, 0.125, 3.0))
MICRO = [[0, 0, 0], [1_500_000, -2_250_000, 1_000], [-1_000_500_000, 125_000, 3_000_000]]
SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"


def sample(name: str) -> Path:
    """A real captured file, or a skip that says which is absent."""
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"real sample {name} is not here: {SAMPLES} has no such file")
    return path


@dataclass(frozen=True)
class Decoded:
    """A whole recording in memory: values and times by stream name."""

    head: Head
    values: dict[str, list[list[int]]]
    times: dict[str, list[int]]
    notes: list[str]


def decoded(path: Path, layout: dict[str, Any] | Layout | None = None, limits: Limits | None = None) -> Decoded:
    """Decode a file in this process."""
    declared = parse_layout(layout) if isinstance(layout, dict) else layout
    reading = open_reading(path, limits=limits or Limits(), layout=declared)
    values: dict[str, list[list[int]]] = {info.name: [] for info in reading.head.streams}
    times: dict[str, list[int]] = {info.name: [] for info in reading.head.streams}
    for block in reading.blocks:
        info = reading.head.streams[block.stream]
        assert block.values.dtype == np.int64
        assert block.values.shape[1] == info.width
        values[info.name] += block.values.tolist()
        if block.times is not None:
            assert block.times.dtype == np.int64
            assert len(block.times) == len(block.values)
            times[info.name] += block.times.tolist()
    return Decoded(reading.head, values, times, reading.notes)


def pcd_header(data: str, points: int, fields: str = "x y z", **changes: str) -> bytes:
    """A PCD header of float32 fields; keyword arguments replace lines, an empty one removes it."""
    count = len(fields.split())
    lines = {
        "VERSION": "0.7",
        "FIELDS": fields,
        "SIZE": " ".join(["4"] * count),
        "TYPE": " ".join(["F"] * count),
        "COUNT": " ".join(["1"] * count),
        "WIDTH": str(points),
        "HEIGHT": "1",
        "VIEWPOINT": "0 0 0 1 0 0 0",
        "POINTS": str(points),
        "DATA": data,
    } | changes
    text = "# .PCD v0.7 - Point Cloud Data file format\n" + "".join(f"{k} {v}\n" for k, v in lines.items() if v)
    return text.encode()


def pcd_ascii(path: Path, points: Iterable[Iterable[float]] = POINTS) -> Path:
    rows = [" ".join(str(part) for part in point) for point in points]
    path.write_bytes(pcd_header("ascii", len(rows)) + "\n".join(rows).encode() + b"\n")
    return path


def pcd_binary(path: Path, points: Iterable[Iterable[float]] = POINTS) -> Path:
    rows = np.array(list(points), dtype="<f4")
    path.write_bytes(pcd_header("binary", len(rows)) + rows.tobytes())
    return path


def pcd_compressed(path: Path, points: Iterable[Iterable[float]] = POINTS * 20) -> Path:
    raw = np.array(list(points), dtype="<f4").T.tobytes()
    packed = lzf.compress(raw, 2 * len(raw)) or raw
    header = pcd_header("binary_compressed", len(raw) // 12)
    path.write_bytes(header + struct.pack("<II", len(packed), len(raw)) + packed)
    return path


def ply(path: Path, *, text: bool = False, order: str = "<", faces: bool = True) -> Path:
    rows = [(*point, 200, index / 3) for index, point in enumerate(POINTS)]
    vertex = np.array(rows, dtype=[("x", "f4"), ("y", "f4"), ("z", "f4"), ("red", "u1"), ("confidence", "f4")])
    elements = [plyfile.PlyElement.describe(vertex, "vertex")]
    if faces:
        face = np.array([([0, 1, 2],)], dtype=[("vertex_indices", "O")])
        types = {"vertex_indices": "i4"}
        elements.append(plyfile.PlyElement.describe(face, "face", val_types=types, len_types={"vertex_indices": "u1"}))
    plyfile.PlyData(elements, text=text, byte_order=order, comments=["scanned by Ana, serial 4711"]).write(str(path))
    return path


def las(path: Path, *, form: int = 3, version: str = "1.2") -> Path:
    header = laspy.LasHeader(point_format=form, version=version)
    header.scales, header.offsets = np.array([0.001] * 3), np.array([1.0, 2.0, 3.0])
    data = laspy.LasData(header)
    data.x, data.y, data.z = (np.array(axis) for axis in zip(*POINTS, strict=True))
    data.intensity = np.array([1, 2, 65535], dtype=np.uint16)
    if "gps_time" in data.point_format.dimension_names:
        data.gps_time = np.array([10.0, 10.5, 11.0])
    data.write(str(path))
    return path


def e57(path: Path) -> Path:
    """Two scans, one turned a quarter to the left and moved a metre up, with what a scanner writes about itself."""
    near, far = POINTS[:2], POINTS[2:]
    turned = [(y, -x, z - 1.0) for x, y, z in far]
    quarter = np.array([0.5**0.5, 0.0, 0.0, 0.5**0.5])
    with pye57.E57(str(path), mode="w") as out:
        for points, rotation, up in ((near, np.array([1.0, 0, 0, 0]), 0.0), (turned, quarter, 1.0)):
            columns = dict(zip(("cartesianX", "cartesianY", "cartesianZ"), np.array(points).T, strict=True))
            columns |= {f"color{name}": np.full(len(points), 200, np.uint8) for name in ("Red", "Green", "Blue")}
            columns |= {"intensity": np.arange(len(points), dtype=np.float32)}
            columns = {name: np.ascontiguousarray(column) for name, column in columns.items()}
            moved = np.array([0.0, 0.0, up])
            out.write_scan_raw(columns, name="by Ana, serial 4711", rotation=rotation, translation=moved)
    return path


def csv_text(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


CSV_LAYOUT: dict[str, Any] = {
    "modality": "tactile",
    "time": {"column": "t", "unit": "ms"},
    "stream": [{"name": "touch", "kind": "force", "columns": ["a", "b"], "units": "N", "scale": "1/1000"}],
}


def hdf5(path: Path) -> Path:
    with h5py.File(path, "w") as out:
        out.attrs["operator"] = "Ana"
        out["name"] = "a string"
        pair = np.dtype([("force", "<f4"), ("label", "S8"), ("grid", "<i2", (2, 2))])
        out.create_dataset(
            "taxels", data=np.arange(40, dtype=np.uint16).reshape(10, 2, 2), chunks=(4, 2, 2), compression="gzip"
        )
        out.create_dataset("pairs", data=np.array([(0.5, b"x", [[1, 2], [3, 4]])] * 10, dtype=pair))
        out.create_dataset("clock", data=np.arange(10) * 10)
        out.create_dataset("flags", data=np.array([True, False] * 5))
        out["loop"] = h5py.SoftLink("/")
        out["zz_again"] = out["taxels"]
    return path


def robosuite(path: Path) -> Path:
    with h5py.File(path, "w") as out:
        for demo in (1, 2, 10):
            group = out.create_group(f"data/demo_{demo}")
            group.create_dataset("states", data=np.full((3, 2), demo / 10), compression="lzf")
            group.create_dataset("nothing", data=np.zeros((3, 0)))
    return path


def parquet(path: Path, compression: str = "zstd") -> Path:
    table = pa.table(
        {
            "t": pa.array([1_700_000_000_000_000 + 10_000 * i for i in range(6)], pa.timestamp("us", tz="UTC")),
            "n": pa.array([1, 2, None, 4, 5, 6], pa.int32()),
            "state": pa.array([[i / 2, 0.25] for i in range(6)], pa.list_(pa.float32())),
            "fixed": pa.array([[i, i, i] for i in range(6)], pa.list_(pa.int16(), 3)),
            "kind": pa.array([7, 7, 7, 9, 9, 9]).dictionary_encode(),
            "who": pa.array(["Ana"] * 6),
            "pose": pa.array([{"x": 1.5, "y": -1.0}] * 6),
            "ragged": pa.array([[1.0] * i for i in range(6)]),
        }
    )
    pq.write_table(table, path, compression=compression, row_group_size=4)
    return path


IMU_SCHEMA = """\
std_msgs/Header header
geometry_msgs/Quaternion orientation
float64[9] orientation_covariance
geometry_msgs/Vector3 angular_velocity
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: geometry_msgs/Quaternion
float64 x
float64 y
float64 z
float64 w
================================================================================
MSG: geometry_msgs/Vector3
float64 x
float64 y
float64 z
"""
T0 = 1_700_000_000_000_000_000


def mcap_ros2(
    path: Path, compression: CompressionType = CompressionType.ZSTD, rows: int = 5, *, checked: bool = True
) -> Path:
    with path.open("wb") as out:
        writer = Ros2Writer(out, compression=compression, enable_crcs=checked)
        schema = writer.register_msgdef("sensor_msgs/msg/Imu", IMU_SCHEMA)
        for index in range(rows):
            message = {
                "header": {"stamp": {"sec": 1, "nanosec": 2}, "frame_id": "imu"},
                "orientation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0},
                "orientation_covariance": [0.0] * 9,
                "angular_velocity": {"x": index * 0.5, "y": -0.25, "z": 0.0},
            }
            writer.write_message("/imu", schema, message, log_time=T0 + index * 10_000_000)
        writer.finish()
    return path


def mcap_json(path: Path, *, indexed: bool = True, chunked: bool = True, bodies: Iterable[object] = ()) -> Path:
    with path.open("wb") as out:
        kinds = IndexType.ALL if indexed else IndexType.NONE
        writer = McapWriter(out, compression=CompressionType.NONE, index_types=kinds, use_chunking=chunked)
        writer.start()
        schema = writer.register_schema("Skin", "jsonschema", b"{}")
        channel = writer.register_channel("/skin", "json", schema)
        for index, body in enumerate(list(bodies) or [{"taxels": [1, 2, 3], "note": "x", "gap": {"x": 1, "y": 2}}] * 4):
            writer.add_message(channel, T0 + index, json.dumps(body).encode(), T0 + index)
        writer.add_metadata("device", {"serial": "4711"})
        writer.finish()
    return path


MAKERS: dict[str, Callable[[Path], Path]] = {
    "pcd-ascii": pcd_ascii,
    "pcd-binary": pcd_binary,
    "pcd-compressed": pcd_compressed,
    "ply-ascii": lambda path: ply(path, text=True),
    "ply-le": ply,
    "ply-be": lambda path: ply(path, order=">"),
    "las": las,
    "csv": lambda path: csv_text(path, "Time (s),Gyroscope X (deg/s),Gyroscope Y (deg/s)\n0,1,2\n0.01,3,4.5\n"),
    "hdf5": hdf5,
    "robosuite": robosuite,
    "parquet": parquet,
    "mcap-ros2": mcap_ros2,
    "mcap-json": mcap_json,
    "e57": e57,
    "mcap-loose": lambda path: mcap_ros2(path, CompressionType.NONE, checked=False),
}
"""One valid file of every kind, by name."""


def laz(path: Path) -> Path:
    """A LAZ: laspy compresses when the file's name says so."""
    made = las(path.with_suffix(".laz"))
    return made.rename(path) if made != path else made


MAKERS["laz"] = laz
