"""A table whose layout stayed with its owner, read for looking at: streams side by side, as its manifest counts them.

What the columns mean is not in the file. A manifest says how many numbers its streams have and how long it lasts; where
the columns are just as many, in that order, with one clock more or none, they are drawn as these streams. Otherwise all
are one. Numbers stand as in the file, without a unit: enough for a picture, and for nothing else.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from thenar.adapters.media.quantise import NANOSECONDS
from thenar.domain.description import Stream
from thenar.errors import BadInput

EDGE: Final = 256 * 1024
"""Bytes looked at from either end of the file."""
SCALE: Final = "1/1000"
_NEAR: Final = 50  # one part in fifty


def write_layout(path: Path, streams: Sequence[Stream], span_ns: int) -> Path:
    """Write a layout for a table beside it. Raises BadInput for what is no table."""
    names, first, last = _edges(path)
    clock = _clock(first, last, span_ns)
    columns = [name for place, name in enumerate(names) if clock is None or place != clock[0]]
    parts = _parts(columns, streams)
    modality = "tactile" if any(mark in stream.kind for stream in streams for mark in ("touch", "force")) else "imu"
    lines = [f'modality = "{modality}"', 'missing = "drop"']
    if clock is not None:
        lines += ["[time]", f"column = {json.dumps(names[clock[0]])}", f'unit = "{clock[1]}"']
    for name, kind, chosen in parts:
        lines += ["[[stream]]", f"name = {json.dumps(name)}", f"kind = {json.dumps(kind)}", 'units = "[arb\'U]"']
        lines += [f'scale = "{SCALE}"', f"columns = {json.dumps(chosen)}"]
    layout = path.parent / f"{path.name}.layout.toml"
    layout.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return layout


def _parts(columns: list[str], streams: Sequence[Stream]) -> list[tuple[str, str, list[str]]]:
    if any(name.endswith("*") for name in columns):
        raise BadInput("a column's name ends with *", next_step="look at it with the layout its owner has")
    if len(columns) != sum(stream.count * stream.axes for stream in streams):
        return [("columns", "unknown", columns)]
    found, at = [], 0
    for stream in streams:
        wide = stream.count * stream.axes
        found.append((stream.name, stream.kind, columns[at : at + wide]))
        at += wide
    return found


def _edges(path: Path) -> tuple[list[str], list[str], list[str]]:
    """The header, the first row and the last."""
    with path.open("rb") as source:
        head = source.read(EDGE)
        source.seek(max(0, path.stat().st_size - EDGE))
        tail = source.read(EDGE)
    try:
        top, end = head.decode("utf-8-sig"), tail.decode("utf-8", "replace")
        dialect = csv.Sniffer().sniff(top.split("\n", 1)[0], ",;\t|")
        rows = list(csv.reader(top.splitlines()[:2], dialect))
        last = list(csv.reader(end.splitlines()[-1:], dialect))
    except (UnicodeDecodeError, csv.Error) as cause:
        raise BadInput("this table's columns cannot be told apart without its layout") from cause
    if len(rows) < 2 or not last or not len(rows[0]) == len(rows[1]) == len(last[0]):
        raise BadInput("this table has no header over rows of one width")
    return [name.strip() for name in rows[0]], rows[1], last[0]


def _clock(first: Sequence[str], last: Sequence[str], span_ns: int) -> tuple[int, str] | None:
    """The column that lasts as long as the manifest says, and in which unit it then counts."""
    for place, (begun, ended) in enumerate(zip(first, last, strict=True)):
        try:
            apart = Decimal(ended) - Decimal(begun)
        except InvalidOperation:
            continue
        for unit, ns in NANOSECONDS.items():
            if span_ns > 0 and apart > 0 and abs(apart * ns - span_ns) * _NEAR <= span_ns:
                return place, unit
    return None
