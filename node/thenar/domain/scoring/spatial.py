"""Scans: how good one is."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from thenar.domain.scoring.integers import BP, find, pack, ramp, share, tally, unpack
from thenar.domain.scoring.parameters import SpatialRules
from thenar.domain.scoring.report import Part, Quality
from thenar.domain.scoring.signals import Ints, Recorded, Signal
from thenar.domain.scoring.timing import gap_part
from thenar.errors import BadInput

_MILLIMETRES: Final = {
    "m": Fraction(1000),
    "cm": Fraction(10),
    "mm": Fraction(1),
    "[ft_i]": Fraction(3048, 10),
    "[ft_us]": Fraction(1_200_000, 3937),
}


def points_of(recorded: Recorded) -> tuple[Ints, Signal]:
    """All points in millimetres, and the stream they are from. Raises BadInput when there are none."""
    for signal in recorded.of_kind("point", "position"):
        if signal.values.shape[1] % 3 == 0 and len(signal.values) and signal.units in _MILLIMETRES:
            return signal.in_steps(_MILLIMETRES[signal.units]).reshape(-1, 3), signal
    raise BadInput("this recording holds no points with a unit of length", next_step="export x, y, z in metres")


def quality(recorded: Recorded, rules: SpatialRules) -> Quality:
    """Score a scan: dense, large, made of surfaces, on a floor, without holes in its clock."""
    points, signal = points_of(recorded)
    points = points - points.min(axis=0)
    parts = [_density(points, rules), _extent(points, rules), _structure(points, rules), _gravity(points, rules)]
    if signal.times is not None:
        parts.append(gap_part(signal.times, weight=1))
    return Quality.of(parts, rules.least_part_bp)


def _voxels(points: Ints, size: int) -> tuple[Ints, Ints]:
    if int(points.max()) // size >= 1 << 20:
        raise BadInput("the scan is more than 50 km across", next_step="export one place at a time")
    return tally(pack(points // size), np.ones(len(points), dtype=np.int64))


def _density(points: Ints, rules: SpatialRules) -> Part:
    _, counts = _voxels(points, rules.density_mm)
    middle = int(np.sort(counts)[len(counts) // 2])
    said = f"half of the occupied {rules.density_mm} mm voxels hold {middle} points or more"
    reason = f"{said}; {rules.full_density} earn everything"
    return Part("density", ramp(middle, rules.full_density), 3, reason)


def _extent(points: Ints, rules: SpatialRules) -> Part:
    keys, _ = _voxels(points, rules.voxel_mm)
    reason = f"{len(keys):,} voxels of {rules.voxel_mm} mm are occupied; {rules.full_extent:,} earn everything"
    return Part("extent", ramp(len(keys), rules.full_extent), 2, reason)


def _structure(points: Ints, rules: SpatialRules) -> Part:
    """Surfaces leave a voxel with some neighbours; dust leaves it alone, a solid block surrounds it."""
    keys, _ = _voxels(points, rules.voxel_mm)
    cells, around = unpack(keys), np.zeros(len(keys), dtype=np.int64)
    steps = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) > (0, 0, 0)]
    for step in steps:
        there = find(keys, pack(cells + np.array(step, dtype=np.int64)))
        beside = there >= 0
        around[beside] += 1
        around[there[beside]] += 1  # a voxel is beside at most one other in one direction
    good = (around >= rules.least_neighbours) & (around <= rules.most_neighbours)
    found = share(int(good.sum()), len(keys))
    bp = max(0, (found - rules.structure_from_bp) * BP // (BP - rules.structure_from_bp))
    half = rules.structure_from_bp // 100
    reason = (
        f"{found // 100}% of the voxels lie in surfaces, the rest is lone dust or solid filling; {half}% earn nothing"
    )
    return Part("structure", bp, 2, reason)


def _gravity(points: Ints, rules: SpatialRules) -> Part:
    """Columns that begin at the floor: an upright scan of a room has a floor nearly everywhere."""
    keys, _ = _voxels(points, rules.voxel_mm)
    cells = unpack(keys)
    columns, first = np.unique(keys >> 21, return_index=True)
    lowest = cells[first, 2]  # keys ascend, so the first of a column is its lowest
    heights, counts = np.unique(lowest, return_counts=True)
    floor = int(heights[np.argmax(counts)])
    near = rules.floor_mm // rules.voxel_mm
    bp = share(int((np.abs(lowest - floor) <= near).sum()), len(columns))
    reason = f"{bp // 100}% of the ground plan has its lowest point within {rules.floor_mm} mm of one level floor"
    return Part("level floor", bp, 2, reason)
