"""CSV and its relatives: any common delimiter, quotes, comments, byte order marks; rows read as a stream.

Source: RFC 4180 for quoting.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from thenar.adapters.media.known import known_layout
from thenar.adapters.media.layout import Layout
from thenar.adapters.media.quantise import integers, nanoseconds
from thenar.adapters.media.recording import BLOCK_NUMBERS, Block, Head, Ints, Limits, Reading, StreamInfo, file_size
from thenar.errors import BadInput

_ABSENT: Final = ("", "na", "n/a", "null", "none", "nan")
_ONE: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER: Final = re.compile(_ONE, re.ASCII)
_PLAIN: Final = re.compile(f"{_ONE}(?:\0{_ONE})*", re.ASCII)  # no line holds a zero byte


@dataclass(frozen=True, slots=True)
class _Column:
    """Which positions of a row make one stream."""

    info: StreamInfo
    positions: list[int]


@dataclass(slots=True)
class Table:
    """A text table: its column names, its rows to take once, and what separates their cells."""

    header: list[str]
    rows: Iterator[list[str]]
    delimiter: str


def read_delimited(path: Path, *, limits: Limits, layout: Layout | None) -> Reading:
    """Read a delimited text table under a declared or self-declared layout. Raises BadInput."""
    file_size(path, limits)
    table = open_table(path, limits, layout)
    limits.check_fields(len(table.header), path.name)
    layout = settled_layout(table.header, layout, path.name)
    names = table.header
    chosen = [_Column(signal.info(len(at)), at) for signal in layout.signals for at in (signal.choose(names),)]
    clock = None
    if layout.time is not None:
        if names.count(layout.time.column) != 1:
            raise BadInput(f"the layout's time column {layout.time.column!r} is not exactly one column of the file")
        clock = names.index(layout.time.column)
    used = _used(chosen, clock)
    notes = []
    if len(used) < len(names):
        unused = ", ".join(name[:40] for index, name in enumerate(names) if index not in used)
        notes.append(f"columns not in the layout and left out: {unused[:200]}")
    head = Head("csv", layout.modality, tuple(c.info for c in chosen), layout.time is not None and layout.time.epoch)
    reading = Reading(head, iter(()), notes)
    reading.blocks = _blocks(table, chosen, clock, layout, notes)
    return reading


def settled_layout(header: list[str], layout: Layout | None, name: str) -> Layout:
    """The declared layout, or the one the header declares by itself read as the layout's other keys say."""
    if layout is not None and layout.signals:
        return layout
    known = known_layout(header)
    if known is None:
        raise BadInput(
            f"{name} does not say what its {len(header)} columns mean",
            next_step=f"declare them in {name}.layout.toml; `thenar capture template --layout` prints a start",
        )
    if layout is None:
        return known
    return replace(layout, modality=known.modality, signals=known.signals, time=layout.time or known.time)


def _used(chosen: Sequence[_Column], clock: int | None) -> set[int]:
    positions = {position for column in chosen for position in column.positions}
    return positions if clock is None else positions | {clock}


def open_table(path: Path, limits: Limits, layout: Layout | None) -> Table:
    """Find the header and the rows of a text table. Raises BadInput."""
    lines = _lines(path, limits, layout.encoding if layout else "utf-8")
    delimiter = layout.delimiter if layout else None
    comment, first = "", ""
    for line in lines:
        text = line.strip()
        if text.lower().startswith("sep=") and len(text) == 5:
            delimiter = delimiter or text[4]
        elif text.startswith("#"):
            comment = text
        elif text:
            first = line
            break
    if not first:
        raise BadInput(f"{path.name} holds no rows")
    delimiter = delimiter or _delimiter(first)
    body = (line for line in itertools.chain([first], lines) if not line.lstrip().startswith("#"))
    rows = _rows(body, delimiter, path.name)
    top = next(rows)
    if layout is not None and not layout.header:
        return Table([str(index + 1) for index in range(len(top))], itertools.chain([top], rows), delimiter)
    if all(_NUMBER.fullmatch(cell.strip()) for cell in top):
        names = next(_rows(iter([comment.lstrip("# ")]), delimiter, path.name), []) if comment else []
        if len(names) != len(top):
            raise BadInput(f"{path.name} has no header line", next_step="declare header = false in its layout")
        return Table([name.strip() for name in names], itertools.chain([top], rows), delimiter)
    return Table([name.strip() for name in top], rows, delimiter)


