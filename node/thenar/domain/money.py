"""Amounts of the settlement token: integers inside, decimals only where people read and write them."""

from __future__ import annotations

import re

from thenar.errors import BadInput

_AMOUNT = re.compile(r"(\d{1,30})(?:\.(\d{1,30}))?", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))?%?", re.ASCII)


def parse_amount(text: str, decimals: int) -> int:
    """Token units of a decimal amount such as ``12.50``. Raises BadInput for anything inexact."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise BadInput(f"{text[:40]!r} is not an amount", next_step="write it like 12.50")
    fraction = match[2] or ""
    if len(fraction.rstrip("0")) > decimals:
        raise BadInput(f"{text!r} has more than {decimals} decimals, which the token does not have")
    return int(match[1] + fraction[:decimals].ljust(decimals, "0"))


def show_amount(units: int, decimals: int) -> str:
    """A decimal amount of token units, exact, with at least two decimals where the token has them."""
    sign, units = ("-", -units) if units < 0 else ("", units)
    whole, fraction = divmod(units, 10**decimals)
    if decimals == 0:
        return f"{sign}{whole}"
    digits = str(fraction).rjust(decimals, "0").rstrip("0").ljust(min(2, decimals), "0")
    return f"{sign}{whole}.{digits}"


def parse_share(text: str) -> int:
    """Parts per million of a percentage such as ``12.5%``. Raises BadInput."""
    match = _PERCENT.fullmatch(text.strip())
    parts = int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0")) if match else -1
    if not 0 <= parts <= 1_000_000:
        raise BadInput(f"{text[:40]!r} is not a share", next_step="write a percentage from 0% to 100%, such as 12.5%")
    return parts


def show_share(ppm: int) -> str:
    """A percentage of parts per million, exact."""
    whole, rest = divmod(ppm, 10_000)
    fraction = str(rest).rjust(4, "0").rstrip("0")
    return f"{whole}.{fraction}%" if fraction else f"{whole}%"
