"""A pole that has to be balanced: the smallest robot that falls when an answer is late."""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from thenar.adapters.simulation.engine import engine

OBSERVATION: Final = 4
"""Float32 of an observation: angle (rad), its rate (rad/s), the last torque (Nm), 1."""
ACTION: Final = 1
"""Float32 of an action: the torque (Nm)."""
GAINS: Final = (-9.0, -0.9, 0.0, 0.0)
"""Of the policy: torque for each part of an observation."""
FALLEN: Final = 0.6
"""Angle (rad) from which on it is not caught any more."""
STEP: Final = 0.002
"""Seconds of one step of the simulation."""
XML: Final = f"""
<mujoco>
  <option timestep="{STEP}" gravity="0 0 -9.81"/>
  <worldbody>
    <body>
      <joint name="ankle" type="hinge" axis="0 1 0" damping="0.01"/>
      <geom type="capsule" fromto="0 0 0 0 0 0.3" size="0.01" mass="0.05"/>
      <geom type="sphere" pos="0 0 0.3" size="0.03" mass="0.5"/>
    </body>
  </worldbody>
  <actuator><motor joint="ankle" ctrlrange="-6 6" ctrllimited="true"/></actuator>
</mujoco>
"""


@dataclass(slots=True)
class Pole:
    """A pole on an ankle, pushed now and then. One per robot; not for several threads."""

    push: float = 1.0
    every: float = 1.0
    steps: int = 0
    worst: float = 0.0
    _model: Any = field(init=False)
    _data: Any = field(init=False)

    def __post_init__(self) -> None:
        made = engine()
        self._model = made.MjModel.from_xml_string(XML)
        self._data = made.MjData(self._model)
        self._data.qpos[0] = 0.05

    @property
    def angle(self) -> float:
        """How far it leans (rad)."""
        return float(self._data.qpos[0])

    @property
    def stands(self) -> bool:
        """Whether it has never fallen."""
        return self.worst < FALLEN

    def observe(self) -> bytes:
        """What the policy is asked, float32."""
        return struct.pack("<4f", self.angle, float(self._data.qvel[0]), float(self._data.ctrl[0]), 1.0)

    def advance(self, seconds: float, action: bytes) -> None:
        """Hold an action for so long; a push comes every so often, to one side and the other."""
        (torque,) = struct.unpack("<f", action)
        self._data.ctrl[0] = torque
        between = round(self.every / STEP)
        for _ in range(round(seconds / STEP)):
            self.steps += 1
            if self.steps % between == 0:
                self._data.qvel[0] += self.push * (1 if self.steps // between % 2 else -1)
            engine().mj_step(self._model, self._data)
            self.worst = max(self.worst, abs(self.angle))


def layer() -> tuple[bytes, tuple[int, int], bytes]:
    """The policy as one layer of weights."""
    return struct.pack("<4f", *GAINS), (OBSERVATION, ACTION), struct.pack("<f", 0.0)


def policy(observation: bytes) -> bytes:
    """What the served policy answers, computed here: for simulations of links without one."""
    return struct.pack(
        "<f", sum(gain * part for gain, part in zip(GAINS, struct.unpack("<4f", observation), strict=True))
    )


def stands_at(latency: float, period: float, seconds: float) -> Pole:
    """Balance for so long with answers that come ``latency`` seconds after the observation, one each control period.

    The loop does not wait: an answer is applied when it comes, and held until the next one.
    """
    pole, flying, held = Pole(), deque[tuple[int, bytes]](), struct.pack("<f", 0.0)
    late = round(latency / STEP)
    for tick in range(round(seconds / STEP)):
        if tick % round(period / STEP) == 0:
            flying.append((tick + late, policy(pole.observe())))
        while flying and flying[0][0] <= tick:
            held = flying.popleft()[1]
        pole.advance(STEP, held)
        if not pole.stands:
            break
    return pole
