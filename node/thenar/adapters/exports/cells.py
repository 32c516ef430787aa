"""The outline of an H3 cell on a map."""

from __future__ import annotations

import importlib
from typing import Any

from thenar.errors import BadConfig


def outline(cell: int) -> tuple[tuple[float, float], ...] | None:
    """A cell's corners as (longitude, latitude) in degrees, counter-clockwise and closed.

    None for a cell across the 180th meridian, which no single polygon shows. Raises BadConfig without h3.
    """
    try:
        h3: Any = importlib.import_module("h3")
    except ImportError as cause:
        raise BadConfig("outlines of cells need h3", next_step="pip install 'thenar[exports]'") from cause
    corners = tuple((float(east), float(north)) for north, east in h3.cell_to_boundary(f"{cell:x}"))
    longitudes = [corner[0] for corner in corners]
    return None if max(longitudes) - min(longitudes) > 180 else (*corners, corners[0])
