"""Only scrubbed copies are sealed: readings stay to the last bit, and what tells who and where is gone."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import h5py
import laspy
import numpy as np
import plyfile
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import recordings as made
from laspy.vlrs.known import GeoKeyDirectoryVlr, GeoKeyEntryStruct
from mcap.reader import make_reader
from mcap.writer import Writer as McapWriter
from mcap_ros2.decoder import DecoderFactory
from mcap_ros2.writer import Writer as Ros2Writer
from pictures import jpeg
from PIL import Image

from thenar.adapters.media.isolated import scrub
from thenar.adapters.media.recording import Limits
from thenar.adapters.media.scrub.opening import scrub as scrub_here
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.errors import BadInput

SECRETS = (b"Ana", b"4711", b"48.13", b"/home/")
POINT_SCHEMA = """\
geometry_msgs/Pose pose
string frame_id # Ana wrote this
================================================================================
MSG: geometry_msgs/Pose
geometry_msgs/Point position
geometry_msgs/Quaternion orientation
================================================================================
MSG: geometry_msgs/Point
float64 x
float64 y
float64 z
================================================================================
MSG: geometry_msgs/Quaternion
float64 x
float64 y
float64 z
float64 w
"""
FIX_SCHEMA = "float64 latitude\nfloat64 longitude\nfloat64 altitude\n"


def scrubbed(path: Path) -> tuple[Path, Scrubbed]:
    """A copy made in this process."""
    into = path.with_name(f"{path.name}.copy")
    with into.open("w+b") as out:
        result = scrub_here(path, out, limits=Limits(), layout=None)
    return into, result


@pytest.mark.parametrize("kind", sorted(made.MAKERS))
def test_every_format_keeps_its_readings_and_scrubs_to_the_same_bytes_again(tmp_path: Path, kind: str) -> None:
    path = made.MAKERS[kind](tmp_path / "recording.laz")

    copy, _ = scrubbed(path)
    again, _ = scrubbed(copy)

    before, after = made.decoded(path), made.decoded(copy)
    assert after.times == before.times
    assert after.head == before.head or kind in ("e57", "parquet")
    if kind in ("e57", "las", "laz"):
        moved = np.array(before.values.pop("points")) - np.array(after.values.pop("points"))
        assert (moved == moved[0]).all()
    assert {name: after.values[name] for name in after.values} == {name: before.values[name] for name in after.values}
    assert again.read_bytes() == copy.read_bytes()
    assert not any(secret in copy.read_bytes() for secret in SECRETS)


def test_scrubbing_runs_in_a_process_of_its_own_and_leaves_no_copy_of_what_is_refused(tmp_path: Path) -> None:
    good, bad = made.ply(tmp_path / "good.ply"), tmp_path / "bad.ply"
    bad.write_bytes(good.read_bytes()[:-9])

    result = scrub(good, tmp_path / "copy")
    with pytest.raises(BadInput):
        scrub(bad, tmp_path / "none")

    assert result.format == "ply"
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert made.decoded(tmp_path / "copy").values == made.decoded(good).values
    assert not (tmp_path / "none").exists()


def test_scrubbed_copy_cannot_outgrow_its_original_without_bound(tmp_path: Path) -> None:
    path = tmp_path / "flat.h5"
    with h5py.File(path, "w") as out:
        out.create_dataset("taxels", data=np.zeros((30_000_000,), np.uint8), compression="gzip", chunks=(1_000_000,))

    scrub(path, tmp_path / "copy")

    assert (tmp_path / "copy").stat().st_size < 1 << 20


def test_ply_loses_comments_object_information_foreign_elements_and_trailing_bytes(tmp_path: Path) -> None:
    vertex = np.array([(0.0, 1.0, 2.0)], dtype=[("x", "f4"), ("y", "f4"), ("z", "f4")])
    user = np.array([(4711,)], dtype=[("serial", "i4")])
    elements = [plyfile.PlyElement.describe(vertex, "vertex", comments=["Ana"]), plyfile.PlyElement.describe(user, "u")]
    path = tmp_path / "scan.ply"
    plyfile.PlyData(elements, comments=["by Ana"], obj_info=["serial 4711"]).write(str(path))
    path.write_bytes(path.read_bytes() + b"hidden by Ana 4711")

    copy, result = scrubbed(path)

    assert not any(secret in copy.read_bytes() for secret in SECRETS)
    assert b"obj_info" not in copy.read_bytes()
    assert any("elements left out" in note for note in result.notes)


def test_pcd_loses_comments_unknown_lines_its_viewpoint_and_trailing_bytes(tmp_path: Path) -> None:
    path = tmp_path / "scan.pcd"
    header = made.pcd_header("binary", 3, VIEWPOINT="48.13 11.57 519 1 0 0 0").replace(b"# .PCD", b"# Ana 4711\n# .PCD")
    path.write_bytes(header + np.array(made.POINTS, "<f4").tobytes() + b"Ana")

    copy, _ = scrubbed(path)

    assert not any(secret in copy.read_bytes() for secret in SECRETS)
    assert made.decoded(copy).values == made.decoded(path).values


@pytest.mark.parametrize("compressed", [False, True])
def test_las_loses_ids_records_and_its_place_on_the_map_but_not_its_unit(tmp_path: Path, compressed: bool) -> None:
    header = laspy.LasHeader(point_format=3, version="1.2")
    header.scales, header.offsets = np.array([0.01] * 3), np.array([636_000.0, 849_000.0, 400.0])
    header.system_identifier, header.generating_software = "Ana 4711", "/home/ana"
    keys = GeoKeyDirectoryVlr()
    keys.geo_keys = [GeoKeyEntryStruct(3072, 0, 1, 2994), GeoKeyEntryStruct(3076, 0, 1, 9002)]
    keys.geo_keys_header.number_of_keys = 2
    header.vlrs += [keys, laspy.VLR("Ana", 7, "4711", b"Ana 4711")]
    header.add_extra_dim(laspy.ExtraBytesParams("gloss", "u2", "by Ana"))
    header.add_extra_dim(laspy.ExtraBytesParams("gps_lat", "f8"))
    data = laspy.LasData(header)
    data.x, data.y, data.z = np.array([[636_001.0, 849_002.0, 410.5], [636_003.5, 849_000.0, 411.0]]).T
    data.gloss = np.array([5, 6], dtype=np.uint16)
    path = tmp_path / ("scan.laz" if compressed else "scan.las")
    data.write(str(path))

    copy, result = scrubbed(path)

    assert result.localised
    assert not any(secret in copy.read_bytes() for secret in SECRETS)
    found = laspy.read(str(copy))
    assert found.header.system_identifier == found.header.generating_software == ""
    assert found.header.creation_date is None
    assert np.allclose(np.ptp(np.array(found.xyz), axis=0), [2.5, 2.0, 0.5])
    assert np.abs(np.array(found.xyz)).max() < 10
    assert list(found.gloss) == [5, 6]
    assert "gps_lat" not in found.point_format.dimension_names
    assert made.decoded(copy).head.streams[0].units == "[ft_i]"


def test_las_in_degrees_is_refused_with_the_way_out(tmp_path: Path) -> None:
    header = laspy.LasHeader(point_format=3, version="1.4")
    header.vlrs.append(laspy.vlrs.known.WktCoordinateSystemVlr('GEOGCS["WGS 84",UNIT["degree",0.0174532925199433]]'))
    header.scales = np.array([1e-7, 1e-7, 0.01])
    data = laspy.LasData(header)
    data.x, data.y, data.z = np.array([11.57]), np.array([48.13]), np.array([519.0])
    data.write(str(tmp_path / "scan.las"))

    with pytest.raises(BadInput, match="degrees") as refused:
        scrubbed(tmp_path / "scan.las")

    assert "reproject" in (refused.value.next_step or "")


def test_real_airborne_scan_keeps_its_shape_and_loses_oregon(tmp_path: Path) -> None:
    path = made.sample("laspy_autzen_trim.laz")
    copy = tmp_path / "copy.laz"

    scrub(path, copy)

    before, after = laspy.read(str(path)), laspy.read(str(copy))
    assert np.array_equal(np.diff(before.X), np.diff(after.X))
    assert np.array_equal(before.intensity, after.intensity)
    assert np.array_equal(before.gps_time, after.gps_time)
    assert np.abs(np.array(after.xyz)).max() < 10_000
    assert not after.header.vlrs.get("WktCoordinateSystemVlr")


def test_tables_lose_comments_and_telling_columns_and_keep_cells_letter_for_letter(tmp_path: Path) -> None:
    path = made.csv_text(
        tmp_path / "log.csv",
        "# recorded by Ana, serial 4711\nTime (s),gpsLat,Longitude [deg],Touch_1 (N),operator,note\n"
        '0.00,48.137,11.57,1.50,Ana,"a, b"\n# Ana again\n0.01,48.138,11.58,-.5e0,Ana,c\n',
    )

    copy, result = scrubbed(path)

    assert copy.read_text() == 'Time (s),Touch_1 (N),note\n0.00,1.50,"a, b"\n0.01,-.5e0,c\n'
    assert any("Longitude" in note and "operator" in note for note in result.notes)


def test_parquet_loses_metadata_and_telling_columns_at_any_depth(tmp_path: Path) -> None:
    table = pa.table(
        {
            "force": pa.array([1.5, 2.5]),
            "latitude": pa.array([48.137, 48.138]),
            "where": pa.array([{"lat": 1.0, "z": 2.0}] * 2),
            "image": pa.array([{"bytes": jpeg(), "path": "a.jpg"}] * 2),
        }
    ).replace_schema_metadata({"made by": "Ana 4711"})
    path = tmp_path / "log.parquet"
    pq.write_table(table, path)

    copy, _ = scrubbed(path)

    found = pq.read_table(copy)
    assert found.column_names == ["force", "image"]
    assert not found.schema.metadata
    assert not any(secret in copy.read_bytes() for secret in SECRETS)
    assert b"Ana" not in found["image"][0].as_py()["bytes"]


def test_hdf5_loses_texts_telling_datasets_and_attributes_but_not_units(tmp_path: Path) -> None:
    path = tmp_path / "log.h5"
    with h5py.File(path, "w", userblock_size=512) as out:
        out.attrs["operator"], out.attrs["rate"] = "Ana", 100.0
        group = out.create_group("hand")
        group.attrs["path"] = "/home/ana"
        group.create_dataset("taxels", data=np.arange(12).reshape(6, 2), compression="gzip", chunks=(2, 2))
        group["taxels"].attrs["units"] = "N"
        group["taxels"].attrs["sensor_serial"] = 4711
        group.create_dataset("gps/latitude", data=np.full(6, 48.137))
        group["text"] = "Ana was here"
        out.create_dataset("camera", data=np.frombuffer(jpeg(), np.uint8))
    with path.open("r+b") as raw:
        raw.write(b"Ana 4711")

    copy, result = scrubbed(path)

    assert not any(secret in copy.read_bytes() for secret in SECRETS)
    with h5py.File(copy) as found:
        assert set(found) == {"hand", "camera"}
        assert set(found["hand"]) == {"taxels"}
        assert dict(found.attrs) == {"rate": 100.0}
        assert dict(found["hand/taxels"].attrs) == {"units": "N"}
        assert np.array_equal(found["hand/taxels"], np.arange(12).reshape(6, 2))
        assert Image.open(io.BytesIO(np.array(found["camera"]).tobytes())).size == (8, 8)
    assert any("attributes left out" in note for note in result.notes)


def test_mcap_loses_receivers_metadata_attachments_comments_and_library(tmp_path: Path) -> None:
    path = tmp_path / "log.mcap"
    with path.open("wb") as out:
        writer = Ros2Writer(out)
        pose = writer.register_msgdef("geometry_msgs/msg/PoseLabelled", POINT_SCHEMA)
        fix = writer.register_msgdef("sensor_msgs/msg/NavSatFix", FIX_SCHEMA)
        plain = writer.register_msgdef("acme/msg/Where", FIX_SCHEMA)
        for index in range(3):
            spot = {"x": index * 0.5, "y": 0.0, "z": 1.0}
            body = {
                "pose": {"position": spot, "orientation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0}},
                "frame_id": "m",
            }
            writer.write_message("/pose", pose, body, log_time=made.T0 + index)
            where = {"latitude": 48.137, "longitude": 11.57, "altitude": 519.0}
            writer.write_message("/fix", fix, where, log_time=made.T0 + index)
            writer.write_message("/acme", plain, where, log_time=made.T0 + index)
        writer._writer.add_metadata("device", {"serial": "4711"})
        writer._writer.add_attachment(made.T0, made.T0, "ana.txt", "text/plain", b"Ana 4711")
        writer.finish()

    copy, result = scrubbed(path)

    assert not any(secret in copy.read_bytes() for secret in SECRETS)
    with copy.open("rb") as source:
        reader = make_reader(source)
        assert {channel.topic for _, channel, _ in reader.iter_messages()} == {"/pose"}
        assert not list(reader.iter_metadata())
        assert not list(reader.iter_attachments())
        assert b"Ana" not in next(iter(reader.get_summary().schemas.values())).data
    assert any("/fix" in note and "/acme" in note for note in result.notes)


def test_positions_on_a_map_grid_are_moved_into_one_local_frame(tmp_path: Path) -> None:
    path = tmp_path / "log.mcap"
    track = [(691_000.25, 5_334_000.5, 519.0), (691_001.25, 5_334_002.5, 519.5), (691_004.25, 5_334_002.5, 520.0)]
    with path.open("wb") as out:
        writer = Ros2Writer(out)
        pose = writer.register_msgdef("geometry_msgs/msg/PoseLabelled", POINT_SCHEMA)
        for index, spot in enumerate(track):
            body = {
                "pose": {
                    "position": dict(zip("xyz", spot, strict=True)),
                    "orientation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0},
                },
                "frame_id": "utm",
            }
            writer.write_message("/pose", pose, body, log_time=made.T0 + index)
        writer.finish()

    copy, result = scrubbed(path)

    assert result.localised
    with copy.open("rb") as source:
        found = [
            message.decoded_message
            for message in make_reader(source, decoder_factories=[DecoderFactory()]).iter_decoded_messages()
        ]
    spots = [(m.pose.position.x, m.pose.position.y, m.pose.position.z) for m in found]
    assert spots == [(0.0, 0.0, 0.0), (1.0, 2.0, 0.5), (4.0, 2.0, 1.0)]
    assert struct.pack("<d", 691_000.25) not in copy.read_bytes()


def test_json_messages_lose_telling_members_at_any_depth(tmp_path: Path) -> None:
    bodies = [{"taxels": [1, 2], "meta": {"operator": "Ana", "gain": 2}, "gps": {"lat": 48.13}}]
    path = made.mcap_json(tmp_path / "log.mcap", bodies=bodies)

    copy, _ = scrubbed(path)

    with copy.open("rb") as source:
        (found,) = [json.loads(message.data) for _, _, message in make_reader(source).iter_messages()]
    assert found == {"taxels": [1, 2], "meta": {"gain": 2}}


def test_json_topic_with_positions_on_a_map_grid_is_left_out_and_other_large_numbers_stay(tmp_path: Path) -> None:
    far = {"pose": {"position": {"x": 691_000.0, "y": 5_334_000.0, "z": 519.0}}}
    with pytest.raises(BadInput, match="nothing in the MCAP"):
        scrubbed(made.mcap_json(tmp_path / "far.mcap", bodies=[far]))
    field = {"magnetic_field": {"x": 51_000.5, "y": -3.0, "z": 60_000.0}}

    copy, result = scrubbed(made.mcap_json(tmp_path / "field.mcap", bodies=[field]))

    assert not result.localised
    assert made.decoded(copy).values == made.decoded(tmp_path / "field.mcap").values


def test_log_of_nothing_but_positions_on_earth_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.mcap"
    with path.open("wb") as out:
        writer = Ros2Writer(out)
        fix = writer.register_msgdef("sensor_msgs/msg/NavSatFix", FIX_SCHEMA)
        writer.write_message("/fix", fix, {"latitude": 1.0, "longitude": 2.0, "altitude": 3.0}, log_time=made.T0)
        writer.finish()

    with pytest.raises(BadInput, match="nothing in the MCAP"):
        scrubbed(path)


def test_topics_nobody_can_decode_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "log.mcap"
    with path.open("wb") as out:
        writer = McapWriter(out)
        writer.start()
        schema = writer.register_schema("Skin", "jsonschema", b"{}")
        known = writer.register_channel("/skin", "json", schema)
        unknown = writer.register_channel("/secret", "acme", 0)
        writer.add_message(known, made.T0, b'{"taxels":[1]}', made.T0)
        writer.add_message(unknown, made.T0, b"Ana 4711", made.T0)
        writer.finish()

    copy, result = scrubbed(path)

    assert b"Ana" not in copy.read_bytes()
    assert any("/secret" in note for note in result.notes)


def test_real_samples_keep_every_reading(tmp_path: Path) -> None:
    names = ("pcl_room_scan1.pcd", "biotacsp_bts3v2_palm_45.csv", "xio_imu_sensor_data.csv")
    for name in (*names, "robosuite_SawyerLift_demo.hdf5"):
        path = made.sample(name)
        copy = tmp_path / name

        scrub(path, copy)

        before: Any = made.decoded(path)
        after: Any = made.decoded(copy)
        assert after.values == before.values
        assert after.times == before.times
