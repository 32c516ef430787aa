"""Tables that say what they are: headers that name every unit, and a few well-known ones.

Known: TUM trajectories (timestamp tx ty tz qx qy qz qw), BioTac SP grasp readings (ff_biotac_1 …), EuRoC and x-io
logs by the units in their headers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from thenar.adapters.media.layout import Layout, Signal, TimeColumn
from thenar.adapters.media.recording import ARBITRARY

MICRO: Final = Fraction(1, 1_000_000)
NANO: Final = Fraction(1, 1_000_000_000)
_TUM: Final = ("tx", "ty", "tz", "qx", "qy", "qz", "qw")
_NAMED: Final = re.compile(r"\s*(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*")
_AXIS: Final = re.compile(r"(.*?)[ _.-]?([xyzw])", re.IGNORECASE)
_TIME_UNITS: Final = {"s": "s", "sec": "s", "seconds": "s", "ms": "ms", "us": "us", "µs": "us", "μs": "us", "ns": "ns"}
_UNITS: Final = {
    "deg/s": ("deg/s", MICRO),
    "dps": ("deg/s", MICRO),
    "°/s": ("deg/s", MICRO),
    "rad/s": ("rad/s", NANO),
    "rad s^-1": ("rad/s", NANO),
    "g": ("[g]", MICRO),
    "m/s^2": ("m/s2", MICRO),
    "m/s2": ("m/s2", MICRO),
    "m/s²": ("m/s2", MICRO),
    "m s^-2": ("m/s2", MICRO),
    "m s^-1": ("m/s", MICRO),
    "m/s": ("m/s", MICRO),
    "ut": ("uT", MICRO),
    "µt": ("uT", MICRO),
    "μt": ("uT", MICRO),
    "m": ("m", MICRO),
    "mm": ("mm", MICRO),
    "rad": ("rad", NANO),
    "deg": ("deg", MICRO),
    "n": ("N", MICRO),
    "mn": ("mN", Fraction(1, 1000)),
    "nm": ("N.m", MICRO),
    "pa": ("Pa", Fraction(1, 1000)),
    "kpa": ("kPa", MICRO),
    "v": ("V", MICRO),
    "mv": ("mV", MICRO),
    "a": ("A", MICRO),
    "degc": ("Cel", MICRO),
    "°c": ("Cel", MICRO),
    "": ("1", NANO),
    "-": ("1", NANO),
    "1": ("1", NANO),
}
_KINDS: Final = (
    ("gyro", "angular_velocity"),
    ("w_rs_s", "angular_velocity"),
    ("acc", "acceleration"),
    ("a_rs_s", "acceleration"),
    ("mag", "magnetic_field"),
    ("q_", "orientation"),
    ("quat", "orientation"),
    ("p_", "position"),
    ("pos", "position"),
    ("touch", "normal_force"),
    ("taxel", "normal_force"),
    ("force", "force"),
)


@dataclass(frozen=True, slots=True)
class _Unit:
    base: str
    units: str
    scale: Fraction


def known_layout(columns: Sequence[str]) -> Layout | None:
    """The layout a header declares by itself, or None when nothing but a guess would do."""
    return _tum(columns) or _biotac(columns) or _self_described(columns)


def _tum(columns: Sequence[str]) -> Layout | None:
    if len(columns) != 8 or tuple(columns[1:]) != _TUM or columns[0].lower() not in ("timestamp", "time", "t"):
        return None
    signals = (
        Signal("position", "position", _TUM[:3], "m", MICRO, axes=3),
        Signal("orientation", "orientation", _TUM[3:], "1", NANO, axes=4),
    )
    return Layout("trajectory", signals, TimeColumn(columns[0], "s", epoch=False))


def _biotac(columns: Sequence[str]) -> Layout | None:
    fingers = sorted({name[:2] for name in columns if re.fullmatch(r"(ff|mf|th|rf|lf)_biotac_\d+", name)})
    if not fingers:
        return None
    signals = tuple(Signal(f"{finger}_biotac", "electrode", (f"{finger}_biotac_*",), ARBITRARY) for finger in fingers)
    return Layout("tactile", signals)


def _self_described(columns: Sequence[str]) -> Layout | None:
    """A first column of time and further ones that all end in a known unit in brackets."""
    if len(columns) < 2:
        return None
    clock = _time(columns[0])
    described = [_unit(name) for name in columns[1:]]
    if clock is None or any(unit is None for unit in described):
        return None
    groups: list[tuple[str, _Unit, list[str]]] = []
    for name, unit in zip(columns[1:], described, strict=True):
        assert unit is not None
        axis = _AXIS.fullmatch(unit.base)
        base = axis[1] if axis is not None and axis[1] else unit.base
        if groups and groups[-1][0] == base and groups[-1][1].units == unit.units:
            groups[-1][2].append(name)
        else:
            groups.append((base, unit, [name]))
    if len({base for base, _, _ in groups}) != len(groups):
        return None
    signals = tuple(_signal(base, unit, names) for base, unit, names in groups)
    return Layout(_modality(signals), signals, clock)


def _time(name: str) -> TimeColumn | None:
    match = _NAMED.fullmatch(name.lstrip("#"))
    if match is None:
        return TimeColumn(name, "ns", epoch=True) if name.lstrip("# ") == "timestamp" else None
    word, unit = match[1].strip().lower(), match[2].strip().lower()
    if word not in ("t", "time", "timestamp") or unit not in _TIME_UNITS:
        return None
    return TimeColumn(name, _TIME_UNITS[unit], epoch=word == "timestamp" and unit == "ns")


def _unit(name: str) -> _Unit | None:
    match = _NAMED.fullmatch(name)
    if match is None:
        return None
    base, unit = match[1], match[2].strip()
    found = _UNITS.get(unit) or _UNITS.get(unit.lower())
    if found is None or not base or (unit.lower() == "g" and "acc" not in base.lower()):
        return None
    return _Unit(base, *found)


def _signal(base: str, unit: _Unit, names: list[str]) -> Signal:
    lowered = base.lower()
    kind = next((kind for mark, kind in _KINDS if mark in lowered), "reading")
    # EuRoC writes quaternions w first; the manifest's order is x, y, z, w
    if kind == "orientation" and len(names) == 4 and re.search(r"[ _.]w\b", names[0]):
        names = [*names[1:], names[0]]
    slug = re.sub(r"[^a-z0-9_.]+", "_", lowered).strip("_") or "reading"
    return Signal(slug, kind, tuple(names), unit.units, unit.scale, axes=len(names))


def _modality(signals: Sequence[Signal]) -> str:
    kinds = {signal.kind for signal in signals}
    if kinds & {"position", "orientation"}:
        return "trajectory"
    return "imu" if kinds & {"angular_velocity", "acceleration"} else "tactile"
