"""What strangers' machines teach in the story: a cart learns to keep its pole up, by an evolution strategy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ROUNDS: Final = 5
SIZES: Final = "4,6,1"
STEP: Final = "4.5"
PRICE, AUDIT_PRICE = "0.40", "0.44"
UNITS: Final = 4
_MEMBERS, _EPISODE = 16, 4

_CART: Final = """\
<mujoco><option timestep="0.005"/><worldbody><geom name="floor" type="plane" size="5 5 .1"/>
<body name="cart" pos="0 0 1"><joint name="slide" type="slide" axis="1 0 0" range="-2 2" limited="true"/>
<geom type="box" size=".1 .1 .05" mass="1"/><body><joint name="hinge" axis="0 1 0"/>
<geom type="capsule" fromto="0 0 0 0 0 .5" size=".03" mass=".2"/></body></body></worldbody>
<actuator><motor joint="slide" gear="10" ctrllimited="true" ctrlrange="-1 1"/></actuator></mujoco>
"""

_JOB: Final = f"""\
[job]
kind = "es-train"
class = "X1"
units = {UNITS}
segments = {_EPISODE * _MEMBERS}
segment = 50
seed = 100

[work]
model = "cart.xml"
episode = {_EPISODE}
noise = 90000

[work.control]
source = "policy"
every = 2
file = "policy.bin"
observe = ["qpos", "qvel"]

[[work.start]]
field = "qpos"
low = "-0.05"
high = "0.05"
how = "add"
over = "each"

[[work.start]]
field = "qvel"
low = "-0.2"
high = "0.2"
how = "add"
over = "each"

[work.record]
encoding = "none"

[work.score]
alive = "1"

[[work.score.terms]]
field = "qpos"
index = 0
weight = "-0.1"
shape = "abs"

[[work.score.bounds]]
field = "qpos"
index = 1
low = "-0.3"
high = "0.3"

[[work.score.bounds]]
field = "qpos"
index = 0
low = "-1.8"
high = "1.8"

[limits]
memory_mb = 1024
output_bytes = 1000000

[pay]
price = "{PRICE}"
audit_price = "{AUDIT_PRICE}"
audit = "10%"
deadline_hours = 1
work_minutes = 5
"""


def write_lesson(folder: Path) -> Path:
    """Write the job and the cart it teaches into a new folder; where the job is."""
    folder.mkdir()
    (folder / "cart.xml").write_text(_CART, encoding="utf-8")
    path = folder / "lesson.toml"
    path.write_text(_JOB, encoding="utf-8")
    return path


def bars(returns: Sequence[float], width: int = 40) -> Iterator[str]:
    """The learning curve as people read it on a terminal: a line for each round."""
    most = max(1.0, *returns)
    for number, value in enumerate(returns, 1):
        yield f"round {number}  {'█' * max(1, round(width * max(0.0, value) / most))} {value:.1f}"
