"""Point Cloud Data files, versions .5 to .7: ascii, binary and binary_compressed.

Source: https://pointclouds.org/documentation/tutorials/pcd_file_format.html
"""

from __future__ import annotations

import io
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import lzf
import numpy as np
from numpy.typing import NDArray

from thenar.adapters.media.points import read_points
from thenar.adapters.media.recording import Limits, Reading, file_size
from thenar.errors import BadInput

_HEADER: Final = 64 * 1024
_MAX_LZF_RATIO: Final = 264  # one LZF back reference of 3 bytes makes at most 264
_TYPES: Final = {
    ("F", 4): "<f4",
    ("F", 8): "<f8",
    ("I", 1): "<i1",
    ("I", 2): "<i2",
    ("I", 4): "<i4",
    ("I", 8): "<i8",
    ("U", 1): "<u1",
    ("U", 2): "<u2",
    ("U", 4): "<u4",
    ("U", 8): "<u8",
}


@dataclass(frozen=True, slots=True)
class PcdHeader:
    """What the text header says, checked: field names and types, points, encoding and its own length in bytes."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    counts: tuple[int, ...]
    points: int
    rows: int
    viewpoint: str
    data: str
    length: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """One point as a packed structure; fields are named by position because names may repeat."""
        fields = [(str(i), kind, (count,)) for i, (kind, count) in enumerate(zip(self.kinds, self.counts, strict=True))]
        return np.dtype(fields)


def read_pcd(path: Path, *, limits: Limits) -> Reading:
    """Read a PCD into points in micrometres and its further fields. Raises BadInput."""
    size = file_size(path, limits)
    with path.open("rb") as source:
        header = read_header(source, size, limits)
        if header.data == "ascii":
            columns = _ascii(source, header, limits)
        elif header.data == "binary":
            columns = _binary(source, header)
        else:
            columns = _compressed(source, header, size)
    notes = ["PCD states no unit: coordinates are taken as metres"]
    named: dict[str, NDArray[Any]] = {}
    for name, column in zip(header.names, columns, strict=True):
        if name != "_":
            named[name] = column[:, 0] if column.shape[1] == 1 else column
    return read_points("pcd", named, notes)


def read_header(source: BinaryIO, size: int, limits: Limits) -> PcdHeader:
    """Parse and check the header against the file's size, leaving the source at the data. Raises BadInput."""
    said: dict[str, str] = {}
    while "DATA" not in said:
        line = source.readline(4097)
        if not line.endswith(b"\n") or len(line) > 4096 or source.tell() > _HEADER:
            raise BadInput("the PCD header does not end with a DATA line", next_step="export the scan again")
        word, _, rest = line.decode("latin-1").strip().partition(" ")
        if word and not word.startswith("#"):
            if word in said:
                raise BadInput(f"the PCD header has two {word[:20]!r} lines")
            said[word] = " ".join(rest.split())
    names = tuple((said.get("FIELDS") or said.get("COLUMNS", "")).split())
    limits.check_fields(len(names), "the PCD")
    sizes = _numbers(said, "SIZE", len(names))
    counts = _numbers(said, "COUNT", len(names), default=1)
    letters = tuple(said.get("TYPE", "").upper().split())
    if not names or len(letters) != len(names):
        raise BadInput("the PCD header needs FIELDS and a TYPE for each of them")
    kinds = tuple(_TYPES.get((letter, width), "") for letter, width in zip(letters, sizes, strict=True))
    if "" in kinds:
        raise BadInput(f"the PCD has a field of type {letters[kinds.index('')][:8]!r} and an impossible size")
    limits.check_fields(sum(counts), "the PCD")
    points = _points(said)
    rows = max(1, int(said.get("HEIGHT", "1")) if "WIDTH" in said else 1)
    form = said["DATA"].lower()
    made = PcdHeader(names, kinds, counts, points, rows, said.get("VIEWPOINT", ""), form, source.tell())
    _check_promise(made, size, limits)
    return made


def _numbers(said: dict[str, str], word: str, fields: int, default: int | None = None) -> tuple[int, ...]:
    texts = said.get(word, "").split()
    if not texts and default is not None:
        return (default,) * fields
    if len(texts) != fields or not all(text.isascii() and text.isdecimal() and 0 < len(text) < 7 for text in texts):
        raise BadInput(f"the PCD header's {word} does not give one number for each field")
    numbers = tuple(int(text) for text in texts)
    if 0 in numbers:
        raise BadInput(f"the PCD header's {word} has a zero")
    return numbers


