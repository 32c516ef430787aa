"""A unit somebody ran, run again here: how many of its segments come to the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import trio

from thenar.domain.scoring.signals import Replay
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.results import frames
from thenar.errors import BadInput
from thenar.services.ports import Executor


async def replayed(
    executor: Executor, spec: JobSpec, assets: Mapping[str, Path], unit: int, output: bytes, *, folder: Path
) -> Replay:
    """Run a unit of a job again and hold each segment's output against what was handed in.

    Raises BadInput for a job or a unit that is none, Refused for a job this machine cannot do, Corrupt for bytes that
    are no output.
    """
    if not 0 <= unit < spec.units:
        raise BadInput(f"units of this job are 0 to {spec.units - 1}, not {unit}")
    given = list(frames(output))
    plan = await executor.prepare(spec, assets)
    (made,) = await executor.run(plan, [unit], folder=folder)
    again = list(frames(await trio.Path(made.output).read_bytes()))
    same = sum(one == other for one, other in zip(given, again, strict=False))
    return Replay(max(len(given), len(again)), same)
