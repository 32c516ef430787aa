"""LAS 1.2 to 1.4 and LAZ point clouds, read chunk by chunk.

Source: ASPRS LAS 1.4 R15. Decompression by lazrs, in the isolated process.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import laspy
import lazrs
import numpy as np

from thenar.adapters.media.points import MICRO
from thenar.adapters.media.quantise import integers, nanoseconds
from thenar.adapters.media.recording import ARBITRARY, DAMAGE, Block, Head, Ints, Limits, Reading, StreamInfo, file_size
from thenar.errors import BadInput

CHUNK: Final = 65_536
_MIN_RECORD: Final = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)
_LEAST_PACKED: Final = 2_000  # points a compressed byte may stand for before the promise is absurd
FAILURES: Final = (laspy.errors.LaspyException, lazrs.LazrsError, *DAMAGE)
LINEAR_UNITS: Final = 3076
UNIT_KEYS: Final = {9001: "m", 9002: "[ft_i]", 9003: "[ft_us]"}
_WKT_UNITS: Final = (("us survey", "[ft_us]"), ("us-ft", "[ft_us]"), ("ftus", "[ft_us]"), ("met", "m"), ("f", "[ft_i]"))
_FURTHER: Final = ("intensity", "classification", "return_number")


def read_las(path: Path, *, limits: Limits) -> Reading:
    """Read a LAS or LAZ in micrometres with its intensity, class, return and colour. Raises BadInput."""
    size = file_size(path, limits)
    compressed = check_header(path, size, limits)
    try:
        reader = laspy.open(str(path), read_evlrs=False, laz_backend=laspy.LazBackend.Lazrs)
    except FAILURES as cause:
        raise damaged(cause) from cause
    names = set(reader.header.point_format.dimension_names)
    units, said = length_unit(reader.header.vlrs)
    streams = [StreamInfo("points", "point", 1, 3, units, 1, MICRO.denominator)]
    streams += [StreamInfo(name, name, 1, 1, ARBITRARY) for name in _FURTHER if name in names]
    if {"red", "green", "blue"} <= names:
        streams.append(StreamInfo("colour", "colour", 1, 3, ARBITRARY))
    notes = [f"coordinates are in the file's own reference system, {said}"]
    head = Head("laz" if compressed else "las", "spatial", tuple(streams))
    return Reading(head, _blocks(reader, head, "gps_time" in names), notes)


def check_header(path: Path, size: int, limits: Limits) -> bool:
    """Check the fixed header's promises against the file's size; True when compressed. Raises BadInput."""
    with path.open("rb") as source:
        raw = source.read(375)
    if len(raw) < 227 or raw[:4] != b"LASF":
        raise BadInput("the LAS header is cut short", next_step="export the file again")
    major, minor = raw[24], raw[25]
    if major != 1 or minor > 4:
        raise BadInput(f"LAS version {major}.{minor} is not 1.0 to 1.4")
    header_size, offset, records = struct.unpack_from("<HII", raw, 94)
    form, length, legacy = struct.unpack_from("<BHI", raw, 104)
    points = struct.unpack_from("<Q", raw, 247)[0] if minor == 4 and len(raw) >= 255 else legacy
    compressed, form = bool(form & 0x80), form & 0x3F
    if form >= len(_MIN_RECORD) or length < _MIN_RECORD[form]:
        raise BadInput(f"LAS point format {form} with records of {length} bytes does not exist")
    if not 227 <= header_size <= offset <= size or records * 54 > offset:
        raise BadInput("the LAS header's offsets contradict the file", next_step="export the file again")
    if points == 0:
        raise BadInput("the LAS has no points", next_step="record the scan again")
    scales = struct.unpack_from("<6d", raw, 131)
    if not all(np.isfinite(scales)) or min(scales[:3]) <= 0:
        raise BadInput("the LAS header has a scale or offset that is no number")
    limits.check_records(points, "the LAS header")
    needed = points // _LEAST_PACKED if compressed else points * length
    if size - offset < needed:
        raise BadInput(
            f"the LAS header promises {points:,} points but only {size - offset:,} bytes of data follow",
            next_step="the file is cut short or its header is wrong: export it again",
        )
    return compressed


def length_unit(records: Iterable[Any]) -> tuple[str, str]:
    """UCUM unit of the coordinates, from GeoTIFF key 3076 or the WKT's units; metres where neither is there."""
    for record in records:
        for key in getattr(record, "geo_keys", ()):
            if key.id == LINEAR_UNITS and key.value_offset in UNIT_KEYS:
                return UNIT_KEYS[key.value_offset], "whose linear unit it states"
        text = getattr(record, "string", "")
        names = re.findall(r'(?:LENGTHUNIT|UNIT)\["([^"]{1,64})"', text) if isinstance(text, str) else []
        linear = [name.lower() for name in names if "degree" not in name.lower()]
        if names and not linear:
            return ARBITRARY, "in degrees and heights"
        for mark, unit in _WKT_UNITS:
            if linear and mark in linear[0]:
                return unit, "whose linear unit it states"
    return "m", "taken as metres"


def _blocks(reader: Any, head: Head, timed: bool) -> Iterator[Block]:
    first: float | None = None
    seen = 0
    try:
        with reader:
            for chunk in reader.chunk_iterator(CHUNK):
                if first is None:
                    first = float(chunk.gps_time[0]) if timed else 0.0
                    timed = timed and bool(np.isfinite(first))
                times = _times(chunk, first) if timed else None
                seen += len(chunk)
                for index, stream in enumerate(head.streams):
                    yield Block(index, times, _column(chunk, stream.name))
    except FAILURES as cause:
        raise damaged(cause) from cause
    if seen != reader.header.point_count:
        raise BadInput(f"the LAS promises {reader.header.point_count:,} points and holds {seen:,}: it is cut short")


def _times(chunk: Any, first: float) -> Ints:
    stamps = np.asarray(chunk.gps_time, dtype=np.float64)
    if not bool(np.isfinite(stamps).all()):
        raise BadInput("the LAS has GPS times that are not finite numbers")
    return nanoseconds(stamps - first, "s", "gps_time")


def _column(chunk: Any, name: str) -> Ints:
    if name == "points":
        xyz = np.stack([np.asarray(chunk[axis], dtype=np.float64) for axis in "xyz"], axis=1)
        return integers(xyz, MICRO, 0, "x, y, z")
    if name == "colour":
        colour = np.stack([np.asarray(chunk[axis]) for axis in ("red", "green", "blue")], axis=1)
        return integers(colour, Fraction(1), 0, name)
    return integers(np.asarray(chunk[name]).reshape(-1, 1), Fraction(1), 0, name)


def damaged(cause: BaseException) -> BadInput:
    """What to say of a file its decoder library gave up on."""
    said = str(cause)[:120] or type(cause).__name__
    return BadInput(f"the LAS is damaged: {said}", next_step="the file is cut short or corrupt: export it again")
