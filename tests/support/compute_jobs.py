"""Small jobs of every kind, for tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import trio

from thenar.adapters.compute import launch
from thenar.adapters.compute.executor import Lent, LocalExecutor
from thenar.adapters.compute.network import Network, parameters_of
from thenar.adapters.compute.offering import Offering
from thenar.adapters.compute.probes import MODULE, asset
from thenar.domain.work.classes import X1, X1R, X2, T
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Bound, Control, Images, Record, Score, Simulation, Spread, Term, Wasm
from thenar.services.ports.compute import Plan, UnitResult

CART: Final = b"""<mujoco><option timestep="0.005"/>
<worldbody><geom name="floor" type="plane" size="5 5 .1"/>
<body name="cart" pos="0 0 1"><joint name="slide" type="slide" axis="1 0 0" range="-2 2" limited="true"/>
<geom type="box" size=".1 .1 .05" mass="1"/><body><joint name="hinge" axis="0 1 0"/>
<geom type="capsule" fromto="0 0 0 0 0 .5" size=".03" mass=".2"/></body></body>
<body pos="1 0 .3" euler="10 20 30"><freejoint/><geom type="ellipsoid" size=".1 .15 .2"/></body></worldbody>
<actuator><motor joint="slide" gear="10" ctrllimited="true" ctrlrange="-1 1"/></actuator>
<sensor><jointpos joint="hinge"/><framequat objtype="body" objname="cart"/></sensor></mujoco>"""

SEEN: Final = b"""<mujoco><option timestep="0.005"/><asset>
<material name="red" rgba=".8 .1 .1 1" emission=".1"/>
<mesh name="wedge" vertex="0 0 0  .2 0 0  0 .2 0  0 0 .2"/></asset>
<worldbody><light name="sun" type="directional" dir="-1 1 -2" diffuse=".5 .5 .4"/>
<light name="lamp" type="point" pos="0 -.5 1.2"/><camera name="far" pos="0 -2 1" xyaxes="1 0 0 0 .4 1" fovy="50"/>
<geom type="plane" size="5 5 .1" rgba=".3 .4 .3 1"/><geom type="mesh" mesh="wedge" pos=".5 0 .1" material="red"/>
<body name="arm" pos="0 0 .5"><joint name="hinge" axis="0 1 0" damping=".1"/>
<geom type="capsule" fromto="0 0 0 .4 0 0" size=".05" mass=".2" rgba=".2 .3 .8 1"/>
<camera name="near" pos=".2 -.5 .2" mode="track" xyaxes="1 0 0 0 .3 1"/></body>
<body pos="-.3 0 .6" euler="10 20 30"><freejoint/><geom type="ellipsoid" size=".1 .15 .2" mass="1"/></body>
<body pos=".2 .3 .8"><freejoint/><geom type="box" size=".1 .05 .08" material="red" mass="1"/></body></worldbody>
<actuator><motor joint="hinge" gear="2" ctrllimited="true" ctrlrange="-1 1"/></actuator></mujoco>"""
"""Shapes of every kind, a mesh, materials, two lights, a camera that stands and one that rides."""

TOUCHED: Final = b"""<mujoco><extension><plugin plugin="mujoco.sensor.touch_grid"/></extension>
<worldbody><body name="palm" pos="0 0 .1"><geom type="box" size=".1 .1 .02"/>
<site name="left" type="box" size=".05 .1 .03" pos="-.05 0 0"/>
<site name="right" type="box" size=".05 .1 .03" pos=".05 0 0"/>
<site name="eye" pos="0 0 -.05" euler="180 0 0"/></body>
<body pos=".03 .01 .2"><freejoint/><geom type="sphere" size=".05" mass=".3"/></body>
<body pos="-.05 .02 .22"><freejoint/><geom type="box" size=".03 .02 .04" mass=".2"/></body></worldbody>
<sensor><touch site="left"/><touch site="right"/>
<plugin name="skin" plugin="mujoco.sensor.touch_grid" objtype="site" objname="eye">
<config key="size" value="12 12"/><config key="fov" value="60 60"/><config key="gamma" value="0"/>
<config key="nchannel" value="3"/></plugin></sensor></mujoco>"""


@dataclass(frozen=True, slots=True)
class Job:
    """A spec and the files it names."""

    spec: JobSpec
    files: Mapping[str, bytes]

    def put(self, folder: Path) -> dict[str, Path]:
        """Write the files into a folder; where each is."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        return {name: folder / name for name in self.files}


