"""A worker who cheats: a real node, as a process of its own, whose executor makes up the end of some trajectories."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import trio

from thenar.assembly import Node, open_node
from thenar.config import load
from thenar.demo.cast import PASSWORD
from thenar.domain.work.checkpoints import Checkpoint
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import SUMMED
from thenar.domain.work.results import frames
from thenar.services.ports import Capabilities, Executor, Plan, UnitProgress, UnitResult
from thenar.services.work.hiring import Hiring
from thenar.supervisor import run_node

EVERY = 4
"""Every fourth unit is forged,"""
FROM = 3
"""in its last quarter."""


@dataclass(frozen=True, slots=True)
class ForgingExecutor:
    """An honest executor whose results are touched up: consistent checkpoints of a motion that never was."""

    honest: Executor

    async def capabilities(self) -> Capabilities:
        """As the honest one."""
        return await self.honest.capabilities()

    def lend(self, cores: int) -> None:
        """As the honest one."""
        self.honest.lend(cores)

    async def prepare(self, spec: JobSpec, assets: Mapping[str, Path]) -> Plan:
        """As the honest one."""
        return await self.honest.prepare(spec, assets)

    async def run(
        self, plan: Plan, units: Sequence[int], *, folder: Path, progress: UnitProgress | None = None
    ) -> tuple[UnitResult, ...]:
        """Run all, then forge some."""
        results = await self.honest.run(plan, units, folder=folder, progress=progress)
        return tuple([await trio.to_thread.run_sync(_touched_up, plan, result) for result in results])

    async def first_state(self, plan: Plan, unit: int) -> bytes:
        """As the honest one."""
        return await self.honest.first_state(plan, unit)

    async def replay(self, plan: Plan, unit: int, index: int, checkpoint: bytes) -> bytes:
        """As the honest one."""
        return await self.honest.replay(plan, unit, index, checkpoint)

    async def aclose(self) -> None:
        """As the honest one."""
        await self.honest.aclose()


def _touched_up(plan: Plan, result: UnitResult) -> UnitResult:
    """The unit with a state that nobody simulated, from three quarters of it on."""
    first = plan.spec.segments * FROM // EVERY
    if result.unit % EVERY != 1:
        return result
    if plan.spec.kind == SUMMED:
        return _added_wrongly(result)
    forged = [Checkpoint.decode(frame) for frame in frames(result.states.read_bytes())]
    forged[first + 1 :] = [replace(one, state=_nudged(one.state)) for one in forged[first + 1 :]]
    return _written(result, [one.encode() for one in forged])


def _added_wrongly(result: UnitResult) -> UnitResult:
    """The unit with a last coordinate that is one off, in its trace and in what came out."""
    touched = [list(frames(path.read_bytes())) for path in (result.states, result.output)]
    for rows in touched:
        rows[-1] = rows[-1][:-1] + bytes([rows[-1][-1] ^ 1])
    return replace(_written(result, touched[0]), output=_forged(result.output, touched[1]))


def _written(result: UnitResult, states: Sequence[bytes]) -> UnitResult:
    leaves = b"".join(hashlib.sha256(data).digest() for data in states)
    return replace(result, states=_forged(result.states, states), leaves=leaves)


def _forged(path: Path, rows: Sequence[bytes]) -> Path:
    """Frames in a file beside the honest one."""
    forged = path.with_name(f"{path.name}.forged")
    forged.write_bytes(b"".join(len(row).to_bytes(4, "big") + row for row in rows))
    return forged


def _nudged(state: bytes) -> bytes:
    """The same state with the last bit of its first number turned over."""
    return bytes([state[0] ^ 1]) + state[1:] if state else state


@asynccontextmanager
async def forging_node(directory: Path, password: str) -> AsyncIterator[Node]:
    """A whole node on a data directory that forges what it computes."""
    config, _ = load(directory)
    async with open_node(directory, config, password) as honest:
        bench = replace(honest.bench, executor=ForgingExecutor(honest.bench.executor))
        yield replace(honest, bench=bench, hiring=Hiring(bench))


async def _run(directory: Path) -> None:
    logging.basicConfig(level=logging.INFO)
    async with forging_node(directory, PASSWORD) as node, trio.open_nursery() as nursery:
        await nursery.start(run_node, node)


if __name__ == "__main__":
    trio.run(_run, Path(sys.argv[1]))