def _points(said: dict[str, str]) -> int:
    numbers = {}
    for word in ("WIDTH", "HEIGHT", "POINTS"):
        text = said.get(word)
        if text is not None:
            if not (text.isascii() and text.isdecimal() and len(text) < 20):
                raise BadInput(f"the PCD header's {word} is not a number: {text[:40]!r}")
            numbers[word] = int(text)
    product = numbers.get("WIDTH", 0) * numbers.get("HEIGHT", 1)
    points = numbers.get("POINTS", product)
    if "WIDTH" in numbers and points != product:
        raise BadInput(f"the PCD header contradicts itself: {points:,} points but width times height is {product:,}")
    if points == 0:
        raise BadInput("the PCD has no points", next_step="record the scan again")
    return points


def _check_promise(header: PcdHeader, size: int, limits: Limits) -> None:
    limits.check_records(header.points, "the PCD header")
    left, row = size - header.length, header.dtype.itemsize
    if header.data not in ("ascii", "binary", "binary_compressed"):
        raise BadInput(f"PCD data {header.data[:30]!r} is not ascii, binary or binary_compressed")
    least = {
        "ascii": header.points * 2 * sum(header.counts) - 1,
        "binary": header.points * row,
        "binary_compressed": header.points * row // _MAX_LZF_RATIO,
    }[header.data]
    if left < least:
        raise BadInput(
            f"the PCD header promises {header.points:,} points of {row} bytes but only {left:,} bytes follow",
            next_step="the file is cut short or its header is wrong: export it again",
        )
    limits.check_memory(header.points * row, "the PCD")


def _binary(source: BinaryIO, header: PcdHeader) -> list[NDArray[Any]]:
    data = source.read(header.points * header.dtype.itemsize)
    rows = np.frombuffer(data, dtype=header.dtype, count=header.points)
    return [rows[str(index)] for index in range(len(header.names))]


def _compressed(source: BinaryIO, header: PcdHeader, size: int) -> list[NDArray[Any]]:
    lengths = source.read(8)
    if len(lengths) != 8:
        raise BadInput("the compressed PCD ends before its data")
    packed, unpacked = struct.unpack("<II", lengths)
    needed = header.points * header.dtype.itemsize
    if unpacked != needed:
        raise BadInput(f"the compressed PCD unpacks to {unpacked:,} bytes but its header needs {needed:,}")
    left = size - header.length - 8
    if packed > left:
        raise BadInput(f"the compressed PCD promises {packed:,} bytes and holds {left:,}: it is cut short")
    data = source.read(packed)
    try:
        raw = data if packed == unpacked else lzf.decompress(data, unpacked)
    except ValueError as cause:
        raise BadInput("the compressed PCD is damaged: its LZF data does not unpack") from cause
    if raw is None or len(raw) != needed:
        raise BadInput("the compressed PCD is damaged: it unpacks to the wrong length")
    columns, at = [], 0
    for kind, count in zip(header.kinds, header.counts, strict=True):
        column = np.frombuffer(raw, dtype=kind, count=header.points * count, offset=at)
        columns.append(column.reshape(header.points, count))
        at += column.nbytes
    return columns


def _ascii(source: BinaryIO, header: PcdHeader, limits: Limits) -> list[NDArray[Any]]:
    width = sum(header.counts)
    limits.check_memory(header.points * width * 24, "the PCD")
    text = source.read(limits.memory // 8 + 1)
    if len(text) > limits.memory // 8:
        raise BadInput(f"the ascii PCD has more than {limits.memory // 8:,} bytes", next_step="save it as binary")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != header.points:
        raise BadInput(f"the PCD header promises {header.points:,} points and {len(lines):,} lines follow")
    try:
        table = np.loadtxt(io.BytesIO(b"\n".join(lines)), dtype=np.float64, ndmin=2, comments=None)
    except ValueError as cause:
        raise BadInput(f"the ascii PCD holds a line that is not {width} numbers") from cause
    if table.shape != (header.points, width):
        raise BadInput(f"the ascii PCD has {table.shape[1]} numbers a line where its header says {width}")
    starts = np.cumsum((0, *header.counts))
    columns = [table[:, start:stop] for start, stop in itertools.pairwise(starts)]
    return [_typed(column, kind, name) for column, kind, name in zip(columns, header.kinds, header.names, strict=True)]


def _typed(column: NDArray[np.float64], kind: str, name: str) -> NDArray[Any]:
    wanted = np.dtype(kind)
    if wanted.kind == "f" and not (name in ("rgb", "rgba") and wanted.itemsize == 4):
        return column
    if wanted.kind == "f":
        # rgb is packed into a float's bits; some writers print it as that float, others as an integer
        whole = bool((np.isfinite(column) & (column == np.rint(column)) & (np.abs(column) < 2**32)).all())
        return column.astype(np.uint32) if whole and bool((column >= 0).all()) else column.astype(np.float32)
    room = np.iinfo(wanted)
    if not bool((np.isfinite(column) & (column >= room.min) & (column <= room.max)).all()):
        raise BadInput(f"the ascii PCD field {name[:40]} holds numbers that do not fit {wanted}")
    return column.astype(wanted)
