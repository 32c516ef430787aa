"""Inertial logs: how good one is, and its codes.

A code is of the lengths of acceleration and turning over a second or so, each about its median and in its own usual
size: the same however the sensor was mounted. What lies still has no code.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from thenar.domain.scoring.codes import CodeSketch, centred, sketch_of, taps
from thenar.domain.scoring.integers import BP, root, share
from thenar.domain.scoring.parameters import ImuRules
from thenar.domain.scoring.report import Part, Quality
from thenar.domain.scoring.signals import Ints, Recorded, Signal
from thenar.domain.scoring.timing import gap_part, gaps_of, rows_in
from thenar.errors import BadInput

_MICRO_G: Final = {"[g]": Fraction(1_000_000), "m/s2": Fraction(10**11, 980_665)}
_MICRO_DEGREES: Final = {"deg/s": Fraction(1_000_000), "rad/s": Fraction(180_000_000 * 10**9, 3_141_592_654)}


def _lengths(signal: Signal, units: dict[str, Fraction]) -> Ints:
    if signal.values.shape[1] != 3 or signal.units not in units:
        raise BadInput(f"{signal.name} is not three axes in {' or '.join(units)}")
    axes = np.clip(signal.in_steps(units[signal.units]), -(2**30), 2**30)
    return root((axes * axes).sum(axis=1))


def streams_of(recorded: Recorded) -> tuple[Signal, Signal | None]:
    """The accelerometer, and the gyroscope where one is as long. Raises BadInput without the first."""
    found = recorded.of_kind("acceleration")
    if not found or len(found[0].values) < 2:
        raise BadInput("this recording holds no acceleration", next_step="name the accelerometer in a layout")
    turning = [s for s in recorded.of_kind("angular_velocity") if len(s.values) == len(found[0].values)]
    return found[0], turning[0] if turning else None


def quality(recorded: Recorded, rules: ImuRules) -> Quality:
    """Score an inertial log: a steady clock, gravity of the right size at rest, movement, no frozen readings."""
    acceleration, turning = streams_of(recorded)
    parts = [_gravity(acceleration, rules), _frozen(acceleration), *_clock(acceleration, rules)]
    if turning is None:
        parts.append(Part("turning", 0, 1, "there is no gyroscope as long as the accelerometer"))
    else:
        moving = share(int((_lengths(turning, _MICRO_DEGREES) > rules.turning_udps).sum()), len(turning.values))
        said = f"it turns faster than {rules.turning_udps // 1_000_000} degrees a second {moving // 100}% of the time"
        parts.append(Part("turning", min(BP, moving * 10), 1, said))
    return Quality.of(parts, rules.least_part_bp) if parts[1].bp else Quality(0, tuple(parts))


def _gravity(signal: Signal, rules: ImuRules) -> Part:
    lengths = np.sort(_lengths(signal, _MICRO_G))
    off = abs(int(lengths[len(lengths) // 2]) - 1_000_000)
    bp = max(0, BP - max(0, off - rules.gravity_ug) * BP // (9 * rules.gravity_ug))
    said = (
        f"the median acceleration is {off // 1000} thousandths off gravity; {rules.gravity_ug // 1000} earn everything"
    )
    return Part("gravity", bp, 2, said)


def _frozen(signal: Signal) -> Part:
    repeats = int((signal.values[1:] == signal.values[:-1]).all(axis=1).sum())
    bp = BP - share(repeats, len(signal.values) - 1)
    return Part("readings", bp, 1, f"{repeats:,} of {len(signal.values):,} readings repeat the one before")


def _clock(signal: Signal, rules: ImuRules) -> list[Part]:
    found = None if signal.times is None else gaps_of(signal.times)
    if signal.times is None or found is None:
        return [Part("clock", 0, 2, "there is no clock")]
    steps = np.diff(signal.times)
    steady = share(int((np.abs(steps - found.median) * 2 <= found.median).sum()), len(steps))
    said = f"{steady // 100}% of the steps are within half of the usual {found.median // 1000:,} µs"
    return [gap_part(signal.times, weight=2), Part("steady rate", steady, 1, said)]


def sketch(recorded: Recorded, rules: ImuRules) -> CodeSketch:
    """The codes of an inertial log."""
    acceleration, turning = streams_of(recorded)
    step = rows_in(acceleration, rules.step_ns)
    lengths = [(_lengths(acceleration, _MICRO_G), rules.still_ug)]
    if turning is not None:
        lengths.append((_lengths(turning, _MICRO_DEGREES), rules.still_udps))
    parts, moving = [], []
    for values, still in lengths:
        windows = centred(taps(_smoothed(values, step)[:, None], rules.taps, step))
        usual = np.abs(windows).sum(axis=1) // rules.taps
        moving.append(usual > still)
        parts.append(windows * 1024 // np.maximum(usual, 1)[:, None])
    chosen = np.logical_and.reduce(moving)
    return sketch_of(np.concatenate(parts, axis=1)[chosen])


def _smoothed(values: Ints, width: int) -> Ints:
    """Means over ``width`` readings."""
    sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values)])
    return np.asarray((sums[width:] - sums[:-width]) // width, dtype=np.int64)
