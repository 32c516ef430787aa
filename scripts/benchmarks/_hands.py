"""Hands that simulate, and how fast: in a process of their own, by processor time, so that neighbours matter little.

All hands hold an egg and grasp under the same controls, with the pinned libm preloaded unless that is what is measured.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from typing import Any

LANES, SEGMENTS, SEGMENT = 8, 20, 50
REPEATS = 4


def missing() -> str | None:
    """Say why this cannot be measured here."""
    from thenar.adapters.compute import libm
    from thenar.errors import BadConfig

    try:
        libm.pinned_libm()
    except BadConfig as lacking:
        return lacking.message
    return None


def measured(kinds: list[str]) -> tuple[dict[str, float], dict[str, Any]]:
    """The best rate of each kind of run, and what to tell about it; ``unpinned`` behind a name leaves the libm out."""
    from thenar.adapters.compute.libm import pinned_libm

    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(REPEATS):
        for kind in kinds:
            extra = {} if kind.endswith("unpinned") else {"LD_PRELOAD": str(pinned_libm())}
            found[kind].append(_apart(kind.split()[0], extra))
    best = {kind: max(rates) for kind, rates in found.items()}
    detail = {"steps_per_cpu_s": {kind: round(rate) for kind, rate in best.items()}, "best_of": REPEATS}
    return best, detail | {"lanes": LANES, "segment": SEGMENT}


def entry(
    value: float, target: float, detail: dict[str, Any], better: str = "higher", unit: str = "x"
) -> dict[str, Any]:
    return {"value": value, "unit": unit, "target": target, "better": better, "detail": detail}


def _apart(name: str, extra: dict[str, str]) -> float:
    """A rate, measured in a process of its own."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    said = subprocess.run(
        [sys.executable, __file__, "--rate", name], env=os.environ | single | extra, capture_output=True, check=True
    )
    return float(json.loads(said.stdout.splitlines()[-1]))


def rate(name: str) -> float:
    """Steps per second of processor time of one kind of run."""
    if name == "raw":
        return _raw()
    job, files = hand_job(name)
    working = _opened(job, files)
    at = [working.first(unit) for unit in range(LANES)]
    begun = time.process_time()
    for _ in range(SEGMENTS):
        made = working.advance(at)
        for after, _ in made:
            hashlib.sha256(after.encode()).digest()
        at = [after for after, _ in made]
    spent = time.process_time() - begun
    if any(after.status for after in at):
        raise AssertionError(f"{name} did not end well")
    return LANES * SEGMENTS * SEGMENT / spent


def _raw() -> float:
    """The engine's own rollout of the same hands under the same controls, keeping all states and sensor values."""
    import mujoco
    import numpy as np
    from mujoco import rollout

    job, files = hand_job("job")
    working = _opened(job, files)
    model, steps = working._model, SEGMENTS * SEGMENT
    kept = int(mujoco.mjtState.mjSTATE_INTEGRATION)
    data, start = mujoco.MjData(model), np.zeros(mujoco.mj_stateSize(model, kept))
    mujoco.mj_getState(model, data, start, kept)
    full = np.zeros(mujoco.mj_stateSize(model, int(mujoco.mjtState.mjSTATE_FULLPHYSICS)))
    mujoco.mj_getState(model, data, full, int(mujoco.mjtState.mjSTATE_FULLPHYSICS))
    control = np.repeat(np.frombuffer(files["u.bin"], "<f8").reshape(-1, model.nu), 5, axis=0)[:steps]
    begun = time.process_time()
    with rollout.Rollout(nthread=0) as roll:
        roll.rollout(model, [data], np.tile(full, (LANES, 1)), np.tile(control, (LANES, 1, 1)), nstep=steps)
    return LANES * steps / (time.process_time() - begun)


def _opened(job: Any, files: dict[str, bytes]) -> Any:
    from thenar.adapters.compute.simulating import Simulating

    return Simulating(job, files, lanes=LANES, threads=1)


def hand_job(name: str, segment: int = SEGMENT) -> tuple[Any, dict[str, bytes]]:
    """A job of the hand: ``job`` hashes all it computes, ``closed`` asks a policy, the others are bare or in skin."""
    from dataclasses import replace

    from thenar.adapters.compute.modelfiles import MODEL, gathered, gathered_xml
    from thenar.adapters.compute.probes import asset
    from thenar.adapters.simulation.engine import hand_model
    from thenar.adapters.simulation.skin import Skin, skinned_hand
    from thenar.domain.work.classes import X1
    from thenar.domain.work.jobs import JobSpec, Limits
    from thenar.domain.work.jobwork import Control, Record, Simulation

    skin = {"sites": Skin.SITES, "grid": Skin.GRID, "bare": Skin.NONE}.get(name)
    files = gathered(hand_model()) if skin is None else gathered_xml(*skinned_hand(skin))
    files |= {"u.bin": _grasp(files), "p.bin": _policy()}
    record = Record(("qpos", "qvel", "sensordata"), 1, "f64")
    if skin is not None:
        record = Record() if skin is Skin.NONE else Record(("sensordata",), 5, "sparse", "0.001")
    control = Control("open", 5, file="u.bin")
    if name == "closed":
        control = Control("policy", 5, file="p.bin", observe=("qpos", "qvel"))
    work = Simulation(MODEL, SEGMENTS, control=control, record=record)
    spec = JobSpec("mujoco-rollout", X1.id, 1, 64, SEGMENTS, segment, work, {n: asset(d) for n, d in files.items()})
    return replace(spec, limits=Limits(output_bytes=2**32)), files


def _grasp(files: dict[str, bytes]) -> bytes:
    """Controls that close the hand on the egg and tremble, for 20 actuators, every fifth step."""
    import numpy as np

    from thenar.adapters.compute.models import compiled

    model = compiled(files["model.xml"], {name: data for name, data in files.items() if name != "model.xml"})
    low, high = model.actuator_ctrlrange.T
    closed = np.where(np.abs(low) > np.abs(high), low, high)
    ticks = np.arange(0, 20_000, 5)[:, None]
    controls = closed * np.minimum(1.0, ticks / 800) * (1 + 0.05 * np.sin(ticks / 30))
    return bytes(np.ascontiguousarray(controls, "<f8").tobytes())


def _policy() -> bytes:
    import numpy as np

    from thenar.adapters.compute.network import Network, parameters_of

    sizes = (38 + 36, 64, 64, 20)
    drawn = np.random.Generator(np.random.PCG64(1)).integers(-6_000, 6_000, parameters_of(sizes))
    return Network(sizes, drawn.astype(np.int64)).encode()


if __name__ == "__main__" and sys.argv[1:2] == ["--rate"]:
    print(json.dumps(rate(sys.argv[2])))
