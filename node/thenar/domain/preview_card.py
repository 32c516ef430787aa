"""What may be shown of a tactile capture before it is bought, ``preview`` in its manifest.

Skin data is health data: time order gives pulse, tremor and typing away, a map of taxels the shape of a hand. So a
card holds nothing that changes when readings change places in time, or taxels within their region, or regions among
themselves; loads are in sixteen steps of a region's own range, shares in sixteenths and twentieths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from thenar.domain.description import require

MAX_REGIONS: Final = 12
BINS: Final = 16
SHORTEST: Final = 60
"""Seconds a capture must last before its loads are shown."""
_DUTY_STEP, _SECONDS_STEP = 5, 10
_TOUCHING: Final = 10  # per cent of a region's range above its rest


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """One region over the whole capture: shares of readings (0-15) in sixteen steps of load; contact in per cent."""

    load: tuple[int, ...]
    contact: int

    def __post_init__(self) -> None:
        require(len(self.load) == BINS, f"a region's load has {BINS} bins")
        require(all(0 <= share < BINS for share in self.load), "a region's shares have four bits")
        require(self.contact in range(0, 101, _DUTY_STEP), f"contact is told in steps of {_DUTY_STEP} %")


@dataclass(frozen=True, slots=True)
class Preview:
    """A tactile capture in numbers: sensors, seconds in tens, hertz, live sensors in per cent, bits in use, loads."""

    sensors: int
    seconds: int
    rate_hz: int
    live: int
    bits: int
    regions: tuple[Region, ...] = ()

    def __post_init__(self) -> None:
        require(0 < self.sensors <= 2**32, "preview.sensors is out of range")
        require(self.seconds >= 0 and self.seconds % _SECONDS_STEP == 0, "preview.seconds is told in tens")
        require(0 <= self.rate_hz <= 10**9, "preview.rate_hz is out of range")
        require(self.live in range(0, 101, _DUTY_STEP), f"preview.live is told in steps of {_DUTY_STEP} %")
        require(0 <= self.bits <= 64, "preview.bits is out of range")
        require(len(self.regions) <= MAX_REGIONS, f"a preview shows at most {MAX_REGIONS} regions")
        require(list(self.regions) == sorted(self.regions), "a preview's regions are sorted: they name no finger")
        require(not self.regions or self.seconds >= SHORTEST, f"loads of less than {SHORTEST} s are not shown")


def region_of(loads: Sequence[int]) -> Region:
    """The region whose readings, taken together sensor by sensor, were these, in any order. At least one is needed."""
    rest, top = min(loads), max(loads)
    counts = [0] * BINS
    for load in loads:
        counts[(load - rest) * BINS // (top - rest + 1)] += 1
    touching = sum((load - rest) * 100 > _TOUCHING * (top - rest) for load in loads)
    shares = tuple((2 * (BINS - 1) * count + len(loads)) // (2 * len(loads)) for count in counts)
    return Region(shares, touching * 100 // len(loads) // _DUTY_STEP * _DUTY_STEP)


def preview_of(
    *, sensors: int, live: int, bits: int, seconds: int, rate_hz: int, regions: Sequence[Sequence[int]]
) -> Preview:
    """The card of a capture: ``live`` of its ``sensors`` ever moved; ``regions`` are loads by region, in any order.

    More than twelve regions are one.
    """
    shown: tuple[Region, ...] = ()
    if seconds >= SHORTEST:
        told = regions if len(regions) <= MAX_REGIONS else [[load for loads in regions for load in loads]]
        shown = tuple(sorted(region_of(loads) for loads in told if loads))
    return Preview(
        sensors=sensors,
        seconds=seconds // _SECONDS_STEP * _SECONDS_STEP,
        rate_hz=rate_hz,
        live=live * 100 // sensors // _DUTY_STEP * _DUTY_STEP,
        bits=bits,
        regions=shown,
    )
