"""The trace of a gesture from a recording: turning from a gyroscope or poses, touch, or joints. Whole numbers only."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Final

import numpy as np

from thenar.domain.gestures.trace import MOST_ROWS, STEP_NS, GestureTrace, Kind, excursions
from thenar.domain.scoring.signals import Ints, Recorded, Signal
from thenar.errors import BadInput

_MICRO_DEGREES: Final = {"deg/s": Fraction(1_000_000), "rad/s": Fraction(180_000_000 * 10**9, 3_141_592_654)}
_MICRO_G: Final = {"[g]": Fraction(1_000_000), "m/s2": Fraction(10**11, 980_665)}
_TOUCH: Final = ("force", "pressure", "electrode", "taxel", "touch", "tactile", "skin", "load", "capacit")
_JOINTS: Final = ("joint_position", "joint_pos", "states", "qpos", "state")
_MILLI: Final = {"rad": Fraction(1_000), "deg": Fraction(3_141_592_654, 180_000_000)}
_UNIT: Final = 1 << 20
_DEGREE: Final = 1_000_000
_HALF_TURN: Final = (180_000_000, 3_141_593)
_FASTEST: Final = 2**30
_LONGEST_NS: Final = 10**9
_REGIONS: Final = 4


def trace_of(recorded: Recorded) -> GestureTrace:
    """The first half minute of a recording as a trace. Raises BadInput for one in which nothing moves in time."""
    for kind in Kind:
        found = trace_as(recorded, kind)
        if found is not None:
            return found
    raise BadInput(
        "nothing in this recording shows a gesture",
        next_step="give the motion log that was recorded with it: a gyroscope with an accelerometer, or poses",
    )


def trace_as(recorded: Recorded, kind: Kind) -> GestureTrace | None:
    """The same as a trace of one kind, None where the recording holds nothing of it. Raises BadInput."""
    if kind is Kind.TURNS:
        return _turns(recorded)
    if kind is Kind.PRESSES:
        touch = recorded.of_kind(*_TOUCH)
        return _of_touch(touch) if touch else None
    joints = next((s for s in recorded.of_kind(*_JOINTS) if s.values.shape[1] >= _REGIONS), None)
    if joints is None:
        return None
    rows = joints.in_steps(_MILLI.get(joints.units, Fraction(1_000)))[:, :_REGIONS]
    return GestureTrace(Kind.JOINTS, _sampled(rows, _times(joints)))


def _turns(recorded: Recorded) -> GestureTrace | None:
    turning = next((s for s in recorded.of_kind("angular_velocity") if s.values.shape[1] == 3), None)
    up = next((s for s in recorded.of_kind("acceleration") if s.values.shape[1] == 3), None)
    if turning is not None and up is not None:
        return _of_turning(_gyrated(turning), _times(turning), _gravity(up))
    poses = next((s for s in recorded.of_kind("orientation") if s.values.shape[1] == 4), None)
    if poses is None:
        return None
    quaternions = np.clip(poses.in_steps(Fraction(1_000_000)), -(2**21), 2**21)
    return _of_turning(_between(quaternions), _times(poses), _up_of(quaternions))


def _times(signal: Signal) -> Ints:
    if signal.times is not None:
        return np.asarray(signal.times - signal.times[0], dtype=np.int64)
    if not signal.rate_mhz:
        raise BadInput(f"{signal.name} has neither a clock nor a rate", next_step="export it with times")
    return np.arange(len(signal.values), dtype=np.int64) * (10**12 // signal.rate_mhz)


def _sampled(rows: Ints, times: Ints) -> Ints:
    """The newest row at every tenth of a second, for half a minute at most."""
    count = min(MOST_ROWS, int(times[-1]) // STEP_NS + 1)
    at = np.searchsorted(times, np.arange(count, dtype=np.int64) * STEP_NS, side="right") - 1
    return np.asarray(rows[np.maximum(at, 0)], dtype=np.int64)


def _first(rows: Ints, times: Ints) -> Ints:
    kept = rows[times <= MOST_ROWS * STEP_NS]
    return kept if len(kept) else rows[:1]


def _gyrated(signal: Signal) -> Ints:
    """How far it turned about its own axes since the reading before, in millionths of a degree."""
    if signal.units not in _MICRO_DEGREES:
        raise BadInput(f"{signal.name} is not in {' or '.join(_MICRO_DEGREES)}")
    speed = np.clip(signal.in_steps(_MICRO_DEGREES[signal.units]), -_FASTEST, _FASTEST)
    steps = np.clip(np.diff(_times(signal), prepend=0), 0, _LONGEST_NS)
    return np.asarray(speed * steps[:, None] // 10**9, dtype=np.int64)


def _gravity(signal: Signal) -> Ints:
    """Which of its own directions is up most of the time."""
    if signal.units not in _MICRO_G:
        raise BadInput(f"{signal.name} is not in {' or '.join(_MICRO_G)}")
    rows = np.sort(
        np.clip(_first(signal.in_steps(_MICRO_G[signal.units]), _times(signal)), -_FASTEST, _FASTEST), axis=0
    )
    return np.asarray(rows[len(rows) // 2], dtype=np.int64)


def _between(q: Ints) -> Ints:
    """The same from orientations x, y, z, w in a world whose third axis is up: twice the vector of the small turn."""
    a, b = q[:-1], q[1:]
    w = (a * b).sum(axis=1)
    vector = a[:, 3:] * b[:, :3] - b[:, 3:] * a[:, :3] - np.cross(a[:, :3], b[:, :3])
    micro = np.where(w < 0, -1, 1)[:, None] * 2 * vector // 1_000_000
    turned = micro * _HALF_TURN[0] // _HALF_TURN[1]
    return np.concatenate([np.zeros((1, 3), dtype=np.int64), turned])


def _up_of(q: Ints) -> Ints:
    """The world's third axis as the body sees it, most of the time; in millionths."""
    x, y, z, w = (q[: MOST_ROWS * 10, at] for at in range(4))
    up = np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 10**12 - 2 * (x * x + y * y)], axis=1) // 10**6
    return np.asarray(np.sort(up, axis=0)[len(up) // 2], dtype=np.int64)


def _of_turning(turned: Ints, times: Ints, up: Ints) -> GestureTrace:
    """Yaw about what is up, and tilt about the axis that the opening shows, which is a look up."""
    unit = _unit(up)
    yaw = turned @ unit // _UNIT
    flat = turned - yaw[:, None] * unit // _UNIT
    sums = np.concatenate([np.cumsum(yaw)[:, None], np.cumsum(flat, axis=0)], axis=1)
    rows = _sampled(sums, times) // _DEGREE
    axis = _unit(_opening(rows))
    tilt = rows[:, 1:] @ axis // _UNIT
    return GestureTrace(Kind.TURNS, np.stack([rows[:, 0], tilt], axis=1))


def _opening(rows: Ints) -> Ints:
    """The axis of the first move, when that is a tilt; else any, and no opening will be seen."""
    first = next(excursions(rows, Kind.TURNS.out * 7 // 10), None)
    if first is None or abs(int(first[0])) > int(np.abs(first[1:]).max()):
        return np.array([0, 0, -1], dtype=np.int64)
    return np.asarray(first[1:], dtype=np.int64)


def _unit(vector: Ints) -> Ints:
    length = isqrt(sum(int(part) ** 2 for part in vector))
    if not length:
        raise BadInput(
            "nothing tells which way is up", next_step="record the accelerometer together with the gyroscope"
        )
    return np.asarray(vector * _UNIT // length, dtype=np.int64)


def _of_touch(signals: tuple[Signal, ...]) -> GestureTrace:
    """Loads of four equal parts of the taxels, in the file's order, in thousandths of the highest one."""
    most = max(len(signal.values) for signal in signals)
    kept = [signal for signal in signals if len(signal.values) == most]
    values = np.concatenate([np.clip(s.values - s.zero_offset, -(2**40), 2**40) for s in kept], axis=1)
    if values.shape[1] < _REGIONS:
        raise BadInput(f"a gesture of touch needs {_REGIONS} taxels at least")
    rows = _sampled(values, _times(kept[0]))
    low = np.sort(rows, axis=0)[len(rows) // 20]
    loads = np.stack([np.abs(part).sum(axis=1) for part in np.array_split(rows - low, _REGIONS, axis=1)], axis=1)
    return GestureTrace(Kind.PRESSES, loads * 1_000 // max(1, int(loads.max())))
