"""The physics engine, loaded when it is first asked for: it is an optional dependency."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any, Final

from thenar.errors import BadConfig

_NEXT: Final = "pip install 'thenar[demo]'"


def engine() -> Any:
    """The mujoco module. Raises BadConfig when it is not installed."""
    try:
        return importlib.import_module("mujoco")
    except ImportError as cause:
        raise BadConfig("simulated captures need MuJoCo, which is not installed", next_step=_NEXT) from cause


def hand_model() -> Path:
    """The Shadow hand with 92 touch sensors and an egg above its palm, from gymnasium-robotics. Raises BadConfig."""
    found = importlib.util.find_spec("gymnasium_robotics")
    if found is None or found.origin is None:
        raise BadConfig("the simulated hand needs gymnasium-robotics, which is not installed", next_step=_NEXT)
    path = Path(found.origin).parent / "envs/assets/hand/manipulate_egg_touch_sensors.xml"
    if not path.is_file():
        raise BadConfig(f"gymnasium-robotics has no {path.name}", next_step=_NEXT)
    return path
