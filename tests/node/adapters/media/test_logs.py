"""MCAP logs of any encoding, chunking and compression become streams on the log's clock."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from mcap.writer import CompressionType
from mcap_protobuf.writer import Writer as ProtobufWriter
from mcap_ros2.writer import Writer as Ros2Writer
from recordings import T0, decoded, mcap_json, mcap_ros2

from thenar.adapters.media.recording import Limits
from thenar.errors import BadInput


@pytest.mark.parametrize("compression", list(CompressionType))
def test_ros2_messages_become_streams_in_si_units(tmp_path: Path, compression: CompressionType) -> None:
    found = decoded(mcap_ros2(tmp_path / "log.mcap", compression))

    kinds = {info.name: (info.kind, info.units, info.axes) for info in found.head.streams}
    assert kinds == {
        "/imu:angular_velocity": ("angular_velocity", "rad/s", 3),
        "/imu:orientation": ("orientation", "1", 4),
    }
    assert found.values["/imu:angular_velocity"][1] == [500_000_000, -250_000_000, 0]
    assert found.values["/imu:orientation"][0] == [0, 0, 0, 1_000_000_000]
    assert found.times["/imu:orientation"] == [T0 + 10_000_000 * index for index in range(5)]
    assert found.head.modality == "imu"


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_json_messages_are_read_with_and_without_index_and_chunks(tmp_path: Path, indexed: bool, chunked: bool) -> None:
    found = decoded(mcap_json(tmp_path / "log.mcap", indexed=indexed, chunked=chunked))

    assert found.values["/skin:taxels"] == [[1, 2, 3]] * 4
    assert found.values["/skin:gap"] == [[1, 2]] * 4
    assert found.times["/skin:taxels"] == [T0, T0 + 1, T0 + 2, T0 + 3]


def test_protobuf_messages_are_read(tmp_path: Path) -> None:
    file = descriptor_pb2.FileDescriptorProto(name="touch.proto", package="skin", syntax="proto3")
    message = file.message_type.add(name="Touch")
    message.field.add(name="force", number=1, type=1, label=1)
    message.field.add(name="taxels", number=2, type=13, label=3)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    touch = message_factory.GetMessageClass(pool.FindMessageTypeByName("skin.Touch"))
    with (tmp_path / "log.mcap").open("wb") as out, ProtobufWriter(out) as writer:
        for index in range(3):
            writer.write_message("/touch", touch(force=1.5, taxels=[index, 7]), log_time=index, publish_time=index)

    found = decoded(tmp_path / "log.mcap")

    assert found.values["/touch:force"] == [[1_500_000]] * 3
    assert found.values["/touch:taxels"] == [[index, 7] for index in range(3)]


def test_declared_fields_get_their_units(tmp_path: Path) -> None:
    stream = {"name": "skin", "kind": "pressure", "columns": ["/skin:taxels"], "units": "kPa", "scale": "1/10"}

    found = decoded(mcap_json(tmp_path / "log.mcap"), {"modality": "tactile", "stream": [stream]})

    assert found.values == {"skin": [[10, 20, 30]] * 4}
    assert found.head.streams[0].units == "kPa"


def test_numbers_without_units_get_the_finest_scale_that_fits(tmp_path: Path) -> None:
    bodies = [{"count": 2**40, "level": 0.25, "long": 1e12 + 0.5, "odd": True}] * 2

    found = decoded(mcap_json(tmp_path / "log.mcap", bodies=bodies))

    scales = {info.name: info.scale_den for info in found.head.streams}
    assert scales == {"/skin:count": 1, "/skin:level": 1_000_000, "/skin:long": 1000, "/skin:odd": 1}
    assert found.values["/skin:count"] == [[2**40]] * 2
    assert found.values["/skin:long"] == [[10**15 + 500]] * 2


def test_schema_nobody_understands_costs_its_topic_only(tmp_path: Path) -> None:
    with (tmp_path / "log.mcap").open("wb") as out:
        writer = Ros2Writer(out)
        good = writer.register_msgdef("std_msgs/msg/Float64", "float64 data")
        writer.write_message("/good", good, {"data": 1.5}, log_time=T0)
        bad = writer._writer.register_schema("odd/msg/Thing", "ros2msg", b"!! not a definition")
        channel = writer._writer.register_channel("/bad", "cdr", bad)
        writer._writer.add_message(channel, T0, bytes(8), T0)
        writer.finish()

    found = decoded(tmp_path / "log.mcap")

    assert found.values == {"/good:data": [[1_500_000]]}
    assert any("/bad" in note for note in found.notes)


def test_readings_that_are_no_numbers_or_change_length_are_counted_out(tmp_path: Path) -> None:
    bodies = [{"v": [1, 2]}, {"v": [1]}, {"v": [1, 1e20]}, {"v": [3, 4]}, {"w": "text"}]

    found = decoded(mcap_json(tmp_path / "log.mcap", bodies=bodies))

    assert found.values["/skin:v"] == [[1, 2], [3, 4]]
    assert any(note.startswith("2 messages of /skin:v") for note in found.notes)


CLOUD_SCHEMA = """\
uint32 height
uint32 width
sensor_msgs/PointField[] fields
bool is_bigendian
uint32 point_step
uint32 row_step
uint8[] data
bool is_dense
================================================================================
MSG: sensor_msgs/PointField
string name
uint32 offset
uint8 datatype
uint32 count
"""


def write_cloud(path: Path, data: bytes, *, step: int = 16, kind: int = 7) -> Path:
    fields = [{"name": axis, "offset": 4 * at, "datatype": kind, "count": 1} for at, axis in enumerate("xyz")]
    with path.open("wb") as out:
        writer = Ros2Writer(out)
        schema = writer.register_msgdef("sensor_msgs/msg/PointCloud2", CLOUD_SCHEMA)
        message = {
            "height": 1, "width": len(data) // max(1, step), "fields": fields, "is_bigendian": False,
            "point_step": step, "row_step": len(data), "data": data, "is_dense": False,
        }  # fmt: skip
        writer.write_message("/lidar", schema, message, log_time=T0)
        writer.finish()
    return path


def test_lidar_messages_become_points(tmp_path: Path) -> None:
    nan = float("nan")
    data = struct.pack("<4f", 1, -2, 0.5, 9) + struct.pack("<4f", nan, nan, nan, 0) + struct.pack("<4f", 3, 4, 5, 9)

    found = decoded(write_cloud(tmp_path / "log.mcap", data))

    assert found.head.modality == "spatial"
    assert found.values == {"/lidar:points": [[1_000_000, -2_000_000, 500_000], [3_000_000, 4_000_000, 5_000_000]]}
    assert found.times["/lidar:points"] == [T0, T0]


@pytest.mark.parametrize(("length", "step", "kind"), [(17, 16, 7), (16, 0, 7), (16, 8, 7), (16, 16, 2)])
def test_lidar_messages_that_contradict_themselves_are_refused(
    tmp_path: Path, length: int, step: int, kind: int
) -> None:
    with pytest.raises(BadInput, match="point cloud message"):
        decoded(write_cloud(tmp_path / "log.mcap", bytes(length), step=step, kind=kind))


@pytest.mark.parametrize("bodies", [[{"a": "text"}], ["text"], [None], [{"a": []}]])
def test_log_without_numbers_is_refused(tmp_path: Path, bodies: list[object]) -> None:
    with pytest.raises(BadInput, match="no numbers"):
        decoded(mcap_json(tmp_path / "log.mcap", bodies=bodies))


def test_messages_of_too_many_fields_are_refused(tmp_path: Path) -> None:
    body = {f"f{index}": index for index in range(300)}

    with pytest.raises(BadInput, match="fields"):
        decoded(mcap_json(tmp_path / "log.mcap", bodies=[body]), limits=Limits(fields=100))


def chunk_claiming(size: int, compression: bytes) -> bytes:
    body = struct.pack("<QQQI", 0, 1, size, 0) + struct.pack("<I", len(compression)) + compression
    data = b"\x28\xb5\x2f\xfd" + b"\0" * 60
    body += struct.pack("<Q", len(data)) + data
    header = struct.pack("<I", 0) * 2
    magic = b"\x89MCAP0\r\n"
    return magic + b"\x01" + struct.pack("<Q", len(header)) + header + b"\x06" + struct.pack("<Q", len(body)) + body


@pytest.mark.parametrize(
    ("size", "compression"), [(2**50, b"zstd"), (2**50, b"lz4"), (100, b"zstd"), (100, b"lz4"), (100, b"brotli")]
)
def test_chunks_that_lie_about_their_size_are_refused(tmp_path: Path, size: int, compression: bytes) -> None:
    (tmp_path / "bomb.mcap").write_bytes(chunk_claiming(size, compression))

    with pytest.raises(BadInput):
        decoded(tmp_path / "bomb.mcap")


def test_zstd_chunk_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = mcap_json(tmp_path / "log.mcap")
    data = path.read_bytes()
    at = data.index(b"\x06", 8)
    size = struct.unpack_from("<Q", data, at + 9 + 16)[0]
    grown = io.BytesIO(data)
    grown.seek(at + 9 + 16)
    grown.write(struct.pack("<Q", size + 1))
    path.write_bytes(grown.getvalue())

    with pytest.raises(BadInput):
        decoded(path)


def test_logs_cut_short_are_refused_with_a_way_to_recover(tmp_path: Path) -> None:
    path = mcap_ros2(tmp_path / "log.mcap", rows=200)
    data = path.read_bytes()

    for length in (len(data) - 9, len(data) // 2, 40):
        path.write_bytes(data[:length])
        with pytest.raises(BadInput, match="MCAP") as refused:
            decoded(path)
        assert refused.value.next_step is not None
        assert "mcap recover" in refused.value.next_step
