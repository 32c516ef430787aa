"""PLY files, ascii and binary of either byte order: the vertices, with whatever properties they have.

Source: the PLY format description of Greg Turk (1994).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import plyfile
from numpy.typing import NDArray

from thenar.adapters.media.points import read_points
from thenar.adapters.media.recording import DAMAGE, Limits, Reading, file_size
from thenar.errors import BadInput

_HEADER: Final = 256 * 1024
_SIZES: Final = {
    "char": 1,
    "uchar": 1,
    "int8": 1,
    "uint8": 1,
    "short": 2,
    "ushort": 2,
    "int16": 2,
    "uint16": 2,
    "int": 4,
    "uint": 4,
    "int32": 4,
    "uint32": 4,
    "float": 4,
    "float32": 4,
    "double": 8,
    "float64": 8,
}
FAILURES: Final = (plyfile.PlyParseError, *DAMAGE)


def read_ply(path: Path, *, limits: Limits) -> Reading:
    """Read the vertices of a PLY in micrometres, with their further properties. Raises BadInput."""
    size = file_size(path, limits)
    with path.open("rb") as source:
        faces = check_header(source, size, limits)
    try:
        content = plyfile.PlyData.read(str(path), mmap=False)
        vertices = content["vertex"].data
    except FAILURES as cause:
        raise BadInput(
            f"the PLY is damaged: {str(cause)[:120] or type(cause).__name__}", next_step="export it again"
        ) from cause
    notes = ["PLY states no unit: coordinates are taken as metres"]
    if faces:
        notes.append(f"{faces:,} further elements (faces, edges) are left in the file; only vertices are described")
    columns: dict[str, NDArray[Any]] = {}
    for name in vertices.dtype.names or ():
        column = vertices[name]
        if column.dtype == object:
            notes.append(f"vertex list property {name[:40]} was left out")
        else:
            columns[name] = np.asarray(column, dtype=column.dtype.newbyteorder("="))
    return read_points("ply", columns, notes)


def check_header(source: BinaryIO, size: int, limits: Limits) -> int:
    """Check the header's promises against the file's size; return the number of elements besides vertices.

    Raises BadInput before anything is allocated.
    """
    lines = _header_lines(source)
    ascii_data = False
    counts: dict[str, int] = {}
    rows: dict[str, int] = {}
    element = ""
    for line in lines:
        words = line.split()
        if words[:1] == ["format"]:
            ascii_data = words[1:2] == ["ascii"]
        elif words[:1] == ["element"]:
            element, count = _element(words)
            if element in counts:
                raise BadInput(f"the PLY header has two elements named {element[:40]!r}")
            counts[element], rows[element] = count, 0
        elif words[:1] == ["property"]:
            rows[element] = rows.get(element, 0) + _least_bytes(words, ascii_data)
    if "vertex" not in counts:
        raise BadInput("the PLY has no vertex element", next_step="export it as points or as a mesh")
    limits.check_records(sum(counts.values()), "the PLY header")
    limits.check_fields(len(lines), "the PLY header")
    limits.check_memory(sum(counts.values()) * 64 + size, "the PLY")
    least = sum(count * rows[name] for name, count in counts.items())
    left = size - source.tell()
    if left + 1 < least:
        raise BadInput(
            f"the PLY header promises at least {least:,} bytes of data but only {left:,} follow",
            next_step="the file is cut short or its header is wrong: export it again",
        )
    return sum(counts.values()) - counts["vertex"]


def _header_lines(source: BinaryIO) -> list[str]:
    lines: list[str] = []
    while True:
        raw = source.readline(4097)
        if not raw.endswith((b"\n", b"\r")) or len(raw) > 4096 or source.tell() > _HEADER:
            raise BadInput("the PLY header does not end with end_header", next_step="export the file again")
        line = raw.decode("latin-1").strip()
        if line == "end_header":
            return lines
        if line:
            lines.append(line)


def _element(words: list[str]) -> tuple[str, int]:
    if len(words) != 3 or not (words[2].isascii() and words[2].isdecimal() and len(words[2]) < 19):
        raise BadInput(f"the PLY header has a malformed element line: {' '.join(words)[:60]!r}")
    return words[1], int(words[2])


def _least_bytes(words: list[str], ascii_data: bool) -> int:
    kind = words[2] if words[1:2] == ["list"] and len(words) > 2 else words[1] if len(words) > 1 else ""
    if kind not in _SIZES:
        raise BadInput(f"the PLY header has a property of unknown type {kind[:20]!r}")
    return 2 if ascii_data else _SIZES[kind]
