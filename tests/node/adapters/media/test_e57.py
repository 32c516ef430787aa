"""E57: points of all scans in one frame, and nothing of who scanned, with what and when."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
import pye57
import pytest
import recordings as made
from pye57 import libe57

from thenar.adapters.media.isolated import scrub
from thenar.adapters.media.recording import Limits
from thenar.errors import BadInput


def written(path: Path, **columns: object) -> Path:
    with pye57.E57(str(path), mode="w") as out:
        out.write_scan_raw({name: np.asarray(column) for name, column in columns.items()})
    return path


def polar(path: Path, columns: dict[str, tuple[float, ...]]) -> None:
    """A scan in range and angles, which the library's own shorthand does not write."""
    with pye57.E57(str(path), mode="w") as out:
        image = out.image_file
        scan, kinds, buffers = libe57.StructureNode(image), libe57.StructureNode(image), libe57.VectorSourceDestBuffer()
        kept = {name: np.array(column) for name, column in columns.items()}  # the library holds bare pointers
        for name, values in kept.items():
            kinds.set(f"spherical{name}", libe57.FloatNode(image, 0.0, libe57.E57_DOUBLE, -1e6, 1e6))
            buffers.append(libe57.SourceDestBuffer(image, f"spherical{name}", values, len(values), True, True))
        points = libe57.CompressedVectorNode(image, kinds, libe57.VectorNode(image, True))
        scan.set("points", points)
        out.data3d.append(scan)
        writer = points.writer(buffers)
        writer.write(len(values))
        writer.close()


def placed(path: Path, rotation: tuple[float, ...], translation: tuple[float, ...]) -> Path:
    point = {f"cartesian{axis}": np.array([float(at)]) for at, axis in enumerate("XYZ", start=1)}
    with pye57.E57(str(path), mode="w") as out:
        out.write_scan_raw(point, rotation=np.array(rotation), translation=np.array(translation))
    return path


def test_scans_are_joined_by_their_poses_with_what_they_have_in_common(tmp_path: Path) -> None:
    found = made.decoded(made.e57(tmp_path / "rooms.e57"))

    assert found.head.format == "e57"
    assert found.values["points"] == made.MICRO
    assert found.values["colour"] == [[200] * 3] * 3
    assert found.values["intensity"] == [[0], [1], [0]]
    assert any("2 scans are joined" in note for note in found.notes)


def test_range_and_angles_become_coordinates(tmp_path: Path) -> None:
    path = tmp_path / "polar.e57"
    polar(path, {"Range": (2.0, 2.0), "Azimuth": (0.0, math.pi / 2), "Elevation": (0.0, math.pi / 6)})

    assert made.decoded(path).values["points"] == [[2_000_000, 0, 0], [0, 1_732_051, 1_000_000]]


def test_rays_without_return_are_left_out_and_counted(tmp_path: Path) -> None:
    invalid = np.array([0, 2, 1], dtype=np.int8)
    path = written(
        tmp_path / "sky.e57",
        cartesianX=[1.0, 2.0, 3.0],
        cartesianY=[0.0] * 3,
        cartesianZ=[0.0] * 3,
        cartesianInvalidState=invalid,
    )

    found = made.decoded(path)

    assert found.values["points"] == [[1_000_000, 0, 0]]
    assert any("2 of 3 points are rays without return" in note for note in found.notes)


def test_the_sealed_copy_is_a_ply_without_guids_names_or_place(tmp_path: Path) -> None:
    path = placed(tmp_path / "hall.e57", (1.0, 0.0, 0.0, 0.0), (4_480_000.0, 5_330_000.0, 520.0))
    image = libe57.ImageFile(str(path), "r")
    guid = str(image.root()["guid"].value())
    image.close()

    result = scrub(path, tmp_path / "copy")
    copy = (tmp_path / "copy").read_bytes()

    assert (result.format, result.localised) == ("ply", True)
    assert guid.encode() in path.read_bytes()
    assert guid.encode() not in copy
    assert copy.startswith(b"ply\n")
    assert made.decoded(tmp_path / "copy").values["points"] == [[0, 0, 0]]


@pytest.mark.parametrize("rotation", [(0.0, 0.0, 0.0, 0.0), (1e200, 0.0, 0.0, 0.0), (2.0, 0.0, 0.0, 0.0)])
def test_a_pose_that_is_no_rotation_is_refused(tmp_path: Path, rotation: tuple[float, ...]) -> None:
    with pytest.raises(BadInput, match="no rotation"):
        made.decoded(placed(tmp_path / "bent.e57", rotation, (0.0, 0.0, 0.0)))


@pytest.mark.parametrize("word", [b"<!DOCTYPE", b"<!entity"])
def test_declared_entities_are_refused_before_any_parser_sees_them(tmp_path: Path, word: bytes) -> None:
    path = made.e57(tmp_path / "rooms.e57")
    raw = bytearray(path.read_bytes())
    (place,) = struct.unpack_from("<Q", raw, 24)
    raw[place : place + len(word)] = word
    path.write_bytes(raw)

    with pytest.raises(BadInput, match="entities"):
        made.decoded(path)


def test_an_entity_across_two_pages_is_found(tmp_path: Path) -> None:
    path = made.e57(tmp_path / "rooms.e57")
    raw = bytearray(path.read_bytes())
    (place,) = struct.unpack_from("<Q", raw, 24)
    end = place - place % 1024 + 1020  # of the page's content; its checksum follows
    raw[end - 4 : end], raw[end + 4 : end + 9] = b"<!DO", b"CTYPE"
    path.write_bytes(raw)

    with pytest.raises(BadInput, match="entities"):
        made.decoded(path)


@pytest.mark.parametrize(("at", "form", "value"), [(8, "<I", 2), (16, "<Q", 1), (24, "<Q", 2**40), (40, "<Q", 512)])
def test_a_header_that_contradicts_the_file_is_refused(tmp_path: Path, at: int, form: str, value: int) -> None:
    path = made.e57(tmp_path / "rooms.e57")
    raw = bytearray(path.read_bytes())
    struct.pack_into(form, raw, at, value)
    path.write_bytes(raw)

    with pytest.raises(BadInput, match="E57"):
        made.decoded(path)


def test_more_points_than_allowed_are_refused_before_room_is_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="promises 3 records"):
        made.decoded(made.e57(tmp_path / "rooms.e57"), limits=Limits(records=2))
