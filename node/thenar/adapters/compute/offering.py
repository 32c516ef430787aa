"""What this machine may be lent for: every class whose probe comes out right here, and what is missing for the rest."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from thenar.adapters.compute import launch, summing
from thenar.adapters.compute.executor import Lent, LocalExecutor, opened
from thenar.adapters.compute.probes import RESULTS, Probe, own_probes, probes
from thenar.domain.work.classes import ASKED, CLASSES, DeterminismClass, probed
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.sums import state_of
from thenar.errors import Refused, ThenarError, Unavailable
from thenar.services.ports import Capabilities, Capability, Plan, UnitProgress, UnitResult

_DOOR = "the door alone"
_WALLS = "bubblewrap"


class Offering(LocalExecutor):
    """The executor of this machine together with what it offers."""

    def __init__(self, lent: Lent | None = None, *, bubblewrap: Path | None) -> None:
        super().__init__(lent, bubblewrap=bubblewrap)
        self._walls = _DOOR if bubblewrap is None else _WALLS
        self._asking = trio.Lock()
        self._host: Capability | None = None

    async def capabilities(self) -> Capabilities:
        """Run the probe of every class, and say what came of it."""
        offered, missing = [], []
        for probe in probes():
            known = CLASSES[probe.spec.class_id]
            try:
                digest, rate = await self._probed(probe)
            except (Refused, Unavailable) as failure:
                missing.append(_said(known.name, failure))
                continue
            if digest.hex() != RESULTS[known.id]:
                missing.append(f"{known.name}: this machine comes to other bits than its class")
                continue
            offered.append(Capability(known.id, known.name, known.kinds, digest, rate))
        try:
            offered.append(await self._own_class(again=True))
        except (Refused, Unavailable) as failure:
            missing.append(_said("H", failure))
        if self._walls == _DOOR:
            missing.append("bubblewrap does not work here: only simulations run, behind a system call filter")
        return Capabilities(tuple(offered), len(os.sched_getaffinity(0)), self._walls, tuple(missing))

    async def _class_of(self, spec: JobSpec) -> DeterminismClass | None:
        found = await super()._class_of(spec)
        if found is None:
            await self._own_class()
            found = await super()._class_of(spec)
        return found

    async def _own_class(self, *, again: bool = False) -> Capability:
        """The class H this machine belongs to, by probes run now or, unless ``again``, before."""
        async with self._asking:
            if self._host is None or again:
                self._own = {ASKED.id: ASKED}
                try:
                    came_to = [await self._probed(probe) for probe in own_probes()]
                finally:
                    self._own = {}
                digest = hashlib.sha256(b"".join(found for found, _ in came_to)).digest()
                known = probed(digest)
                self._own = {known.id: known}
                self._host = Capability(known.id, known.name, known.kinds, digest, came_to[0][1])
            return self._host

    async def run(
        self, plan: Plan, units: Sequence[int], *, folder: Path, progress: UnitProgress | None = None
    ) -> tuple[UnitResult, ...]:
        """Run units; sums beside the node, everything else confined."""
        if not summing.adds_up(plan.spec):
            return await super().run(plan, units, folder=folder, progress=progress)
        await opened(plan.spec, units, folder)
        numbers = await trio.to_thread.run_sync(summing.numbers_of, plan)
        return tuple(
            [await trio.to_thread.run_sync(summing.unit_of, numbers, plan.spec, unit, folder) for unit in units]
        )

    async def first_state(self, plan: Plan, unit: int) -> bytes:
        """The bytes of checkpoint 0; of a sum what the chain is told of it."""
        if not summing.adds_up(plan.spec):
            return await super().first_state(plan, unit)
        return (await trio.to_thread.run_sync(summing.numbers_of, plan)).told.encode()

    async def replay(self, plan: Plan, unit: int, index: int, checkpoint: bytes) -> bytes:
        """Run one segment; of a sum compute the coordinate, whatever came before."""
        if not summing.adds_up(plan.spec):
            return await super().replay(plan, unit, index, checkpoint)
        numbers = await trio.to_thread.run_sync(summing.numbers_of, plan)
        at = unit * plan.spec.segments + index
        return state_of(at, summing.coordinates(numbers, at, 1)[0])

    async def _probed(self, probe: Probe) -> tuple[bytes, int]:
        """What a probe's unit came to, and work per second of one core."""
        with tempfile.TemporaryDirectory(prefix="thenar-probe-") as name:
            folder = Path(name)
            for file, data in probe.files.items():
                await trio.Path(folder / file).write_bytes(data)
            plan = await self.prepare(probe.spec, {file: folder / file for file in probe.files})
            return await self._timed(plan, folder)

    async def _timed(self, plan: Plan, folder: Path) -> tuple[bytes, int]:
        began = time.perf_counter()
        (result,) = await self.run(plan, [0], folder=folder / "work")
        return hashlib.sha256(result.leaves).digest(), int(result.work / (time.perf_counter() - began))


def _said(name: str, failure: ThenarError) -> str:
    return f"{name}: {failure.message}" + (f"; {failure.next_step}" if failure.next_step else "")


@asynccontextmanager
async def open_executor(lent: Lent | None = None) -> AsyncIterator[Offering]:
    """The executor of this machine, under bubblewrap where that works. Its processes end with the block."""
    found = await trio.to_thread.run_sync(launch.bubblewrap)
    executor = Offering(lent, bubblewrap=found)
    try:
        yield executor
    finally:
        await executor.aclose()


async def probe_here() -> Capabilities:
    """What this machine offers, by its probes, with nothing left running."""
    async with open_executor() as executor:
        return await executor.capabilities()
