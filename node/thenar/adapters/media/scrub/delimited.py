"""Text tables: comments, preambles and telling columns go; the cells kept stay letter for letter."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import BinaryIO, Final

from thenar.adapters.media.delimited import Table, open_table
from thenar.adapters.media.layout import Layout
from thenar.adapters.media.recording import Limits
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.scrub.words import is_private, left_out
from thenar.errors import BadInput

_ALWAYS: Final = "comments and lines before the table are left out of the sealed file"


def scrub_delimited(path: Path, out: BinaryIO, *, limits: Limits, layout: Layout | None) -> Scrubbed:
    """Write the header and rows of a table without comments and without columns that tell. Raises BadInput."""
    table = open_table(path, limits, layout)
    headed = layout is None or layout.header
    dropped = {index for index, name in enumerate(table.header) if headed and is_private(name)}
    kept = [index for index in range(len(table.header)) if index not in dropped]
    if not kept:
        raise BadInput(f"every column of {path.name} is a position on earth or a person's", next_step="record readings")
    text = io.TextIOWrapper(out, encoding=layout.encoding if layout else "utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\n")
    if headed:
        writer.writerow([table.header[index] for index in kept])
    _copy_rows(table, kept, writer, path.name)
    text.detach()
    names = [table.header[index] or f"column {index + 1}" for index in dropped]
    return Scrubbed("csv", [_ALWAYS, *left_out("columns", names)])


def _copy_rows(table: Table, kept: list[int], writer: object, name: str) -> None:
    write = getattr(writer, "writerow")  # noqa: B009 - the csv module exports no type of its writers
    width = len(table.header)
    for number, row in enumerate(table.rows, start=1):
        if len(row) != width and not (len(row) == width + 1 and not row[-1].strip()):
            raise BadInput(f"row {number} of {name} has {len(row)} cells where the header has {width}")
        write([row[index] for index in kept])
