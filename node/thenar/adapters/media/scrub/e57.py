"""E57: the points alone, as a PLY in a frame of their own.

The format asks for a guid of the file and of each scan, and has places for serial numbers, weather and times: a copy
in another format has none of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import plyfile

from thenar.adapters.media.e57 import merged_scans
from thenar.adapters.media.points import MICRO
from thenar.adapters.media.recording import Limits
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.errors import BadInput

_NOTES: Final = (
    "the sealed file is a PLY: guids, serial numbers, software, weather, times, pictures and poses are left out",
    "coordinates were moved: the middle of the scan is 0, 0 and its lowest point has height 0",
)


def scrub_e57(path: Path, out: BinaryIO, *, limits: Limits) -> Scrubbed:
    """Write the points with a return to the micrometre, around the middle of the scan. Raises BadInput."""
    columns, notes = merged_scans(path, limits)
    xyz = np.stack([columns.pop(axis) for axis in "xyz"])
    kept = np.isfinite(xyz).all(axis=0)
    if not kept.any():
        raise BadInput(f"none of the {len(kept):,} points has finite coordinates", next_step="record the scan again")
    xyz = np.rint(xyz[:, kept] * MICRO.denominator)
    low, high = xyz.min(axis=1), xyz.max(axis=1)
    origin = np.append((low[:2] + high[:2]) // 2, low[2])
    points = dict(zip("xyz", (xyz - origin[:, None]) / MICRO.denominator, strict=True))
    points |= {name: column[kept] for name, column in columns.items()}
    rows = np.empty(int(kept.sum()), dtype=[(name, column.dtype) for name, column in points.items()])
    for name, column in points.items():
        rows[name] = column
    plyfile.PlyData([plyfile.PlyElement.describe(rows, "vertex")], text=False, byte_order="<").write(out)
    return Scrubbed("ply", [*_NOTES, *notes], localised=True)
