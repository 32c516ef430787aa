"""A fixed piece of work for every class: who comes to another result does not offer the class.

The physics probe drops bodies of every shape on a plane and swings a driven chain, so that it meets the pinned
functions, collisions, friction and limits. The painter's probe looks at the same bodies, and at a camera's edges, from
two sides under two lights. The module probe is a logistic map stirred with a file's bytes. The sum moves parameters by
numbers of all sizes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from thenar.domain.ids import RAW, Cid
from thenar.domain.work.aggregates import packed
from thenar.domain.work.classes import ASKED, SUM, X1, X1R, X2, T
from thenar.domain.work.jobs import AssetFile, JobSpec, Limits
from thenar.domain.work.jobwork import Control, Images, Record, Simulation, Spread, Sum, Wasm

_DROPPED: Final = "".join(
    f'<body pos="{0.3 * at - 0.6:.1f} 0.1 {0.3 + 0.1 * at:.1f}" euler="{20 * at} 30 {10 * at}"><freejoint/>'
    f'<geom type="{shape}" size="{size}"/></body>'
    for at, (shape, size) in enumerate(
        {
            "sphere": ".08",
            "box": ".06 .08 .1",
            "capsule": ".05 .1",
            "ellipsoid": ".05 .08 .1",
            "cylinder": ".06 .08",
        }.items()
    )
)
MODEL: Final = f"""<mujoco><option timestep="0.002"/><worldbody><geom type="plane" size="5 5 .1"/>{_DROPPED}
<body pos="0 -.5 1"><joint name="a" axis="0 1 0" damping=".1"/><geom type="capsule" fromto="0 0 0 .3 0 0" size=".03"/>
<body pos=".3 0 0"><joint name="b" type="ball" damping=".05" range="0 1" limited="true"/>
<geom type="capsule" fromto="0 0 0 .3 0 0" size=".03"/><site name="tip" pos=".3 0 0"/></body></body></worldbody>
<actuator><motor joint="a" gear="4" ctrllimited="true" ctrlrange="-1 1"/></actuator>
<sensor><accelerometer site="tip"/><gyro site="tip"/><framequat objtype="site" objname="tip"/></sensor>
</mujoco>""".encode()
MODULE: Final = base64.b64decode(
    "AGFzbQEAAAABGARgAX8Bf2AEf39/fwF/YAJ/fwBgAn9+AAIsAwZ0aGVuYXIEc2l6ZQAABnRoZW5hcgRyZWFkAAEGdGhlbmFyBXdyaXRlAAIDAwID"
    "AAUDAQABBgYBfwFBAAsHHAMGbWVtb3J5AgAFc3RhcnQAAwdzZWdtZW50AAQKswECHgBBACAANgIAQQggATcDAEEQRAAAAAAAAOA/OQMAC5EBAgF/"
    "AXwjAEEBaiQAQRArAwAhAkEAIQEDQEQzMzMzMzMPQCACokQAAAAAAADwPyACoaIhAiABQQFqIQEgAUH0A0kNAAtBECACOQMAQRhBGCgCACMAajYC"
    "AEEcQQAQADYCAEEAIABBIEEIEAEaQQhBCCkDAEKt/tXk1IX9qNgAfkEgKQMAfDcDAEEAQSgQAkEACw=="
)
"""500 rounds of the map in a segment. It also counts in a global it does not export, which no segment inherits."""

SCENE: Final = MODEL.replace(
    b"<worldbody>",
    b"""<worldbody><light pos="0 -1 3"/><light type="directional" dir="1 1 -2" diffuse=".4 .4 .3"/>
<camera name="front" pos="0 -3 1.2" xyaxes="1 0 0 0 .3 1" fovy="40"/>
<camera name="side" pos="2.5 .4 .9" mode="targetbody" target="tip"/>""",
).replace(b'<body pos=".3 0 0">', b'<body name="tip" pos=".3 0 0">')

RESULTS: Final[Mapping[bytes, str]] = {
    X1.id: "5b4c56ef281ace128eb9d7c516551fde8e5aa020d3527f23af07aaed9b988e21",
    X1R.id: "e7d3eb774e8b3529c85e355947421298b19e544a08ce7c234d903ed3d64e23d6",
    T.id: "00916d26b6f68d1b2af3b265928c61c4a86ee6efafd25b4d25413d3b88e12499",
    X2.id: "60efde274124394aa0301ae7e39f037eec437e9706c87936c1f0e5dfe1f230bf",
    SUM.id: "577a12207550c954ab53326e21150ceb5947569619aa34ac62d264b2f7ce57c1",
}
"""SHA-256 of the leaves of each probe's unit."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A job and the files it names."""

    spec: JobSpec
    files: Mapping[str, bytes]


_PHYSICS: Final = Simulation(
    "probe.xml",
    10,
    control=Control("noise", 10),
    vary=(Spread("body_mass", "0.8", "1.2", "scale", "each"),),
    start=(Spread("qvel", "-0.5", "0.5", "add", "each"),),
    record=Record(("sensordata",), 10, "f64"),
)


def asset(data: bytes) -> AssetFile:
    """How a spec names a file that is one block."""
    digest = hashlib.sha256(data)
    return AssetFile(Cid.of(RAW, digest.digest()), "0x" + digest.hexdigest(), len(data))


def probes() -> tuple[Probe, ...]:
    """The probe of every class whose result is known."""
    rollout, pictures = simulated()
    rounded = replace(_PHYSICS, record=Record(("sensordata",), 10, "sparse"))
    files = {"probe.wasm": MODULE, "probe.bin": bytes(range(256))}
    module = Wasm("probe.wasm", ("probe.bin",), 2)
    numbers = {
        "values": packed([(-3) ** at for at in range(40)]),
        "before": packed([at**7 - 2**40 for at in range(500)]),
    }
    update = Sum("values", "evolution", "before", -70_001, 55)
    named = {name: asset(data) for name, data in numbers.items()}
    return (
        rollout,
        pictures,
        Probe(JobSpec("wasm", X2.id, 1, 1, 50, 100_000, module, {name: asset(files[name]) for name in files}), files),
        Probe(JobSpec("aggregate", SUM.id, 7, 1, 510, 40, update, named), numbers),
        Probe(replace(rollout.spec, class_id=T.id, segments=40, segment=50, work=rounded), rollout.files),
    )


def own_probes() -> tuple[Probe, ...]:
    """What tells which class H is a machine's own."""
    return tuple(replace(each, spec=replace(each.spec, class_id=ASKED.id)) for each in simulated())


def simulated() -> tuple[Probe, Probe]:
    """Physics and pictures."""
    looks = (Spread("geom_rgba", "0.5", "1.5", "scale", "each"), Spread("cam_fovy", "-5", "5", "add"))
    images = Images(("front", "side"), 160, 120, 50, ("rgb", "depth", "segmentation"), vary=looks)
    seen = replace(_PHYSICS, model="scene.xml", record=Record(), images=images)
    return (
        Probe(
            JobSpec("mujoco-rollout", X1.id, 1, 1, 20, 250, _PHYSICS, {"probe.xml": asset(MODEL)}), {"probe.xml": MODEL}
        ),
        Probe(
            JobSpec("render", X1R.id, 1, 1, 10, 50, seen, {"scene.xml": asset(SCENE)}, Limits(output_bytes=2**26)),
            {"scene.xml": SCENE},
        ),
    )
