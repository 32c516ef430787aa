"""Point clouds come back as micrometres, whatever file they came in, and hostile headers cost nothing."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import recordings as made
from recordings import MICRO, POINTS, decoded, pcd_header

from thenar.adapters.media.recording import Limits
from thenar.errors import BadInput


@pytest.mark.parametrize("kind", ["pcd-ascii", "pcd-binary", "ply-ascii", "ply-le", "ply-be", "las", "laz"])
def test_points_are_micrometres_in_every_format(tmp_path: Path, kind: str) -> None:
    found = decoded(made.MAKERS[kind](tmp_path / "scan.bin"))

    assert found.head.modality == "spatial"
    assert found.head.format == kind.split("-")[0]
    assert found.values["points"] == MICRO


def test_compressed_points_equal_the_binary_ones(tmp_path: Path) -> None:
    found = decoded(made.pcd_compressed(tmp_path / "scan.pcd"))

    assert found.values["points"] == MICRO * 20


def test_rays_without_return_in_an_organised_cloud_are_counted_out(tmp_path: Path) -> None:
    nan = float("nan")
    rows = np.array([POINTS[0], (nan, nan, nan), POINTS[1], (1.0, nan, 2.0)], dtype="<f4")
    path = tmp_path / "organised.pcd"
    path.write_bytes(pcd_header("binary", 4, WIDTH="2", HEIGHT="2") + rows.tobytes())

    found = decoded(path)

    assert found.values["points"] == MICRO[:2]
    assert "2 of 4 points are rays without return and were left out" in found.notes


def test_cloud_of_nothing_but_nan_is_refused(tmp_path: Path) -> None:
    path = made.pcd_ascii(tmp_path / "empty.pcd", [("nan", "nan", "nan")] * 3)  # type: ignore[list-item]

    with pytest.raises(BadInput, match="none of the 3 points"):
        decoded(path)


def test_pcd_fields_beyond_coordinates_become_streams(tmp_path: Path) -> None:
    header = pcd_header(
        "binary", 2, fields="x y z rgb _ normal_x normal_y normal_z label",
        SIZE="4 4 4 4 1 4 4 4 4", TYPE="F F F F U F F F U", COUNT="1 1 1 1 3 1 1 1 1",
    )  # fmt: skip
    one = struct.pack("<3fI3x3fI", 1, 2, 3, 0x0A0B0C, 0, 0, 1, 77)
    path = tmp_path / "rich.pcd"
    path.write_bytes(header + one * 2)

    found = decoded(path)

    assert found.values["points"] == [[1_000_000, 2_000_000, 3_000_000]] * 2
    assert found.values["rgb"] == [[10, 11, 12]] * 2
    assert found.values["label"] == [[77]] * 2
    assert found.values["normal"] == [[0, 0, 1]] * 2


def test_old_pcd_without_points_viewpoint_and_count_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.pcd"
    path.write_bytes(pcd_header("ascii", 1, VERSION=".5", POINTS="", VIEWPOINT="", COUNT="") + b"1 2 3\n")

    assert decoded(path).values["points"] == [[1_000_000, 2_000_000, 3_000_000]]


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "dos.pcd"
    path.write_bytes((pcd_header("ascii", 1) + b"1 2 3\n").replace(b"\n", b"\r\n"))

    assert decoded(path).values["points"] == [[1_000_000, 2_000_000, 3_000_000]]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"WIDTH": str(2**40), "POINTS": str(2**40)}, "promises 1,099,511,627,776 records"),
        ({"POINTS": "99"}, "contradicts itself"),
        ({"WIDTH": "0", "POINTS": "0"}, "no points"),
        ({"WIDTH": "-5"}, "not a number"),
        ({"SIZE": "4 4"}, "SIZE"),
        ({"SIZE": "4 4 3"}, "impossible size"),
        ({"TYPE": "F F"}, "TYPE"),
        ({"COUNT": "1 1 999999"}, "fields"),
        ({"DATA": "zip"}, "is not ascii"),
        ({"FIELDS": "a b c"}, "no x, y and z"),
    ],
)
def test_pcd_headers_that_lie_are_refused(tmp_path: Path, changes: dict[str, str], says: str) -> None:
    path = tmp_path / "liar.pcd"
    path.write_bytes(pcd_header("binary", 3, **changes) + np.array(POINTS, dtype="<f4").tobytes())

    with pytest.raises(BadInput, match=says):
        decoded(path)


def test_compressed_bombs_are_refused_before_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pcd"
    points = 100_000_000
    path.write_bytes(pcd_header("binary_compressed", points) + struct.pack("<II", 8, points * 12) + b"\0" * 8)

    with pytest.raises(BadInput, match="only"):
        decoded(path)


@pytest.mark.parametrize("kind", ["pcd-ascii", "pcd-binary", "pcd-compressed", "ply-ascii", "ply-le", "las", "laz"])
def test_clouds_cut_short_are_refused(tmp_path: Path, kind: str) -> None:
    path = made.MAKERS[kind](tmp_path / "cut.bin")
    data = path.read_bytes()

    for length in (len(data) - 9, len(data) // 2, 40):
        path.write_bytes(data[:length])
        with pytest.raises(BadInput):
            decoded(path)


def test_ply_comments_and_faces_stay_out(tmp_path: Path) -> None:
    found = decoded(made.ply(tmp_path / "mesh.ply"))

    assert set(found.values) == {"points", "red", "confidence"}
    assert not any("Ana" in note for note in found.notes)


@pytest.mark.parametrize("count", [2**40, 2**63, -1])
def test_ply_counts_that_lie_are_refused(tmp_path: Path, count: int) -> None:
    path = made.ply(tmp_path / "mesh.ply")
    path.write_bytes(path.read_bytes().replace(b"element vertex 3", b"element vertex %d" % count))

    with pytest.raises(BadInput):
        decoded(path)


def test_ply_without_vertices_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.ply"
    path.write_bytes(b"ply\nformat ascii 1.0\nelement face 0\nproperty list uchar int v\nend_header\n")

    with pytest.raises(BadInput, match="no vertex"):
        decoded(path)


@pytest.mark.parametrize(
    ("form", "version"), [(0, "1.2"), (1, "1.2"), (2, "1.2"), (3, "1.3"), (6, "1.4"), (7, "1.4"), (8, "1.4")]
)
def test_las_point_formats_are_read(tmp_path: Path, form: int, version: str) -> None:
    found = decoded(made.las(tmp_path / "scan.las", form=form, version=version))

    assert found.values["points"] == MICRO
    assert found.values["intensity"] == [[1], [2], [65535]]
    if form not in (0, 2):
        assert found.times["points"] == [0, 500_000_000, 1_000_000_000]


def test_las_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    path = made.las(tmp_path / "scan.las")
    data = bytearray(path.read_bytes())
    data[107:111] = (2**32 - 1).to_bytes(4, "little")
    path.write_bytes(data)

    with pytest.raises(BadInput, match="promises"):
        decoded(path)


def test_files_over_the_byte_limit_are_refused_unread(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "scan.pcd")

    with pytest.raises(BadInput, match="at most 100"):
        decoded(path, limits=Limits(bytes=100))
