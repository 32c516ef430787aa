"""PCD and PLY: new headers without comments around the same points."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import plyfile

from thenar.adapters.media.pcd import PcdHeader, read_header
from thenar.adapters.media.ply import FAILURES, check_header
from thenar.adapters.media.recording import Limits, file_size
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.scrub.words import is_private, left_out
from thenar.errors import BadInput

_COPY: Final = 1 << 20
_SHAPES: Final = ("vertex", "face", "edge", "tristrips")
_STILL: Final = "0 0 0 1 0 0 0"


def scrub_pcd(path: Path, out: BinaryIO, *, limits: Limits) -> Scrubbed:
    """Write a header of the format's own words alone and exactly the data it promises. Raises BadInput."""
    size = file_size(path, limits)
    notes = ["comments and bytes after the points are left out of the sealed file"]
    with path.open("rb") as source:
        header = read_header(source, size, limits)
        telling = [name for name in header.names if is_private(name)]
        if telling:
            raise BadInput(
                f"the PCD has fields that give a position on earth or a person away: {', '.join(telling)[:80]}",
                next_step="export x, y and z in a local frame",
            )
        if header.viewpoint not in ("", _STILL):
            notes.append("the viewpoint of the scan is left out of the sealed file")
        out.write(_pcd_header(header).encode())
        if header.data == "ascii":
            _copy_lines(source, out, limits)
        else:
            _copy(source, out, _pcd_bytes(source, header, size))
    return Scrubbed("pcd", notes)


def _pcd_header(header: PcdHeader) -> str:
    sizes = [np.dtype(kind).itemsize for kind in header.kinds]
    letters = [{"f": "F", "i": "I", "u": "U"}[np.dtype(kind).kind] for kind in header.kinds]
    lines = (
        ("VERSION", "0.7"),
        ("FIELDS", " ".join(header.names)),
        ("SIZE", " ".join(map(str, sizes))),
        ("TYPE", " ".join(letters)),
        ("COUNT", " ".join(map(str, header.counts))),
        ("WIDTH", str(header.points // header.rows)),
        ("HEIGHT", str(header.rows)),
        ("VIEWPOINT", _STILL),
        ("POINTS", str(header.points)),
        ("DATA", header.data),
    )
    return "".join(f"{word} {value}\n" for word, value in lines)


def _pcd_bytes(source: BinaryIO, header: PcdHeader, size: int) -> int:
    if header.data == "binary":
        return header.points * header.dtype.itemsize
    start = source.tell()
    packed = int.from_bytes(source.read(4), "little")
    source.seek(start)
    if start + 8 + packed > size:
        raise BadInput("the compressed PCD is cut short", next_step="export it again")
    return 8 + packed


def _copy(source: BinaryIO, out: BinaryIO, count: int) -> None:
    while count > 0:
        part = source.read(min(count, _COPY))
        if not part:
            raise BadInput("the PCD is cut short", next_step="export it again")
        out.write(part)
        count -= len(part)


def _copy_lines(source: BinaryIO, out: BinaryIO, limits: Limits) -> None:
    while line := source.readline(limits.line + 1):
        if len(line) > limits.line:
            raise BadInput(f"the ascii PCD has a line of more than {limits.line:,} bytes")
        if line.strip():
            out.write(b" ".join(line.split()) + b"\n")


def scrub_ply(path: Path, out: BinaryIO, *, limits: Limits) -> Scrubbed:
    """Write vertices, faces and edges as a little-endian PLY without comments. Raises BadInput."""
    size = file_size(path, limits)
    with path.open("rb") as source:
        check_header(source, size, limits)
    try:
        content = plyfile.PlyData.read(str(path), mmap=False)
        others = [element.name for element in content.elements if element.name not in _SHAPES]
        kept = [element for element in content.elements if element.name in _SHAPES]
        telling = [prop.name for element in kept for prop in element.properties if is_private(prop.name)]
        if telling:
            raise BadInput(
                f"the PLY has properties that give a position on earth or a person away: {', '.join(telling)[:80]}",
                next_step="export x, y and z in a local frame",
            )
        bare = [plyfile.PlyElement(e.name, [_bare(p) for p in e.properties], e.count, []) for e in kept]
        for made, element in zip(bare, kept, strict=True):
            made.data = element.data
        buffer = io.BytesIO()
        plyfile.PlyData(bare, text=False, byte_order="<").write(buffer)
    except FAILURES as cause:
        raise BadInput(f"the PLY is damaged: {str(cause)[:120]}", next_step="export it again") from cause
    out.write(buffer.getbuffer())
    notes = ["comments and bytes after the last element are left out of the sealed file"]
    return Scrubbed("ply", [*notes, *left_out("elements", others)])


def _bare(prop: plyfile.PlyProperty) -> plyfile.PlyProperty:
    if isinstance(prop, plyfile.PlyListProperty):
        return plyfile.PlyListProperty(prop.name, prop.len_dtype, prop.val_dtype)
    return plyfile.PlyProperty(prop.name, prop.val_dtype)
