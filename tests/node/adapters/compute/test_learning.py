"""An evolution strategy over rounds run by two machines: the policy really gets better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trio
from compute_jobs import BUBBLEWRAP, CART, Job

from thenar.adapters.compute.executor import LocalExecutor
from thenar.adapters.compute.learning import improved, returns_of
from thenar.adapters.compute.network import Network, parameters_of
from thenar.adapters.compute.probes import asset
from thenar.adapters.compute.spool import frames
from thenar.domain.work.classes import X1
from thenar.domain.work.evolution import Update
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Bound, Control, Score, Simulation, Spread, Term

SIZES = (4, 6, 1)
MEMBERS, UNITS, ROUNDS = 8, 4, 7
NOISE, RATE = 60_000, 200_000
THROWN = b'<body pos="1 0 .3" euler="10 20 30"><freejoint/><geom type="ellipsoid" size=".1 .15 .2"/></body>'
CART_POLE = CART.replace(THROWN, b"")


def round_of(network: Network, number: int) -> Job:
    """One round: keep the pole up, move little."""
    control = Control("policy", 2, file="policy.bin", observe=("qpos", "qvel"))
    bounds = (Bound("qpos", 1, "-0.3", "0.3"), Bound("qpos", 0, "-1.8", "1.8"))
    score = Score("1", (Term("qpos", 0, "-0.1", "abs"),), bounds)
    start = (Spread("qpos", "-0.05", "0.05", "add", "each"), Spread("qvel", "-0.2", "0.2", "add", "each"))
    work = Simulation("model.xml", 4, control=control, start=start, score=score, noise=NOISE)
    files = {"model.xml": CART_POLE, "policy.bin": network.encode()}
    named = {name: asset(data) for name, data in files.items()}
    return Job(JobSpec("es-train", X1.id, 100 + number, UNITS, 4 * MEMBERS, 50, work, named), files)


async def returns(network: Network, number: int, folder: Path) -> list[int]:
    """What all members of a round earned; two executors share the units, as two nodes would."""
    found: dict[tuple[int, int], int] = {}
    wanted = round_of(network, number)

    async def node(name: str, units: list[int]) -> None:
        executor = LocalExecutor(bubblewrap=BUBBLEWRAP)
        try:
            plan = await executor.prepare(wanted.spec, wanted.put(folder / name / "files"))
            for result in await executor.run(plan, units, folder=folder / name / "work"):
                found.update(returns_of([data for data, _ in frames(result.output)]))
        finally:
            await executor.aclose()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(node, "one", [0, 2])
        nursery.start_soon(node, "other", [1, 3])
    return [found[key] for key in sorted(found)]


async def test_the_return_rises_over_rounds(tmp_path: Path) -> None:
    network = Network(SIZES, np.zeros(parameters_of(SIZES), dtype=np.int64))
    curve = []
    for number in range(ROUNDS):
        earned = await returns(network, number, tmp_path / str(number))
        assert len(earned) == UNITS * MEMBERS
        curve.append(sum(earned) / len(earned) / 65536)
        network = improved(network, 100 + number, Update(tuple(earned), RATE))
    print("mean return by round:", [round(each, 1) for each in curve])

    assert max(curve[-3:]) > 1.5 * curve[0]
