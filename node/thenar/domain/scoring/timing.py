"""Clocks: how regular the times of a stream are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from thenar.domain.scoring.integers import BP, share
from thenar.domain.scoring.report import Part
from thenar.domain.scoring.signals import Ints, Signal


@dataclass(frozen=True, slots=True)
class Gaps:
    """Nanoseconds: the median step, time lost in steps over three medians, the longest, and the whole."""

    median: int
    lost: int
    longest: int
    lasting: int
    count: int
    backwards: int


def gaps_of(times: Ints) -> Gaps | None:
    """Look at a clock; None when it never moves."""
    raw = np.diff(times)
    steps = np.diff(np.unique(times))
    if not len(steps):
        return None
    median = int(np.sort(steps)[len(steps) // 2])
    over = np.maximum(steps - 3 * median, 0)
    return Gaps(
        median, int(over.sum()), int(steps.max()), int(steps.sum()), int((over > 0).sum()), int((raw < 0).sum())
    )


def gap_part(times: Ints, *, weight: int) -> Part:
    """Basis points of the recording's time that no gap takes."""
    found = gaps_of(times)
    if found is None:
        return Part("clock", 0, weight, "the clock never moves")
    bp = BP - share(found.lost, found.lasting)
    if not found.count:
        return Part("clock", bp, weight, "no gap in its clock is longer than three times the usual step")
    said = f"{found.count:,} gaps in its clock, the longest {found.longest // 1_000_000:,} ms"
    return Part("clock", bp, weight, said)


def rows_in(signal: Signal, lasting_ns: int) -> int:
    """How many readings of a stream a stretch of time holds, at least one."""
    found = None if signal.times is None else gaps_of(signal.times)
    if found is not None and found.median:
        return max(1, (lasting_ns + found.median // 2) // found.median)
    return max(1, lasting_ns * signal.rate_mhz // 10**12)
