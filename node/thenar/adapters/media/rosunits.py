"""Units that a message's type fixes: ROS REP-103 names SI units for the standard messages."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from thenar.adapters.media.clouds import is_cloud
from thenar.adapters.media.recording import ARBITRARY

_MICRO: Final = Fraction(1, 1_000_000)
_NANO: Final = Fraction(1, 1_000_000_000)
_KNOWN: Final = ("sensor_msgs/", "geometry_msgs/", "nav_msgs/", "std_msgs/", "foxglove.", "tf2_msgs/")
_FIELDS: Final = {
    "angular_velocity": ("angular_velocity", "rad/s", _NANO),
    "linear_acceleration": ("acceleration", "m/s2", _MICRO),
    "orientation": ("orientation", "1", _NANO),
    "rotation": ("orientation", "1", _NANO),
    "position": ("position", "m", _MICRO),
    "translation": ("position", "m", _MICRO),
    "point": ("position", "m", _MICRO),
    "linear": ("velocity", "m/s", _MICRO),
    "angular": ("angular_velocity", "rad/s", _NANO),
    "force": ("force", "N", _MICRO),
    "torque": ("torque", "N.m", _MICRO),
    "magnetic_field": ("magnetic_field", "T", Fraction(1, 1_000_000_000_000)),
    "fluid_pressure": ("pressure", "Pa", Fraction(1, 1000)),
    "temperature": ("temperature", "Cel", _MICRO),
    "ranges": ("range", "m", _MICRO),
}
_JOINTS: Final = {
    "position": ("joint_position", "rad", _NANO),
    "velocity": ("joint_velocity", "rad/s", _NANO),
    "effort": ("joint_effort", "N.m", _MICRO),
}


def units_of(schema: str, path: str, width: int) -> tuple[str, str, Fraction, int]:
    """(kind, UCUM units, scale, axes) of a message field; arbitrary units where its type does not fix them."""
    leaf = path.rsplit(".", 1)[-1].split("[", 1)[0]
    if is_cloud(schema) and path == "points":
        return "point", "m", _MICRO, 3
    if "JointState" in schema and leaf in _JOINTS:
        return (*_JOINTS[leaf], 1)
    if schema.startswith(_KNOWN) and leaf in _FIELDS:
        axes = width if width in (3, 4) else 1
        return (*_FIELDS[leaf], axes)
    return leaf or "value", ARBITRARY, _MICRO, 1
