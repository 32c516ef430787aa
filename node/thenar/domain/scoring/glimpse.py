"""What a recording holds that is scored, and what of it may be shown to anybody: sizes in round numbers.

A preview tells neither a place, nor the shape of a room or a hand, nor what came after what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from thenar.domain.scoring.imu import streams_of
from thenar.domain.scoring.integers import pack, share, tally, within
from thenar.domain.scoring.parameters import SpatialRules
from thenar.domain.scoring.signals import Ints, Recorded, Signal
from thenar.domain.scoring.spatial import points_of
from thenar.domain.scoring.tactile import touch_of
from thenar.domain.scoring.trajectory import poses_of
from thenar.errors import BadInput

_SECOND: Final = 1_000_000_000
_TENS, _HALF, _FIFTH, _METRE = 10, 500, 5, 1_000


@dataclass(frozen=True, slots=True)
class Probed:
    """What is scored of a recording: its main stream, how many readings of how many numbers, in which unit."""

    stream: str
    readings: int
    numbers: int
    units: str

    @classmethod
    def of(cls, signal: Signal, rows: Ints) -> Probed:
        """Rows to score, and the stream that gives their clock and unit."""
        return cls(signal.name, len(rows), rows.shape[1], signal.units)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One round number that may be shown."""

    name: str
    value: int
    unit: str


Glimpses = tuple[Glimpse, ...]


def of_place(recorded: Recorded, rules: SpatialRules) -> Glimpses:
    """How many points, over how much ground, how high and how dense."""
    points, _ = points_of(recorded)
    points = points - points.min(axis=0)
    cells = points // rules.density_mm
    if not within(cells).all():
        raise BadInput("the scan is more than 50 km across", next_step="export one place at a time")
    counts = np.sort(tally(pack(cells), np.ones(len(cells), dtype=np.int64))[1])
    ground = len(np.unique(points[:, 0] // _METRE << 32 | points[:, 1] // _METRE))
    high = int(points[:, 2].max())
    return (
        Glimpse("points", rounded(len(points)), "points"),
        Glimpse("ground", rounded(ground), "m2"),
        Glimpse("height", -(-high // _HALF) * _HALF, "mm"),
        Glimpse("density", rounded(int(counts[len(counts) // 2])), f"points in {rules.density_mm} mm"),
    )


def of_touch(recorded: Recorded) -> Glimpses:
    """How many taxels, how many of them live, for how long and how often."""
    rows, signal = touch_of(recorded)
    live = share(int((rows.max(axis=0) > rows.min(axis=0)).sum()), rows.shape[1]) // 100
    alive = Glimpse("live", live // _FIFTH * _FIFTH, "%")
    return (Glimpse("taxels", rows.shape[1], "taxels"), alive, *_in_time(signal, len(rows)))


def of_movement(recorded: Recorded) -> Glimpses:
    """How many numbers make a pose, how many of them, for how long and how often."""
    rows, signal = poses_of(recorded)
    return (Glimpse("pose", rows.shape[1], "numbers"), *_in_time(signal, len(rows)))


def of_inertia(recorded: Recorded) -> Glimpses:
    """How many axes, for how long and how often."""
    acceleration, turning = streams_of(recorded)
    axes = acceleration.values.shape[1] + (0 if turning is None else turning.values.shape[1])
    return (Glimpse("axes", axes, "axes"), *_in_time(acceleration, len(acceleration.values)))


def _in_time(signal: Signal, count: int) -> Glimpses:
    readings = Glimpse("readings", rounded(count), "readings")
    lasting = 0 if signal.times is None else int(signal.times.max() - signal.times.min())
    if not lasting:
        return (readings,)
    rate = rounded((count - 1) * _SECOND // lasting)
    return (readings, Glimpse("lasting", lasting // _SECOND // _TENS * _TENS, "s"), Glimpse("rate", rate, "Hz"))


def rounded(number: int) -> int:
    """A number from 0, cut after its two first digits."""
    step = 10 ** max(0, len(str(number)) - 2)
    return int(number // step * step)