def job(spec: JobSpec, files: Mapping[str, bytes]) -> Job:
    """A job whose spec names its files as they are."""
    return Job(replace(spec, assets={name: asset(data) for name, data in files.items()}), files)


def replace_class(wanted: Job, class_id: bytes) -> Job:
    """The same work in another class."""
    return Job(replace(wanted.spec, class_id=class_id), wanted.files)


def _simulated(kind: str, work: Simulation, files: dict[str, bytes], segment: int = 20) -> Job:
    named = {name: asset(data) for name, data in files.items()}
    class_id = X1R.id if kind == "render" else X1.id
    return Job(JobSpec(kind, class_id, 7, 8, 6, segment, work, named), files)


def policy(sizes: tuple[int, ...], seed: int) -> bytes:
    """A policy with parameters drawn evenly."""
    drawn = np.random.Generator(np.random.PCG64(seed)).integers(-40_000, 40_000, parameters_of(sizes))
    return Network(sizes, drawn.astype(np.int64)).encode()


_VARY = (Spread("body_mass", "0.5", "1.5", "scale", "each"), Spread("opt.gravity", "0.9", "1.1"))
_START = (Spread("qpos", "-0.05", "0.05", "add", "each"), Spread("qvel", "-0.1", "0.1", "add", "each"))
_SCORE = Score("1", (Term("qvel", 0, "-0.1", "square"), Term("sensordata", 0, "0.2", "abs")), (
    Bound("qpos", 0, "-1.5", "1.5"), Bound("sensordata", 0, "-0.4", "0.4"),
))  # fmt: skip
_LOOKS = (
    Spread("geom_rgba", "0.5", "1.5", "scale", "each"), Spread("cam_pos", "-0.05", "0.05", "add", "each"),
    Spread("cam_fovy", "-10", "10", "add"), Spread("light_pos", "-0.2", "0.2", "add", "each"),
    Spread("light_dir", "-0.3", "0.3", "add", "each"), Spread("light_diffuse", "0.3", "1.5"),
)  # fmt: skip
_SEES = Images(("far", "near"), 32, 24, 10, ("rgb", "depth", "segmentation"), vary=_LOOKS)
_POLICY = Control("policy", 5, file="policy.bin", observe=("qpos", "qvel", "sensordata"))
_MIND = policy((9 + 8 + 5, 12, 1), 5)
_WASM = JobSpec("wasm", X2.id, 9, 8, 5, 100_000, Wasm("job.wasm", ("in.bin",), 4), {
    "job.wasm": asset(MODULE), "in.bin": asset(bytes(range(200))),
})  # fmt: skip
_MODULE_FILES = {"job.wasm": MODULE, "in.bin": bytes(range(200))}

