"""Numbers as files hold them to integers, exactly as the scale says or not at all."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thenar.adapters.media.recording import EXACT, Ints
from thenar.errors import BadInput

NANOSECONDS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


def integers(values: NDArray[Any], scale: Fraction, zero: int, what: str) -> Ints:
    """Round values / scale + zero to the nearest integer, ties to even.

    Raises BadInput for what is no number, not finite, or does not fit 53 bits.
    """
    if values.dtype.kind not in "biuf":
        raise BadInput(f"{what} holds {values.dtype}, not numbers")
    if values.dtype.kind in "biu" and scale == 1:
        if values.dtype == np.uint64 and values.size and int(values.max()) >= 2**62:
            raise BadInput(f"{what} holds integers beyond 62 bits")
        return values.astype(np.int64) + zero
    wide = values.astype(np.float64)
    if not bool(np.isfinite(wide).all()):
        count = int((~np.isfinite(wide)).sum())
        raise BadInput(
            f"{what} has {count:,} values that are not finite numbers",
            next_step='repair the recording, or declare missing = "drop" in its layout',
        )
    scaled = np.rint(wide * float(scale.denominator) / float(scale.numerator)) + float(zero)
    if scaled.size and float(np.abs(scaled).max()) >= EXACT:
        raise BadInput(f"{what} has values too large for the scale {scale}", next_step="declare a coarser scale")
    return scaled.astype(np.int64)


def nanoseconds(values: NDArray[Any], unit: str, what: str) -> Ints:
    """Times in s, ms, us or ns to integer nanoseconds; integer input stays exact. Raises BadInput."""
    factor = NANOSECONDS.get(unit)
    if factor is None:
        raise BadInput(f"time unit {unit[:20]!r} of {what} is unknown", next_step="use s, ms, us or ns")
    if values.dtype.kind in "iu":
        limit = (2**63 - 1) // factor
        if values.size and (int(values.max()) > limit or int(values.min()) < -limit):
            raise BadInput(f"{what} has times beyond 64 bits of nanoseconds")
        return values.astype(np.int64) * factor
    wide = values.astype(np.float64)
    if not bool(np.isfinite(wide).all()):
        raise BadInput(f"{what} has times that are not finite numbers")
    if wide.size and float(np.abs(wide).max()) * factor >= 2.0**62:
        raise BadInput(f"{what} has times beyond 62 bits of nanoseconds")
    whole = np.floor(wide)
    return whole.astype(np.int64) * factor + np.rint((wide - whole) * factor).astype(np.int64)
