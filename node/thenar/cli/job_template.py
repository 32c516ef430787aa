"""A job to start from, and the little model it names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

_FILES: Final = '"arm.xml" = "arm.xml"\n'
_MODEL: Final = 'model = "arm.xml"\n'

TEMPLATE = """\
# A job for strangers' machines. Numbers with a fraction are strings, so that every machine reads the same one.

[job]
kind = "mujoco-rollout"       # or tactile-rollout, policy-eval, es-train, render, wasm, data-process
class = "X1"                  # who must agree to the last bit: X1 physics on x86-64, X1r pictures of it, X2 WebAssembly
units = 8                     # pieces of work; each is paid, checked and fetched alone
segments = 40                 # of a unit; a checkpoint stands at the end of each
segment = 50                  # steps of a segment: what a juror repeats in a dispute
seed = 7                      # all randomness follows from it

[files]                       # names the work uses, and where they lie beside this file
"arm.xml" = "arm.xml"

[work]                        # what a unit does
model = "arm.xml"
episode = 20                  # segments from one fresh start to the next: here two episodes a unit

[work.control]
source = "noise"              # or hold, open (rows of a file), policy (a network in a file)
every = 10
low = "-0.5"
high = "0.5"

[[work.vary]]                 # drawn anew for every episode
field = "body_mass"
low = "0.8"
high = "1.2"
over = "each"

[[work.start]]
field = "qpos"
low = "-0.2"
high = "0.2"
how = "add"
over = "each"

[work.record]                 # what you get back: these fields, every so many steps
fields = ["qpos", "qvel"]
every = 10
encoding = "f32"

[limits]
memory_mb = 1024
output_bytes = 1000000

[pay]
price = "0.05"                # of a unit, to who runs it
audit = "10%"                 # at least so many units are run again by somebody drawn by chance
deadline_hours = 24           # what is not done by then is refunded
work_minutes = 30             # how long a worker may take over what he claimed
# input = "0x…"               # an asset that earns input_price with every unit
# input_price = "0.01"
"""

_PAINTED: Final = """
[work.images]                 # what you get back: these pictures, every so many steps
cameras = ["front"]           # by name; for each of them, each channel
channels = ["rgb", "depth", "segmentation"]
width = 160
height = 120
every = 50

[[work.images.vary]]          # looks are drawn anew for every episode, too
field = "geom_rgba"           # or cam_pos, cam_fovy, light_pos, light_dir, light_diffuse
low = "0.6"
high = "1.4"
over = "each"

[limits]
memory_mb = 1024
output_bytes = 20000000
"""

EXAMPLE_MODEL = """\
<mujoco model="arm">
  <option timestep="0.002"/>
  <worldbody>
    <light pos="0 -1 2"/>
    <camera name="front" pos="0 -1.5 .8" xyaxes="1 0 0 0 .2 1"/>
    <geom type="plane" size="2 2 .1" rgba=".3 .4 .3 1"/>
    <body pos="0 0 .6">
      <joint name="shoulder" axis="0 1 0" damping=".1"/>
      <geom type="capsule" fromto="0 0 0 .3 0 0" size=".04"/>
      <body pos=".3 0 0">
        <joint name="elbow" axis="0 1 0" damping=".1"/>
        <geom type="capsule" fromto="0 0 0 .25 0 0" size=".03"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor joint="shoulder" gear="5" ctrllimited="true" ctrlrange="-1 1"/>
    <motor joint="elbow" gear="3" ctrllimited="true" ctrlrange="-1 1"/>
  </actuator>
</mujoco>
"""


def pictures() -> str:
    """The job of ``template`` as one of kind render."""
    begin, end = TEMPLATE.index("\n[work.record]"), TEMPLATE.index("\n[pay]")
    made = TEMPLATE[:begin] + _PAINTED + TEMPLATE[end:]
    return made.replace('"mujoco-rollout"  ', '"render"          ').replace('class = "X1" ', 'class = "X1r"')


def template_for(model: str, files: Iterable[str]) -> str:
    """The job of ``template`` around a model of one's own, which lies beside it with everything it opens."""
    listed = "".join(f"{json.dumps(name)} = {json.dumps(name)}\n" for name in files)
    return TEMPLATE.replace(_FILES, listed).replace(_MODEL, f"model = {json.dumps(model)}\n")
