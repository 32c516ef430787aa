"""What is kept of a simulation, in bytes that have one spelling."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thenar.domain.work.jobwork import Record
from thenar.errors import BadInput

Floats = NDArray[np.float64]

_COUNT: Final = struct.Struct("<H")
_LARGEST: Final = 2.0**31 - 1
_MICRO: Final = 1_000_000


def encoded(rows: Floats, record: Record) -> bytes | None:
    """Rows of doubles as bytes; None when one of them is not a number at all.

    ``f64`` and ``f32`` are little-endian, row by row. ``sparse``: for each row the count of places that are not zero,
    those places in order, and their whole numbers of ``quantum``: 2 bytes, 2 bytes each, 4 bytes each.
    """
    if not np.isfinite(rows).all():
        return None
    if record.encoding == "f64":
        return rows.astype("<f8", copy=False).tobytes()
    if record.encoding == "f32":
        return np.clip(rows, -3.4e38, 3.4e38).astype("<f4").tobytes()
    return _sparse(rows, float(record.quantum))


def _sparse(rows: Floats, quantum: float) -> bytes:
    whole = np.clip(np.rint(rows / quantum), -_LARGEST, _LARGEST).astype("<i4")
    at, places = np.nonzero(whole)
    values = whole[at, places]
    ends = np.cumsum(np.bincount(at, minlength=len(rows))).tolist()
    places = places.astype("<u2")
    parts, begin = [], 0
    for end in ends:
        parts += [_COUNT.pack(end - begin), places[begin:end].tobytes(), values[begin:end].tobytes()]
        begin = end
    return b"".join(parts)


def sparse_rows(data: bytes, width: int) -> NDArray[np.int32]:
    """Read sparse rows back as whole numbers, for those who use the output."""
    rows, at = [], 0
    while at < len(data):
        (count,) = _COUNT.unpack_from(data, at)
        at += _COUNT.size
        row = np.zeros(width, dtype=np.int32)
        places = np.frombuffer(data, "<u2", count, at)
        row[places] = np.frombuffer(data, "<i4", count, at + 2 * count)
        at += 6 * count
        rows.append(row)
    return np.array(rows, dtype=np.int32).reshape(-1, width)


def decoded(data: bytes, record: Record, rows: int) -> NDArray[np.int64]:
    """Rows of doubles or floats back from bytes, in millionths. Raises BadInput for other encodings and other sizes."""
    kinds = {"f64": "<f8", "f32": "<f4"}
    if record.encoding not in kinds:
        raise BadInput(f"rows kept as {record.encoding} tell no poses", next_step="record f64 or f32")
    numbers = np.frombuffer(data, kinds[record.encoding]) if len(data) % int(kinds[record.encoding][2:]) == 0 else None
    if numbers is None or not len(numbers) or len(numbers) % rows or not np.isfinite(numbers).all():
        raise BadInput(f"these bytes are not {rows} rows of {record.encoding}")
    whole = np.rint(np.clip(numbers.astype(np.float64), -_LARGEST, _LARGEST) * _MICRO)
    return whole.astype(np.int64).reshape(rows, -1)
