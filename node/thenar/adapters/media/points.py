"""Point clouds, whatever file they come from: named columns to streams of integer records.

Coordinates become micrometres. A point with a coordinate that is not finite is a ray without return: it is left
out and counted. A further column with such values at kept points is left out whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thenar.adapters.media.quantise import integers
from thenar.adapters.media.recording import ARBITRARY, Block, Head, Ints, Reading, StreamInfo, in_blocks
from thenar.errors import BadInput

MICRO: Final = Fraction(1, 1_000_000)
Columns = Mapping[str, NDArray[Any]]

_GROUPS: Final = (
    ("normal", ("normal_x", "normal_y", "normal_z"), "1"),
    ("normal", ("nx", "ny", "nz"), "1"),
    ("colour", ("red", "green", "blue"), ARBITRARY),
    ("colour", ("diffuse_red", "diffuse_green", "diffuse_blue"), ARBITRARY),
)


def read_points(form: str, columns: Columns, notes: list[str]) -> Reading:
    """Turn named columns of equal length into a reading. Raises BadInput without x, y, z or without any point."""
    lowered = {name.lower(): name for name in columns}
    if not {"x", "y", "z"} <= set(lowered):
        raise BadInput(
            f"this {form.upper()} has no x, y and z but {', '.join(sorted(columns)[:8]) or 'no fields at all'}",
            next_step="export points with coordinates named x, y and z",
        )
    xyz = np.stack([columns[lowered[axis]].astype(np.float64) for axis in "xyz"], axis=1)
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(xyz).all(axis=1))
    returns = int(kept.sum())
    if returns == 0:
        raise BadInput(f"none of the {len(kept):,} points has finite coordinates", next_step="record the scan again")
    if returns < len(kept):
        notes.append(f"{len(kept) - returns:,} of {len(kept):,} points are rays without return and were left out")
    micrometres = integers(xyz[kept], MICRO, 0, "x, y, z")
    streams = [StreamInfo("points", "point", 1, 3, "m", 1, MICRO.denominator)]
    values = [micrometres]
    rest = {name: column[kept] for name, column in columns.items() if name.lower() not in ("x", "y", "z")}
    for info, extra in _further(rest, notes):
        streams.append(info)
        values.append(extra)
    return Reading(Head(form, "spatial", tuple(streams)), _blocks(values), notes)


def _further(columns: Columns, notes: list[str]) -> Iterator[tuple[StreamInfo, Ints]]:
    left = dict(columns)
    for kind, names, units in _GROUPS:
        if all(name in left for name in names):
            group = np.stack([left.pop(name) for name in names], axis=1)
            yield from _stream(names[0] if kind in columns else kind, kind, units, group, notes)
    for name, column in left.items():
        if name in ("rgb", "rgba") and column.dtype.itemsize == 4:
            packed = column.copy().view(np.uint32)
            colour = np.stack([(packed >> shift) & 255 for shift in (16, 8, 0)], axis=1)
            yield StreamInfo(name, "colour", 1, 3, ARBITRARY), colour.astype(np.int64)
        else:
            yield from _stream(name, name, ARBITRARY, column.reshape(len(column), -1), notes)


def _stream(
    name: str, kind: str, units: str, column: NDArray[Any], notes: list[str]
) -> Iterator[tuple[StreamInfo, Ints]]:
    real = column.dtype.kind == "f"
    largest = float(np.abs(column.astype(np.float64)).max()) if column.size else 0.0
    if real and not largest < 2.0**53:
        notes.append(f"field {name} holds values that are not finite or too large and was left out")
        return
    scale = Fraction(1)
    if real and not bool((column == np.rint(column)).all()):
        scale = MICRO if largest < 2.0**32 else Fraction(1, 1000)
    if largest / float(scale) < 2.0**53:
        info = StreamInfo(name, kind, 1, column.shape[1], units, scale.numerator, scale.denominator)
        yield info, integers(column, scale, 0, name)


def _blocks(values: list[Ints]) -> Iterator[Block]:
    for index, rows in enumerate(values):
        yield from in_blocks(index, None, rows)