JOBS: Final[Mapping[str, Job]] = {
    "rollout under noise": _simulated(
        "mujoco-rollout",
        Simulation("m.xml", 3, control=Control("noise", 5), vary=_VARY, start=_START,
                   record=Record(("qpos", "sensordata"), 4, "f64")),
        {"m.xml": CART},
    ),
    "rollout of given controls": _simulated(
        "mujoco-rollout",
        Simulation("m.xml", 6, control=Control("open", 10, file="u.bin"), start=_START,
                   record=Record(("time", "qvel", "ctrl"), 10, "f32")),
        {"m.xml": CART, "u.bin": np.linspace(-2, 2, 9).astype("<f8").tobytes()},
    ),
    "rollout of a policy": _simulated(
        "mujoco-rollout",
        Simulation("m.xml", 2, control=_POLICY, vary=_VARY, record=Record(("qpos",), 4, "f64")),
        {"m.xml": CART, "policy.bin": _MIND},
    ),
    "tactile rollout": _simulated(
        "tactile-rollout",
        Simulation("m.xml", 6, start=(Spread("qpos", "0.98", "1.02", "scale", "each"),),
                   record=Record(("sensordata",), 5, "sparse", "0.001")),
        {"m.xml": TOUCHED},
        segment=25,
    ),
    "rollout within a tolerance": replace_class(_simulated(
        "mujoco-rollout",
        Simulation("m.xml", 3, control=Control("noise", 5), vary=_VARY, start=_START,
                   record=Record(("qpos", "sensordata"), 4, "sparse", "0.001")),
        {"m.xml": CART},
    ), T.id),
    "policy evaluation": _simulated(
        "policy-eval",
        Simulation("m.xml", 2, control=_POLICY, start=_START, score=_SCORE),
        {"m.xml": CART, "policy.bin": _MIND},
    ),
    "evolution strategy": _simulated(
        "es-train",
        Simulation("m.xml", 1, control=_POLICY, start=_START, score=_SCORE, noise=6_000),
        {"m.xml": CART, "policy.bin": _MIND},
    ),
    "pictures under noise": _simulated(
        "render",
        Simulation("m.xml", 3, control=Control("noise", 5), vary=_VARY, start=_START[1:], images=_SEES,
                   record=Record(("qpos",), 10, "f32")),
        {"m.xml": SEEN},
    ),
    "pictures of a policy": _simulated(
        "render",
        Simulation("m.xml", 2, control=Control("policy", 5, file="policy.bin", observe=("qpos", "qvel")),
                   start=_START[1:], images=Images(("near",), 48, 48, 20)),
        {"m.xml": SEEN, "policy.bin": policy((15 + 13, 8, 1), 6)},
    ),
    "pictures of given poses": _simulated(
        "render",
        Simulation("m.xml", 6, control=Control("poses", 10, file="q.bin"), images=_SEES),
        {"m.xml": SEEN, "q.bin": np.sin(np.arange(8 * 12 * 15) * 0.7).astype("<f8").tobytes()},
    ),
    "module": Job(_WASM, _MODULE_FILES),
    "module judged by whole units": Job(replace(_WASM, work=replace(_WASM.work, replay="unit")), _MODULE_FILES),
    "data processing": Job(replace(_WASM, kind="data-process", seed=11), _MODULE_FILES),
}  # fmt: skip
SIMULATED: Final = tuple(name for name, each in JOBS.items() if each.spec.class_id != X2.id)
BUBBLEWRAP: Final = launch.bubblewrap()


async def done(wanted: Job, folder: Path, units: list[int], lent: Lent | None = None) -> tuple[UnitResult, ...]:
    """Run units in processes of their own."""
    executor = Offering(lent, bubblewrap=BUBBLEWRAP)
    try:
        plan = await executor.prepare(wanted.spec, wanted.put(folder / "files"))
        return await executor.run(plan, units, folder=folder / "work")
    finally:
        await executor.aclose()


def finished(wanted: Job, folder: Path, units: list[int], lent: Lent | None = None) -> tuple[UnitResult, ...]:
    """The same from a test without a loop."""
    return trio.run(done, wanted, folder, units, lent)


def bits(results: tuple[UnitResult, ...]) -> list[tuple[object, ...]]:
    """All that must be equal between two runs."""
    return [
        (each.unit, each.status, each.work, each.leaves, each.states.read_bytes(), each.output.read_bytes())
        for each in results
    ]


async def open_plan(executor: LocalExecutor, wanted: Job, folder: Path) -> Plan:
    """A prepared job."""
    return await executor.prepare(wanted.spec, wanted.put(folder))
