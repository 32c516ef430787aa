"""An executor whose physics is a chain of hashes: deterministic, resumable, replayable, and able to lie on purpose."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import trio

from thenar.domain.work.checkpoints import Checkpoint, Status, first
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Wasm
from thenar.domain.work.results import frames
from thenar.errors import BadInput
from thenar.services.ports import Capabilities, Capability, Plan, UnitProgress, UnitResult

PAPER = hashlib.sha256(b"a class of hashes").digest()
PROBE = hashlib.sha256(b"what its probe gives").digest()


class PowerCut(BaseException):
    """The process ended here."""


def paper_spec(module: tuple[str, bytes, str], *, units: int = 8, segments: int = 20, seed: int = 7) -> JobSpec:
    """A job that only the paper executor understands; ``module`` is a stored file's name, content and CID."""
    from thenar.domain.work.jobs import AssetFile

    name, content, cid = module
    asset = AssetFile(cid, "0x" + hashlib.sha256(content).hexdigest(), len(content))
    return JobSpec("wasm", PAPER, seed, units, segments, 1_000, Wasm(name), {name: asset})


@dataclass
class PaperExecutor:
    """The Executor port. ``lies`` says from which segment on a unit's states are made up."""

    name: str = "paper"
    rate: int = 1_000_000
    cores: int = 2
    lies: dict[int, int] = field(default_factory=dict)
    cut_after: int | None = None  # segments until the power goes
    segments_run: int = 0
    replays: int = 0

    async def capabilities(self) -> Capabilities:
        return Capabilities((Capability(PAPER, self.name, ("wasm",), PROBE, self.rate),), self.cores, "none")

    def lend(self, cores: int) -> None:
        self.cores = cores

    async def prepare(self, spec: JobSpec, assets: Mapping[str, Path]) -> Plan:
        if spec.class_id != PAPER:
            raise BadInput("this executor runs nothing but paper")
        for name, asset in spec.assets.items():
            if hashlib.sha256(await trio.Path(assets[name]).read_bytes()).digest() != asset.digest:
                raise BadInput(f"{name} is another file")
        return Plan(spec, dict(assets))

    async def run(
        self, plan: Plan, units: Sequence[int], *, folder: Path, progress: UnitProgress | None = None
    ) -> tuple[UnitResult, ...]:
        await trio.Path(folder).mkdir(parents=True, exist_ok=True)
        return tuple([await self._unit(plan, unit, folder, progress) for unit in units])

    async def _unit(self, plan: Plan, unit: int, folder: Path, progress: UnitProgress | None) -> UnitResult:
        states, output = folder / f"{unit}.states", folder / f"{unit}.output"
        there = [Checkpoint.decode(frame) for frame in _frames(states)]
        if not there:
            there = [self._first(plan, unit)]
            _append(states, there[0].encode())
        while len(there) <= plan.spec.segments:
            await trio.lowlevel.checkpoint()
            if self.cut_after is not None and self.segments_run >= self.cut_after:
                raise PowerCut
            self.segments_run += 1
            lie = self.lies.get(unit, plan.spec.segments) <= there[-1].index
            following, piece = _next(plan, there[-1], lie=lie)
            _append(output, piece)
            _append(states, following.encode())
            there.append(following)
            if progress:
                progress(unit, following.index, plan.spec.segments)
        leaves = b"".join(one.leaf for one in there)
        digest = hashlib.sha256(output.read_bytes()).digest()
        return UnitResult(unit, Status.OK, there[-1].work, leaves, digest, states, output)

    def _first(self, plan: Plan, unit: int) -> Checkpoint:
        state = hashlib.sha256(plan.spec.digest + unit.to_bytes(4, "big")).digest()
        return first(plan.spec.class_id, plan.spec.digest, unit, state)

    async def first_state(self, plan: Plan, unit: int) -> bytes:
        return self._first(plan, unit).encode()

    async def replay(self, plan: Plan, unit: int, index: int, checkpoint: bytes) -> bytes:
        found = Checkpoint.decode(checkpoint)
        if (found.spec, found.unit, found.index) != (plan.spec.digest, unit, index):
            raise BadInput("that is another checkpoint")
        self.replays += 1
        lie = self.lies.get(unit, plan.spec.segments) <= index
        return _next(plan, found, lie=lie)[0].encode()

    async def aclose(self) -> None:
        pass


def _next(plan: Plan, before: Checkpoint, *, lie: bool) -> tuple[Checkpoint, bytes]:
    state = hashlib.sha256((b"lie" if lie else b"step") + before.state).digest()
    piece = hashlib.sha256(b"seen" + before.state).digest()[:8]
    return before.after(state, piece, plan.spec.segment), piece


def _frames(path: Path) -> Iterator[bytes]:
    return frames(path.read_bytes()) if path.exists() else iter(())


def _append(path: Path, frame: bytes) -> None:
    with path.open("ab") as file:
        file.write(len(frame).to_bytes(4, "big") + frame)
