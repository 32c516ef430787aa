"""A recording made small enough to draw: a thinned cloud, a heat map of each stream, how even its clock is.

Pictures only: nothing here is scored, paid or signed. Arrays are little-endian bytes in base64.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thenar.domain.scoring.integers import pack, tally, unpack
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.signals import Ints, Signal

SHELL_MM: Final = 400
"""Edge of the cubes in which a published sketch is shown: furniture is a cube or two, a face is nothing."""
MOST_POINTS: Final = 150_000
MOST_ROWS, MOST_COLUMNS = 128, 480
BINS: Final = 48
_STEPS: Final = 255


def shell_of(sketch: PlaceSketch) -> dict[str, object]:
    """A published sketch in cubes of 400 mm, in steps of a cube from its least corner; no counts."""
    wide = SHELL_MM // sketch.rules.cell_mm
    keys, _ = tally(pack(sketch.cells // wide), np.ones(len(sketch.cells), dtype=np.int64))
    cubes = unpack(keys)[:MOST_POINTS]
    return {"edge_mm": SHELL_MM, "cubes": len(cubes), "places": _text((cubes - cubes.min(axis=0)).astype("<i4"))}


def cloud_of(points: Ints) -> dict[str, object]:
    """Points in millimetres from their least corner, evenly thinned where there are more than can be drawn."""
    step = -(-len(points) // MOST_POINTS)
    low = points.min(axis=0)
    shown = (points[::step] - low).astype("<i4")
    size = [int(edge) for edge in points.max(axis=0) - low]
    return {"points": len(points), "shown": len(shown), "size_mm": size, "places": _text(shown)}


def stream_of(signal: Signal) -> dict[str, object]:
    """One stream: a map of sensors over time, and its clock where it has one."""
    return {
        "name": signal.name,
        "kind": signal.kind,
        "units": signal.units,
        "sensors": signal.values.shape[1] // signal.axes,
        "axes": signal.axes,
        "readings": len(signal.values),
        "heat": heat_of(signal),
        "timing": None if signal.times is None else timing_of(signal.times),
    }


def heat_of(signal: Signal) -> dict[str, object]:
    """How strong each sensor is over time, in 256 steps between the least and the greatest: the strongest of what
    shares a pixel. ``low`` and ``high`` are in the stream's unit."""
    sensors = signal.values.shape[1] // signal.axes
    strength = np.abs(signal.values - signal.zero_offset).reshape(-1, sensors, signal.axes).sum(axis=2)
    small = _pooled(_pooled(strength, MOST_COLUMNS).T, MOST_ROWS)
    low, high = int(small.min()), int(small.max())
    steps = (small - low) * _STEPS // max(1, high - low)
    rows, columns = steps.shape
    ends = {"low": float(low * signal.scale), "high": float(high * signal.scale)}
    return {"rows": rows, "columns": columns, **ends, "cells": _text(steps.astype(np.uint8))}


def timing_of(times: Ints) -> dict[str, object] | None:
    """How far readings lie apart: a histogram up to twice the usual distance, and the longest. None without two."""
    apart = np.diff(times)
    if not len(apart):
        return None
    usual = int(np.sort(apart)[len(apart) // 2])
    top = max(1, 2 * usual)
    places = np.clip(apart * BINS // top, 0, BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    span = {"seconds": int(times[-1] - times[0]) / 1e9, "usual_ms": usual / 1e6, "longest_ms": int(apart.max()) / 1e6}
    return {**span, "late": int((apart > top).sum()), "top_ms": top / 1e6, "counts": [int(count) for count in counts]}


def _pooled(rows: Ints, most: int) -> Ints:
    """At most so many rows; each the greatest of those it stands for."""
    if len(rows) <= most:
        return rows
    starts: Sequence[int] = [place * len(rows) // most for place in range(most)]
    return np.asarray(np.maximum.reduceat(rows, starts, axis=0), dtype=np.int64)


def _text(values: NDArray[np.generic]) -> str:
    return b64encode(np.ascontiguousarray(values).tobytes()).decode()
