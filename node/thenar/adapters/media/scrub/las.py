"""LAS and LAZ: a new header that names nobody, and coordinates moved from the map into a frame of their own.

Kept: point format, scales, every dimension, extra dimensions, the linear unit. Gone: system identifier, software,
dates, project id, variable records with the reference system, and the offsets. Source: ASPRS LAS 1.4 R15.
"""

from __future__ import annotations

from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO, Final

import laspy
import numpy as np
from laspy.vlrs.known import GeoKeyDirectoryVlr, GeoKeyEntryStruct

from thenar.adapters.media.las import CHUNK, FAILURES, LINEAR_UNITS, UNIT_KEYS, check_header, damaged, length_unit
from thenar.adapters.media.recording import ARBITRARY, Limits, file_size
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.scrub.words import is_private, left_out
from thenar.errors import BadInput

_OLDEST: Final = "1.2"  # that the library writes
CREATED: Final = 90  # day and year, two bytes each
_NO_PLACE: Final = "system identifier, software, dates, ids and variable records are left out of the sealed file"
_MOVED: Final = "coordinates were moved: the middle of the scan is 0, 0 and its lowest point has height 0"


def scrub_las(path: Path, out: BinaryIO, *, limits: Limits) -> Scrubbed:
    """Write the same points around the middle of the scan. Raises BadInput, also for degrees instead of lengths."""
    size = file_size(path, limits)
    compressed = check_header(path, size, limits)
    try:
        with laspy.open(str(path), read_evlrs=False, laz_backend=laspy.LazBackend.Lazrs) as reader:
            units, _ = length_unit(reader.header.vlrs)
            if units == ARBITRARY:
                raise BadInput("the LAS is in degrees", next_step="reproject it to metres, then add it")
            low, high = _bounds(reader)
        origin = np.append((low[:2] + high[:2]) // 2, low[2])
        with laspy.open(str(path), read_evlrs=False, laz_backend=laspy.LazBackend.Lazrs) as reader:
            header, dropped = _header(reader.header, units)
            _write(reader, header, origin, out, compressed)
    except FAILURES as cause:
        raise damaged(cause) from cause
    notes = [_NO_PLACE, _MOVED, *left_out("dimensions", dropped)]
    return Scrubbed("laz" if compressed else "las", notes, localised=True)


def _bounds(reader: Any) -> tuple[Any, Any]:
    """The smallest and largest raw coordinates; what the header says of them may be wrong."""
    lows, highs = [], []
    for chunk in reader.chunk_iterator(CHUNK):
        raw = np.stack([chunk.array[axis].astype(np.int64) for axis in "XYZ"])
        lows.append(raw.min(axis=1))
        highs.append(raw.max(axis=1))
    if not lows:
        raise BadInput("the LAS has no points", next_step="record the scan again")
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _header(told: Any, units: str) -> tuple[Any, list[str]]:
    header = laspy.LasHeader(point_format=told.point_format.id, version=max(str(told.version), _OLDEST))
    header.scales, header.offsets = told.scales, np.zeros(3)
    header.system_identifier = header.generating_software = ""
    header.file_source_id = 0
    header.global_encoding.gps_time_type = told.global_encoding.gps_time_type
    dropped = []
    for dimension in told.point_format.extra_dimensions:
        if is_private(dimension.name):
            dropped.append(dimension.name)
        else:
            header.add_extra_dim(
                laspy.ExtraBytesParams(
                    dimension.name, dimension.type_str(), "", dimension.offsets, dimension.scales, dimension.no_data
                )
            )
    key = next((key for key, unit in UNIT_KEYS.items() if unit == units and unit != "m"), None)
    if key is not None:
        record = GeoKeyDirectoryVlr()
        record.geo_keys = [GeoKeyEntryStruct(LINEAR_UNITS, 0, 1, key)]
        record.geo_keys_header.number_of_keys = 1
        header.vlrs.append(record)
    return header, dropped


def _write(reader: Any, header: Any, origin: Any, out: BinaryIO, compressed: bool) -> None:
    backend = laspy.LazBackend.Lazrs if compressed else None
    names = [name for name in header.point_format.dtype().names if name not in ("X", "Y", "Z")]
    writer = laspy.LasWriter(out, header, do_compress=compressed, laz_backend=backend, closefd=False)
    for chunk in reader.chunk_iterator(CHUNK):
        points = laspy.ScaleAwarePointRecord.zeros(len(chunk), header=header)
        for axis, middle in zip("XYZ", origin, strict=True):
            points.array[axis] = (chunk.array[axis].astype(np.int64) - middle).astype(np.int32)
        for name in names:
            points.array[name] = chunk.array[name]
        writer.write_points(points)
    writer.close()
    out.seek(CREATED)  # the library writes today, and the same scan would be another file tomorrow
    out.write(bytes(4))
    out.seek(0, SEEK_END)
