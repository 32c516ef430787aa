"""Scans and touches large enough to carry marks, made from a seed."""

from __future__ import annotations

from pathlib import Path

import laspy
import numpy as np

POINTS = 30_000


def scan(path: Path, *, scale: float = 0.001, points: int = POINTS) -> Path:
    """A LAS of a floor of five by five metres with a centimetre of noise."""
    dice = np.random.default_rng(3)
    header = laspy.LasHeader(point_format=3, version="1.2")
    header.scales, header.offsets = np.array([scale] * 3), np.zeros(3)
    data = laspy.LasData(header)
    data.x, data.y, data.z = (
        dice.uniform(-2.5, 2.5, points),
        dice.uniform(-2.5, 2.5, points),
        dice.normal(1, 0.01, points),
    )
    data.intensity = dice.integers(0, 65_535, points).astype(np.uint16)
    data.gps_time = np.arange(points) / 1_000
    data.write(str(path))
    return path


def cropped(path: Path, into: Path) -> Path:
    """Half of a scan, its points in another order: what a thief might pass on."""
    data = laspy.read(str(path))
    order = np.random.default_rng(4).permutation(len(data.x))
    data.points = data.points[order[np.asarray(data.x)[order] < 0]]
    data.write(str(into))
    return into


def touches(path: Path, rows: int = 600) -> Path:
    """A CSV of BioTac electrodes of one finger that moves, in raw counts."""
    dice = np.random.default_rng(5)
    names = [f"ff_biotac_{number}" for number in range(1, 25)]
    values = np.clip(2_000 + dice.normal(0, 40, (rows, 24)).cumsum(axis=0), 0, 4_095).astype(int)
    lines = [",".join(names), *(",".join(map(str, row)) for row in values.tolist())]
    path.write_text("\n".join(lines) + "\n")
    return path
