"""E57 scans: the points of every scan in the file, by their poses in one frame.

Source: ASTM E2807. Decoded by libE57Format, in the isolated process. An XML part that declares entities is refused
before the library's parser sees it: it would follow them to other files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pye57 import ScanHeader, libe57

from thenar.adapters.media.points import read_points
from thenar.adapters.media.recording import DAMAGE, Limits, Reading, file_size
from thenar.errors import BadInput

FAILURES: Final = (libe57.E57Exception, *DAMAGE)
CHUNK: Final = 65_536
_PAGE: Final = 1024
_CHECKSUM: Final = 4
_XML: Final = 64 << 20
_CARTESIAN: Final = ("cartesianX", "cartesianY", "cartesianZ")
_SPHERICAL: Final = ("sphericalRange", "sphericalAzimuth", "sphericalElevation")
_INVALID: Final = ("cartesianInvalidState", "sphericalInvalidState")
_FURTHER: Final = {"intensity": "intensity", "colorRed": "red", "colorGreen": "green", "colorBlue": "blue"}
_AGAIN: Final = "export the file again"

Columns = dict[str, NDArray[Any]]


def read_e57(path: Path, *, limits: Limits) -> Reading:
    """Read the points of all scans in micrometres, with intensity and colour where every scan has them.

    Raises BadInput.
    """
    columns, notes = merged_scans(path, limits)
    return read_points("e57", columns, notes)


def merged_scans(path: Path, limits: Limits) -> tuple[Columns, list[str]]:
    """Columns ``x, y, z`` (m, float64, not a number for a ray without return) and further ones; and notes.

    Raises BadInput.
    """
    _check_file(path, file_size(path, limits))
    try:
        image = libe57.ImageFile(str(path), "r")
        try:
            return _merged(image, limits)
        finally:
            image.close()
    except FAILURES as cause:
        raise BadInput(f"the E57 is damaged: {str(cause)[:120] or type(cause).__name__}", next_step=_AGAIN) from cause


def _check_file(path: Path, size: int) -> None:
    """Check the header's promises against the file's size, and that its XML declares nothing. Raises BadInput."""
    with path.open("rb") as source:
        raw = source.read(48)
        if len(raw) < 48:
            raise BadInput("the E57 header is cut short", next_step=_AGAIN)
        major, _, length, place, xml, page = struct.unpack("<2I4Q", raw[8:])
        if major != 1 or page != _PAGE:
            raise BadInput(f"E57 version {major} with pages of {page:,} bytes is not read", next_step=_AGAIN)
        if length != size or not 48 <= place < size or xml > _XML or xml > size - place:
            raise BadInput("the E57 header contradicts the file: it is cut short or corrupt", next_step=_AGAIN)
        if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in _xml_parts(source, place, xml)):
            raise BadInput("the E57 declares XML entities, which no scanner does", next_step=_AGAIN)


def _xml_parts(source: Any, place: int, length: int) -> Iterator[bytes]:
    """The XML without the checksums between pages, in parts that overlap by a few bytes."""
    kept = b""
    source.seek(place)
    while length > 0:
        room = _PAGE - _CHECKSUM - source.tell() % _PAGE
        if room <= 0:
            source.seek(room + _CHECKSUM, 1)
            continue
        part = source.read(min(room, length))
        if not part:
            return
        length -= len(part)
        kept = kept[-16:] + part
        yield kept.upper()


def _merged(image: Any, limits: Limits) -> tuple[Columns, list[str]]:
    scans = [ScanHeader(node) for node in _scan_nodes(image, limits)]
    counts = [int(scan.point_count) for scan in scans]
    if sum(counts) == 0:
        raise BadInput("the E57 has no points", next_step="record the scan again")
    limits.check_records(sum(counts), "the E57")
    limits.check_memory(sum(counts) * 8 * 12, "the E57")
    shared = [name for name in _FURTHER if all(name in scan.point_fields for scan in scans)]
    parts = [_scan(image, scan, count, shared) for scan, count in zip(scans, counts, strict=True) if count]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return columns, _notes(scans, shared)


def _scan_nodes(image: Any, limits: Limits) -> Iterator[Any]:
    root = image.root()
    if not root.isDefined("data3D"):
        raise BadInput("the E57 has no scan in it", next_step="export the points, not the pictures")
    vector = root["data3D"]
    if not isinstance(vector, libe57.VectorNode):
        raise BadInput("the E57 does not list its scans", next_step=_AGAIN)
    limits.check_fields(vector.childCount(), "the E57")
    for index in range(vector.childCount()):
        yield vector[index]


def _notes(scans: list[ScanHeader], shared: list[str]) -> list[str]:
    known = {*_CARTESIAN, *_SPHERICAL, *_INVALID, *shared}
    rest = sorted({name for scan in scans for name in scan.point_fields} - known)
    notes = ["E57 coordinates are metres"]
    if len(scans) > 1:
        notes.append(f"{len(scans):,} scans are joined by their poses")
    if rest:
        notes.append(f"further fields were left out: {', '.join(rest)[:120]}")
    return notes


def _scan(image: Any, scan: ScanHeader, count: int, shared: list[str]) -> Columns:
    fields = set(scan.point_fields)
    axes = next((axes for axes in (_CARTESIAN, _SPHERICAL) if set(axes) <= fields), None)
    if axes is None:
        raise BadInput("an E57 scan has neither x, y, z nor range and angles", next_step="export points")
    invalid = [name for name in _INVALID if name in fields]
    raw = _read(image, scan, count, [*axes, *invalid, *shared])
    xyz = np.stack([raw[axis] for axis in axes], axis=1)
    if axes is _SPHERICAL:
        xyz = _cartesian(xyz)
    xyz = _posed(scan, xyz)
    for name in invalid:
        xyz[raw[name] != 0] = np.nan
    columns: Columns = dict(zip("xyz", xyz.T, strict=True))
    return columns | {_FURTHER[name]: _tidy(raw[name]) for name in shared}


def _read(image: Any, scan: ScanHeader, count: int, names: list[str]) -> Columns:
    columns = {name: np.empty(count, np.float64) for name in names}
    chunks = {name: np.empty(min(count, CHUNK), np.float64) for name in names}
    buffers = libe57.VectorSourceDestBuffer()
    for name, room in chunks.items():
        buffers.append(libe57.SourceDestBuffer(image, name, room, len(room), True, True))
    reader, seen = scan.points.reader(buffers), 0
    while (got := int(reader.read())) > 0:
        for name, room in chunks.items():
            columns[name][seen : seen + got] = room[:got]
        seen += got
    reader.close()
    if seen != count:
        raise BadInput(f"an E57 scan promises {count:,} points and holds {seen:,}: it is cut short", next_step=_AGAIN)
    return columns


def _cartesian(polar: NDArray[np.float64]) -> NDArray[np.float64]:
    """Range, azimuth and elevation (m, rad) to x, y, z (m)."""
    distance, azimuth, elevation = polar.T
    flat = distance * np.cos(elevation)
    return np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), distance * np.sin(elevation)], axis=1)


def _posed(scan: ScanHeader, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points in the frame of the file."""
    if not scan.node.isDefined("pose"):
        return xyz
    pose = scan.node["pose"]
    w, x, y, z = _numbers(pose, "rotation", "wxyz", (1.0, 0.0, 0.0, 0.0))
    moved = np.array(_numbers(pose, "translation", "xyz", (0.0, 0.0, 0.0)))
    length = w * w + x * x + y * y + z * z
    if not (0.98 < length < 1.02 and bool(np.isfinite(moved).all())):
        raise BadInput("an E57 scan has a pose that is no rotation and place", next_step=_AGAIN)
    across = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn = np.eye(3) + 2 / length * (w * across + across @ across)
    placed: NDArray[np.float64] = xyz @ turn.T + moved
    return placed


def _numbers(pose: Any, part: str, names: str, default: tuple[float, ...]) -> tuple[float, ...]:
    if not pose.isDefined(part):
        return default
    return tuple(float(pose[part][name].value()) for name in names)


def _tidy(column: NDArray[np.float64]) -> NDArray[Any]:
    """Whole numbers that fit as such, everything else as it is."""
    whole = bool(np.isfinite(column).all()) and bool((column == np.rint(column)).all())
    if whole and column.min() >= 0 and column.max() < 2**16:
        return column.astype(np.uint8 if column.max() < 2**8 else np.uint16)
    return column
