"""Touch: how good a recording of taxels is, and its codes.

With a clock a code is of changes of all taxels over a tenth of a second, four in a row: what a sensor shows at rest
cancels. Readings without a clock are coded one by one against each taxel's median.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from thenar.domain.scoring.codes import CodeSketch, centred, noise_of, sketch_of, taps
from thenar.domain.scoring.integers import BP, ramp, share
from thenar.domain.scoring.parameters import TactileRules
from thenar.domain.scoring.report import Part, Quality
from thenar.domain.scoring.signals import Ints, Recorded, Signal
from thenar.domain.scoring.timing import gap_part, rows_in
from thenar.errors import BadInput

TOUCH: Final = ("force", "pressure", "electrode", "taxel", "touch", "tactile", "skin", "load", "capacit")
ARBITRARY: Final = "[arb'U]"


def touch_of(recorded: Recorded) -> tuple[Ints, Signal]:
    """All taxels side by side: streams with as many readings as the largest. Raises BadInput without any."""
    found = recorded.of_kind(*TOUCH) or recorded.signals
    most = max((len(signal.values) for signal in found), default=0)
    if not most:
        raise BadInput("this recording holds no readings of touch")
    kept = [signal for signal in found if len(signal.values) == most]
    return np.concatenate([s.values - s.zero_offset for s in kept], axis=1), kept[0]


def quality(recorded: Recorded, rules: TactileRules) -> Quality:
    """Score touch: sensors alive and not saturated, a range used, contact that comes and goes, a clock, a unit."""
    rows, signal = touch_of(recorded)
    parts = [_live(rows), _unsaturated(rows, rules), _range(rows, rules), _contact(rows, rules), _distinct(rows)]
    if signal.times is not None:
        parts.append(gap_part(signal.times, weight=1))
    elif signal.rate_mhz:
        parts.append(Part("clock", BP, 1, f"a steady rate of {signal.rate_mhz // 1000:,} Hz is declared"))
    else:
        parts.append(Part("clock", 0, 1, "there is no clock and no rate: readings in no known time"))
    known = signal.units != ARBITRARY
    said = f"readings are in {signal.units}" if known else "nobody says what a count is worth: raw counts, no unit"
    parts.append(Part("calibration", BP if known else 0, 1, said))
    return Quality.of(parts, 0) if parts[0].bp else Quality(0, tuple(parts))


def _live(rows: Ints) -> Part:
    live = int((rows.max(axis=0) > rows.min(axis=0)).sum())
    bp = share(live, rows.shape[1])
    return Part("live taxels", bp, 1, f"{live:,} of {rows.shape[1]:,} taxels ever change")


def _unsaturated(rows: Ints, rules: TactileRules) -> Part:
    """A taxel is saturated where it stays at its own highest value."""
    top = rows.max(axis=0)
    moving = top > rows.min(axis=0)
    stuck = (rows == top).sum(axis=0) * BP > rules.saturated_bp * len(rows)
    good = int((moving & ~stuck).sum())
    bp = share(good, max(1, int(moving.sum())))
    said = f"{int((moving & stuck).sum()):,} live taxels stay at their highest value for more than "
    return Part("not saturated", bp, 1, said + f"{rules.saturated_bp // 100}% of the readings")


def _range(rows: Ints, rules: TactileRules) -> Part:
    bits = int(rows.max() - rows.min()).bit_length()
    return Part("range", ramp(bits, rules.full_bits), 1, f"{bits} bits are used; {rules.full_bits} earn everything")


def _contact(rows: Ints, rules: TactileRules) -> Part:
    """Contact: a reading whose load is over a tenth of the highest, above each taxel's usual low."""
    rest = np.sort(rows, axis=0)[len(rows) // 20]
    loads = np.abs(rows - rest).sum(axis=1)
    duty = share(int((loads * 10 > loads.max()).sum()), len(loads)) if int(loads.max()) else 0
    inside = min(duty, BP - duty)
    bp = ramp(inside, rules.least_duty_bp)
    least = rules.least_duty_bp // 100
    return Part(
        "contact", bp, 1, f"something is touched {duty // 100}% of the time; {least}% to {100 - least}% earn everything"
    )


def _distinct(rows: Ints) -> Part:
    repeats = int((rows[1:] == rows[:-1]).all(axis=1).sum())
    bp = BP - share(repeats, max(1, len(rows) - 1))
    return Part("readings", bp, 1, f"{repeats:,} of {len(rows):,} readings repeat the one before")


def sketch(recorded: Recorded, rules: TactileRules) -> CodeSketch:
    """The codes of a recording of touch."""
    rows, signal = touch_of(recorded)
    if signal.times is None and not signal.rate_mhz:
        return sketch_of(centred(rows - np.sort(rows, axis=0)[(len(rows) - 1) // 2]))
    step = rows_in(signal, rules.step_ns)
    changes = rows[step:] - rows[:-step]
    windows = taps(changes, rules.taps, step)
    loud = (np.abs(windows) > rules.over_noise * max(1, noise_of(rows))).sum(axis=1)
    return sketch_of(centred(windows[loud >= rules.least_taxels]))
