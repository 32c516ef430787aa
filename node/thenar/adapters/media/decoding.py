"""Which reader reads which format.

Readers are loaded by name when their format turns up: each brings a decoder library of its own, and the process
that decodes a hostile file should hold one of them, not all.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from thenar.adapters.media.formats import sniff
from thenar.adapters.media.layout import Layout, load_layout
from thenar.adapters.media.recording import Limits, Reading
from thenar.errors import BadInput


@dataclass(frozen=True, slots=True)
class _Reader:
    """A module of this package, its function, and whether a layout means anything to it."""

    module: str
    function: str
    table: bool = True

    def open(self, path: Path, limits: Limits, layout: Layout | None) -> Reading:
        function = decoder(f"{__package__}.{self.module}", self.function)
        reading = function(path, limits=limits, layout=layout) if self.table else function(path, limits=limits)
        assert isinstance(reading, Reading)
        return reading


READERS: Final = {
    "pcd": _Reader("pcd", "read_pcd", table=False),
    "ply": _Reader("ply", "read_ply", table=False),
    "las": _Reader("las", "read_las", table=False),
    "laz": _Reader("las", "read_las", table=False),
    "e57": _Reader("e57", "read_e57", table=False),
    "csv": _Reader("delimited", "read_delimited"),
    "hdf5": _Reader("hdf5", "read_hdf5"),
    "mcap": _Reader("logs", "read_mcap"),
    "parquet": _Reader("parquet", "read_parquet"),
}


def decoder(module: str, function: str) -> Any:
    """A function out of a module that brings a decoder library. Raises BadInput where that library is not made."""
    try:
        return getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as cause:
        raise BadInput(
            f"this machine has no library for the format: {cause.name} is missing",
            next_step="export the recording in another format that `docs/captures.md` lists",
        ) from cause


def beside(path: Path) -> Path | None:
    """The layout beside a file, when there is one."""
    found = path.parent / f"{path.name}.layout.toml"
    return found if found.is_file() else None


def layout_of(path: Path, layout: Layout | None) -> Layout | None:
    """The layout named, or the one beside the file. Raises BadInput."""
    found = beside(path)
    return load_layout(found) if layout is None and found is not None else layout


def open_reading(path: Path, *, limits: Limits, layout: Layout | None) -> Reading:
    """Start decoding a file in this process. Raises BadInput; the blocks may raise it too.

    Without a layout, the one beside the file (``<file>.layout.toml``) is used where there is one.
    """
    reader = READERS[sniff(path, limits)]
    layout = layout_of(path, layout) if reader.table else layout
    if layout is not None and not layout.signals and reader.module != "delimited":
        raise BadInput("the layout declares no [[stream]]", next_step="start from `thenar capture template --layout`")
    return reader.open(path, limits, layout)
