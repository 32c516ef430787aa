"""Work for strangers, checked to the last bit: preparing, running, resuming and repeating units of a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thenar.domain.work.checkpoints import Status
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.trace import TraceTree

UnitProgress = Callable[[int, int, int], None]
"""Called with (unit, segments done, segments in all)."""


@dataclass(frozen=True, slots=True)
class Capability:
    """One determinism class this machine may work in.

    ``probe`` is what a fixed piece of work of the class came to here; a node whose probe differs does not offer it.
    """

    class_id: bytes
    name: str
    kinds: tuple[str, ...]
    probe: bytes
    rate: int
    """Units of work a core does in a second: steps of the probe's model, pixels of it, or fuel."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this machine can be lent for. ``missing`` says in words what it lacks, and what to do about it."""

    classes: tuple[Capability, ...]
    cores: int
    isolation: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A job this machine agreed to: its spec is checked, its assets are here and hash to what the spec says."""

    spec: JobSpec
    assets: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class UnitResult:
    """One finished unit. ``leaves`` are its segments + 1 leaves of 32 bytes, in order.

    ``states`` and ``output`` are files: each a sequence of frames, four bytes of length (big-endian) and the bytes, one
    frame for each checkpoint and one for each segment's output.
    """

    unit: int
    status: Status
    work: int
    leaves: bytes
    output_digest: bytes
    states: Path
    output: Path

    @property
    def root(self) -> bytes:
        """The root of the unit's trace: what a claim commits to. ``TraceTree.of(leaves)`` proves parts of it."""
        return TraceTree.of(self.leaves).root


class Executor(Protocol):
    """Runs units of a job in a confined process. Equal arguments give equal bytes, on every machine of the class.

    Cancelling any call ends its processes. ``Unavailable`` means the work did not get done here (memory, a crash, a
    killed process) and says nothing about the unit; FAILED and LIMIT are results.
    """

    async def capabilities(self) -> Capabilities:
        """What this machine offers, by its own probes."""
        ...

    def lend(self, cores: int) -> None:
        """Run as many processes side by side from now on; what runs goes on as it is."""
        ...

    async def prepare(self, spec: JobSpec, assets: Mapping[str, Path]) -> Plan:
        """Check a job before it is claimed: class, files, model, limits, and its first state.

        Raises BadInput for a job nobody should claim, Refused for one this machine can not do.
        """
        ...

    async def run(
        self, plan: Plan, units: Sequence[int], *, folder: Path, progress: UnitProgress | None = None
    ) -> tuple[UnitResult, ...]:
        """Run units and return them in the order asked for. Checkpoints go to ``folder`` as they are made.

        Safe to repeat: what ``folder`` already holds is not run again, whatever ended the first run.
        """
        ...

    async def first_state(self, plan: Plan, unit: int) -> bytes:
        """The bytes of checkpoint 0."""
        ...

    async def replay(self, plan: Plan, unit: int, index: int, checkpoint: bytes) -> bytes:
        """Run segment ``index`` from the bytes of checkpoint ``index``; the bytes of checkpoint ``index`` + 1.

        Raises BadInput when the bytes are not checkpoint ``index`` of that unit of that job.
        """
        ...

    async def aclose(self) -> None:
        """End what is kept running. Safe to repeat."""
        ...
