"""Marks written into recordings and read out of found ones: LAS, LAZ and text tables are written, every format is read.

Written in this process: the file is the node's own, scrubbed and sealed here. A found file is read in a process of
its own, like every file of a stranger's.
"""

from __future__ import annotations

import csv
import io
import itertools
from decimal import Decimal
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO, Final

import laspy
import numpy as np

from thenar.adapters.media.decoding import layout_of
from thenar.adapters.media.delimited import open_table, settled_layout
from thenar.adapters.media.formats import sniff
from thenar.adapters.media.isolated import read
from thenar.adapters.media.las import CHUNK, FAILURES, check_header, damaged
from thenar.adapters.media.layout import Signal, load_layout
from thenar.adapters.media.points import MICRO
from thenar.adapters.media.quantise import integers
from thenar.adapters.media.recording import Limits, file_size
from thenar.adapters.media.scrub.las import CREATED
from thenar.domain.marking import Reading, Secrets, check_step, marked
from thenar.errors import BadInput

DEFAULT_STEP: Final = {"spatial": 4_000}
"""Micrometres between two bits of a point cloud; of anything else 4 of its own units."""
ROWS: Final = 4_096
MOST_CELLS: Final = 20_000_000
"""Cells of a found file that are counted: some 2 GB of memory."""


def default_step(modality: str) -> int:
    """The distance between two bits when nobody names one."""
    return DEFAULT_STEP.get(modality, 4)


def write_marked(path: Path, into: Path, *, step: int, secrets: Secrets, layout: Path | None = None) -> None:
    """Write a copy whose first stream carries the secrets' bits. ``into`` must not exist. Raises BadInput."""
    check_step(step)
    limits = Limits()
    form = sniff(path, limits)
    if form not in ("las", "laz", "csv"):
        raise BadInput(
            f"{form.upper()} recordings cannot be marked",
            next_step="publish the scan as LAS or LAZ, or the readings as CSV",
        )
    with into.open("xb") as out:
        if form == "csv":
            _write_table(path, out, limits, layout, step, secrets)
        else:
            _write_points(path, out, limits, step, secrets)


def read_marks(path: Path, *, step: int, layout: Path | None = None, limits: Limits | None = None) -> Reading:
    """The votes for every cell's bit in the first stream of a file of any format. Raises BadInput."""
    check_step(step)
    found = Reading()
    with read(path, limits=limits, layout=layout) as recording:
        for block in recording:
            if block.stream == 0:
                found.add(block.values, step)
                if len(found.votes) > MOST_CELLS:
                    raise BadInput(f"{path.name} has more than {MOST_CELLS:,} cells", next_step="cut a part out of it")
    return found


def _write_points(path: Path, out: BinaryIO, limits: Limits, step: int, secrets: Secrets) -> None:
    compressed = check_header(path, file_size(path, limits), limits)
    backend = laspy.LazBackend.Lazrs if compressed else None
    try:
        with laspy.open(str(path), read_evlrs=False, laz_backend=backend) as reader:
            header = reader.header
            if max(header.scales) * MICRO.denominator * 4 > step:
                raise BadInput(
                    f"the points lie {max(header.scales):g} apart, too coarse for a step of {step} micrometres",
                    next_step=f"take a --step of at least {int(max(header.scales) * MICRO.denominator * 4)}",
                )
            writer = laspy.LasWriter(out, header, do_compress=compressed, laz_backend=backend, closefd=False)
            for chunk in reader.chunk_iterator(CHUNK):
                xyz = np.stack([np.asarray(chunk[axis], dtype=np.float64) for axis in "xyz"], axis=1)
                moved = marked(integers(xyz, MICRO, 0, "x, y, z"), step, secrets)
                raw = np.rint((moved / float(MICRO.denominator) - header.offsets) / header.scales)
                for at, axis in enumerate("XYZ"):
                    chunk.array[axis] = raw[:, at].astype(np.int32)
                writer.write_points(chunk)
            writer.close()
    except FAILURES as cause:
        raise damaged(cause) from cause
    out.seek(CREATED)  # the library writes today, and the same copy would be another file tomorrow
    out.write(bytes(4))
    out.seek(0, SEEK_END)


def _write_table(path: Path, out: BinaryIO, limits: Limits, named: Path | None, step: int, secrets: Secrets) -> None:
    declared = layout_of(path, load_layout(named) if named is not None else None)
    table = open_table(path, limits, declared)
    layout = settled_layout(table.header, declared, path.name)
    signal = layout.signals[0]
    positions = signal.choose(table.header)
    text = io.TextIOWrapper(out, encoding=layout.encoding, newline="", write_through=True)
    writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\n")
    if layout.header:
        writer.writerow(table.header)
    while rows := list(itertools.islice(table.rows, ROWS)):
        _mark_rows(rows, positions, signal, step, secrets)
        writer.writerows(rows)
    text.detach()


def _mark_rows(rows: list[list[str]], positions: list[int], signal: Signal, step: int, secrets: Secrets) -> None:
    """Change the cells of one stream that carry a bit; a row with a cell that is no number stays as it is."""
    whole, numbers = [], []
    for row in rows:
        try:
            numbers.append([float(row[position]) for position in positions])
        except (ValueError, IndexError):
            continue
        whole.append(row)
    if not whole:
        return
    scale, zero = signal.conversion
    before = integers(np.array(numbers, dtype=np.float64), scale, zero, f"stream {signal.name}")
    after = marked(before, step, secrets)
    for at, column in zip(*np.nonzero(after != before), strict=True):
        value = (int(after[at, column]) - zero) * scale
        told = Decimal(value.numerator) / Decimal(value.denominator)
        whole[at][positions[column]] = format(told.normalize() if told % 1 else told.to_integral(), "f")
