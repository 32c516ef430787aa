"""A tactile stream: the Shadow hand's 92 touch sensors while it grasps, squeezes and lets go of an egg in its palm.

Touch is normal force in millinewtons, joints are angles in microradians, both as integers at 100 Hz.
Source of the hand: Melnik et al. 2021, "Using Tactile Sensing to Improve the Sample Efficiency and Performance of
Deep Deterministic Policy Gradients for Simulated In-Hand Manipulation Tasks" (Gymnasium-Robotics assets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thenar.adapters.simulation.engine import engine, hand_model
from thenar.adapters.simulation.stated import Recorded, Scene, check_seed, write_sidecar
from thenar.errors import BadInput

RATE_HZ: Final = 100
_SETTLE_S: Final = 0.4
_CYCLE_S: Final = 2.0
_LAYOUT: Final = """\
modality = "tactile"
delimiter = ","

[time]
column = "t_us"
unit = "us"

[[stream]]
name = "touch"
kind = "normal_force"
columns = ["touch_*"]
units = "N"
scale = "1/1000"
raw = true

[[stream]]
name = "joints"
kind = "joint_position"
columns = ["joint_*"]
units = "rad"
scale = "1/1000000"
raw = true
"""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Hand:
    """The model with the positions of its touch and joint sensors, and how each actuator closes."""

    mujoco: Any
    model: Any
    touch: dict[str, int]
    joints: dict[str, int]
    opened: NDArray[np.float64]
    closed: NDArray[np.float64]


def record_hand(path: Path, *, seed: int, seconds: int = 6, progress: Progress | None = None) -> Recorded:
    """Record a grasp as CSV with its layout and description beside it. Repeatable: same seed, same bytes.

    ``progress`` is called with (rows, all rows). Raises BadInput, BadConfig.
    """
    if not 1 <= seconds <= 600:
        raise BadInput(f"{seconds} s of grasping is not between 1 and 600")
    hand = _load()
    rows = seconds * RATE_HZ
    header = ["t_us", *hand.touch, *hand.joints]
    with path.open("w", encoding="ascii", newline="\n") as out:
        out.write(",".join(header) + "\n")
        for index, row in enumerate(_rows(hand, check_seed(seed), rows)):
            out.write(f"{index * 1_000_000 // RATE_HZ}," + ",".join(map(str, row)) + "\n")
            if progress is not None and (index + 1) % RATE_HZ == 0:
                progress(index + 1, rows)
    layout = path.with_name(f"{path.name}.layout.toml")
    layout.write_text(_LAYOUT, encoding="utf-8")
    version = str(hand.mujoco.__version__)
    scene = Scene("tactile", "shadow hand with 92 touch sensors", "hand", 0, (0, 0, 0), "egg-grasp", version, seed)
    return Recorded(path, write_sidecar(path, scene), layout, rows, rows * (len(header) - 1))


def _load() -> _Hand:
    mujoco = engine()
    model = mujoco.MjModel.from_xml_path(str(hand_model()))
    touch, joints = {}, {}
    for index in range(model.nsensor):
        sensor = model.sensor(index)
        name = sensor.name.removeprefix("robot0:")
        if name.startswith("TS_"):
            touch["touch_" + name.removeprefix("TS_")] = int(sensor.adr[0])
        elif name.startswith("Sjp_"):
            joints["joint_" + name.removeprefix("Sjp_")] = int(sensor.adr[0])
    low, high = model.actuator_ctrlrange.T
    opened, closed = np.clip(np.zeros_like(low), low, high), np.clip(np.zeros_like(low), low, high)
    for index in range(model.nu):
        joint = model.actuator(index).name.removeprefix("robot0:A_")
        if joint[:2] in ("FF", "MF", "RF", "LF") and joint[2:] in ("J1", "J2", "J0"):
            closed[index] = high[index]
        elif joint in ("THJ4", "THJ3"):
            opened[index], closed[index] = high[index] * 0.3, high[index]
        elif joint in ("THJ1", "THJ0"):
            closed[index] = low[index] if abs(low[index]) > abs(high[index]) else high[index]
    return _Hand(mujoco, model, touch, joints, opened, closed)


def _rows(hand: _Hand, seed: int, rows: int) -> Iterator[list[int]]:
    """One row of integers for each tick: touch in mN, then joints in microradians."""
    mujoco, model = hand.mujoco, hand.model
    data = mujoco.MjData(model)
    draw = np.random.Generator(np.random.PCG64(seed))
    depth = draw.uniform(0.75, 1.0, model.nu)
    phase, beat = draw.uniform(0.0, 2 * np.pi, model.nu), draw.uniform(1.5, 3.0, model.nu)
    steps = round(1 / RATE_HZ / model.opt.timestep)
    touch, joints = list(hand.touch.values()), list(hand.joints.values())
    data.ctrl[:] = hand.opened
    mujoco.mj_step(model, data, nstep=round(_SETTLE_S / model.opt.timestep))
    for index in range(rows):
        now = index / RATE_HZ
        part = (now % _CYCLE_S) / _CYCLE_S
        grip = min(1.0, part / 0.3) if part < 0.8 else (1.0 - part) / 0.2
        tremble = 1.0 + 0.06 * np.sin(2 * np.pi * beat * now + phase)
        wanted = hand.opened + (hand.closed - hand.opened) * grip * depth * tremble
        data.ctrl[:] = np.clip(wanted, *model.actuator_ctrlrange.T)
        mujoco.mj_step(model, data, nstep=steps)
        forces = np.rint(data.sensordata[touch] * 1_000).astype(np.int64)
        angles = np.rint(data.sensordata[joints] * 1_000_000).astype(np.int64)
        yield [*forces.tolist(), *angles.tolist()]