def _lines(path: Path, limits: Limits, encoding: str) -> Iterator[str]:
    """Decoded lines of bounded length, however they end."""
    with path.open("rb") as source:
        mark = source.read(4)
        source.seek(0)
        if encoding == "utf-16" or mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise BadInput(f"{path.name} is UTF-16 text", next_step="save it as UTF-8")
        if b"\0" in source.read(4096):
            raise BadInput(f"{path.name} is not text", next_step="name a recorded file of a known format")
        source.seek(3 if mark[:3] == b"\xef\xbb\xbf" else 0)
        number = 0
        while line := _line(source, limits.line):
            number += 1
            if len(line) > limits.line:
                raise BadInput(f"line {number} of {path.name} is longer than {limits.line:,} bytes")
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError as cause:
                raise BadInput(
                    f"line {number} of {path.name} is not {encoding} text",
                    next_step='declare encoding = "cp1252" in its layout where that is what it is',
                ) from cause
            if "\0" in text:
                raise BadInput(f"line {number} of {path.name} holds a zero byte: it is not text")
            yield from text.splitlines(keepends=True) if "\r" in text else (text,)


def _line(source: BinaryIO, limit: int) -> bytes:
    return source.readline(limit + 1)


def _delimiter(line: str) -> str:
    bare = re.sub(r'"[^"]*"', "", line)
    return next((mark for mark in ("\t", ";", ",", "|") if mark in bare), " " if " " in bare.strip() else ",")


def _rows(lines: Iterator[str], delimiter: str, name: str) -> Iterator[list[str]]:
    spaced = delimiter == " "
    source = (" ".join(line.split()) for line in lines) if spaced else lines
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if row and any(cell.strip() for cell in row):
                yield row
    except csv.Error as cause:
        raise BadInput(f"line {reader.line_num} of {name} is not well-formed: {cause}") from cause


def _blocks(
    table: Table, chosen: Sequence[_Column], clock: int | None, layout: Layout, notes: list[str]
) -> Iterator[Block]:
    width = len(table.header)
    batch = max(1, BLOCK_NUMBERS // width)
    number, dropped = 0, 0
    while rows := list(itertools.islice(table.rows, batch)):
        taken = len(rows)
        numbers, lost = _numbers(rows, number, width, chosen, clock, layout)
        number, dropped = number + taken, dropped + lost
        times = _times(rows, clock, layout, numbers)
        for index, column in enumerate(chosen):
            values = numbers[:, column.positions]
            if len(values):
                what = f"stream {column.info.name}"
                yield Block(index, times, integers(values, *layout.signals[index].conversion, what))
    if number == dropped:
        raise BadInput("the table has a header but no row of numbers")
    if dropped:
        notes.append(f"{dropped:,} of {number:,} rows have empty or not-a-number cells and were left out")


def _numbers(
    rows: list[list[str]], before: int, width: int, chosen: Sequence[_Column], clock: int | None, layout: Layout
) -> tuple[NDArray[np.float64], int]:
    """Used cells as doubles, unused ones zero; rows that may be dropped are removed from both."""
    used = sorted(_used(chosen, clock))
    kept, found = [], []
    for index, row in enumerate(rows):
        if len(row) != width and not (len(row) == width + 1 and not row[-1].strip()):
            raise BadInput(f"row {before + index + 1} has {len(row)} cells where the header has {width}")
        numbers = _row([row[position] for position in used], before + index + 1, layout)
        if numbers is not None:
            kept.append(row)
            found.append(numbers)
    lost = len(rows) - len(kept)
    rows[:] = kept
    made = np.zeros((len(kept), width), dtype=np.float64)
    if kept:
        made[:, used] = np.array(found, dtype=np.float64)
    return made, lost


def _row(cells: list[str], row: int, layout: Layout) -> list[float] | None:
    """The numbers of one row, or None when it may be dropped."""
    # nearly every row is plain numbers: one match for all its cells is three times as fast as one for each
    if _PLAIN.fullmatch("\0".join(cells)):
        return [float(cell) for cell in cells]
    cells = [cell.strip() for cell in cells]
    if any(cell.lower() in _ABSENT for cell in cells):
        if layout.missing == "refuse":
            raise BadInput(
                f"row {row} has an empty or not-a-number cell",
                next_step='repair it, or declare missing = "drop" in the layout',
            )
        return None
    return [_number(cell, layout.decimal, row) for cell in cells]


def _number(cell: str, decimal: str, row: int) -> float:
    plain = cell.replace(",", ".") if decimal == "," and "." not in cell else cell
    if not _NUMBER.fullmatch(plain):
        hint = 'declare decimal = "," in the layout' if "," in cell else "correct the cell, or leave the column out"
        raise BadInput(f"row {row} has {cell[:40]!r} where a number belongs", next_step=hint)
    return float(plain)


def _times(rows: list[list[str]], clock: int | None, layout: Layout, numbers: NDArray[np.float64]) -> Ints | None:
    """Nanoseconds; whole numbers are taken from the text, because 19-digit stamps do not fit a double."""
    if clock is None or layout.time is None:
        return None
    texts = [row[clock].strip() for row in rows]
    if all(text.lstrip("-").isdecimal() and len(text) < 20 for text in texts):
        return nanoseconds(np.array([int(text) for text in texts], dtype=np.int64), layout.time.unit, "the time column")
    return nanoseconds(numbers[:, clock], layout.time.unit, "the time column")
