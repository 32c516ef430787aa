"""Where this node computes: units are run once and kept; what is committed to is on disk before it is sent."""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import trio

from thenar.domain import canonical
from thenar.domain.catalog import BountyRecord, CaseRecord, ClaimRecord
from thenar.domain.facts.at import At
from thenar.domain.ids import BountyId, Cid, ClaimId, DisputeId, TxHash
from thenar.domain.records import from_value, to_value
from thenar.domain.work.audits import Bound
from thenar.domain.work.bounties import Job
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.results import frames, trace_file
from thenar.domain.work.trace import TraceTree
from thenar.errors import BadInput, Corrupt, NotFound
from thenar.services.licensing import Trade
from thenar.services.ports import Executor, Plan, UnitProgress, UnitResult, one_part
from thenar.services.work.bonds import Bonds
from thenar.services.work.jobfiles import Files, assets_of, numbers_of, spec_of

log = logging.getLogger(__name__)

LIMIT = 4_096
CLAIMS, COURT = "WorkClaims", "SegmentCourt"
SALT_BYTES = 32
FORGOTTEN = b""
"""Stands where a unit was whose files were let go."""


@dataclass(frozen=True, slots=True)
class Done:
    """A unit that was run here: its trace's root, and where its files lie."""

    root: str
    trace: str
    output: str
    status: int
    work: int

    @property
    def trace_root(self) -> bytes:
        """The 32-byte root."""
        return bytes.fromhex(self.root)


@dataclass(frozen=True, slots=True)
class Secret:
    """What was committed to and with which salt; written down before the commitment is sent."""

    root: str
    salt: str
    outputs: str = ""

    @property
    def opening(self) -> tuple[bytes, bytes]:
        """Root (or vote) and salt."""
        return bytes.fromhex(self.root), bytes.fromhex(self.salt)


@dataclass(slots=True)
class Bench:
    """The ports that computing needs, and the folder where checkpoints lie."""

    trade: Trade
    files: Files
    executor: Executor
    folder: Path
    progress: dict[tuple[bytes, int], tuple[int, int]] = field(default_factory=dict)
    """Spec and unit that run now → segments done, segments in all."""
    scorer: Callable[[CaseRecord], Awaitable[bytes]] | None = None
    """What a juror finds in a dispute about an answer to a capture bounty, or about an epoch's root."""
    caller: Callable[[CaseRecord], Awaitable[bytes]] | None = None
    """What a juror finds in a dispute about a call of a model."""
    bonds: Bonds = field(default_factory=Bonds)
    """What disputing locks, and how much of it may come from the wallet by itself."""
    _plans: dict[bytes, Plan] = field(default_factory=dict)

    def bounty(self, number: BountyId) -> BountyRecord:
        """A bounty as the chain knows it. Raises NotFound."""
        found = self.trade.belief.catalog.bounties.get(number)
        if found is None:
            raise NotFound(f"no bounty {number}", next_step="`thenar job list --all` shows what exists")
        return found

    def claim(self, number: ClaimId) -> ClaimRecord:
        """A claim as the chain knows it. Raises NotFound."""
        found = self.trade.belief.catalog.work.get(number)
        if found is None:
            raise NotFound(f"no claim {number} as of block {self.trade.belief.block}")
        return found

    def case(self, number: DisputeId) -> CaseRecord:
        """A dispute as the chain knows it. Raises NotFound."""
        found = self.trade.belief.catalog.cases.get(number)
        if found is None:
            raise NotFound(f"no dispute {number} as of block {self.trade.belief.block}")
        return found

    def bound(self, claim: ClaimRecord) -> Bound:
        """What this account's commitments about a claim are bound to."""
        chain, class_id = self.trade.chain, self.bounty(claim.bounty).job.class_id
        return Bound(chain.chain_id, chain.contract(CLAIMS), claim.id, self.trade.me, class_id)

    async def now(self) -> int:
        """The chain's time in unix seconds."""
        return (await self.trade.chain.head()).timestamp

    async def plan(self, bounty: BountyRecord) -> Plan:
        """A bounty's job with its files here. Raises BadInput, Refused, Unavailable, Corrupt."""
        known = self._plans.get(bounty.job.spec)
        if known is None:
            catalog = self.trade.belief.catalog
            spec = await spec_of(self.files, catalog, bounty)
            assets = await assets_of(self.files, catalog, bounty, spec, self.folder / "assets")
            known = await self.executor.prepare(spec, assets)
            if bounty.sums and (await numbers_of(spec, assets)).told.digest != bounty.job.spec:
                raise BadInput(f"bounty {bounty.id} asks for a sum over other numbers than its spec names")
            self._plans[bounty.job.spec] = known
        return known

    async def rehearse(self, plan: Plan, job: Job, units: Sequence[int]) -> dict[int, Done]:
        """Run units of a job nobody has posted yet; they count as run here once somebody has."""
        self._plans[job.spec] = plan
        nowhere = At(0, 0, "", TxHash(""))
        return await self.run(BountyRecord(BountyId(0), self.trade.me, job, job.budget, nowhere), units)

    async def run(self, bounty: BountyRecord, units: Sequence[int]) -> dict[int, Done]:
        """Run units, or remember what they came to. Killed in the middle it goes on from the last checkpoint."""
        done = {unit: found for unit in units if (found := await self._remembered(bounty, unit)) is not None}
        missing = [unit for unit in units if unit not in done]
        if missing:
            results = await self._run(bounty, missing)
            for result in results:
                done[result.unit] = await self._keep(bounty, result)
        return done

    async def _run(self, bounty: BountyRecord, units: Sequence[int]) -> tuple[UnitResult, ...]:
        plan, spec = await self.plan(bounty), bounty.job.spec
        tell: UnitProgress = lambda unit, done, total: self.progress.update({(spec, unit): (done, total)})  # noqa: E731
        try:
            return await self.executor.run(plan, units, folder=self.place(bounty), progress=tell)
        finally:
            for unit in units:
                self.progress.pop((spec, unit), None)

    def place(self, bounty: BountyRecord) -> Path:
        """Where the checkpoints of a job lie."""
        return self.folder / bounty.job.spec.hex()

    async def _remembered(self, bounty: BountyRecord, unit: int) -> Done | None:
        return await self._done(_name(bounty, unit))

    async def _done(self, name: str) -> Done | None:
        data = await self.trade.journal.get(name)
        return from_value(Done, canonical.decode_object(data, limit=LIMIT), "the unit") if data else None

    async def _keep(self, bounty: BountyRecord, result: UnitResult) -> Done:
        """Store a unit's trace and output, then remember it."""
        *_, last = frames(await trio.Path(result.states).read_bytes())
        trace = await self.files.store.add(one_part(trace_file(result.leaves, last)))
        output = await self.files.store.add(one_part(await trio.Path(result.output).read_bytes()))
        root = TraceTree.of(result.leaves).root.hex()
        done = Done(root, str(trace.root), str(output.root), int(result.status), result.work)
        await self.trade.journal.put(_name(bounty, result.unit), canonical.encode(to_value(done)))
        log.info("unit run", extra={"bounty": bounty.id, "unit": result.unit, "status": Status(result.status).name})
        return done

    async def tree(self, bounty: BountyRecord, unit: int) -> TraceTree:
        """The trace of a unit that was run here. Raises NotFound."""
        done = await self._remembered(bounty, unit)
        if done is None:
            raise NotFound(f"unit {unit} of bounty {bounty.id} was not run here")
        data = await self.files.read(Cid.parse(done.trace))
        tree = TraceTree.of(data[: 32 * (bounty.job.segments + 1)])
        if tree.root != done.trace_root:
            raise Corrupt(f"the stored trace of unit {unit} is damaged", next_step="restore the store from a backup")
        return tree

    async def state(self, bounty: BountyRecord, unit: int, index: int) -> bytes:
        """The bytes of a checkpoint of a unit that was run here; run again when its folder is gone."""
        (result,) = await self._run(bounty, [unit])
        for number, frame in enumerate(frames(await trio.Path(result.states).read_bytes())):
            if number == index:
                return frame
        raise NotFound(f"unit {unit} of bounty {bounty.id} has no checkpoint {index}")

    async def forget(self, bounty: BountyRecord) -> None:
        """Let go of the checkpoints of a job that is over and, unless they are this account's results, of its files."""
        await trio.to_thread.run_sync(lambda: shutil.rmtree(self.place(bounty), ignore_errors=True))
        if bounty.requester == self.trade.me:
            return
        for name in await self.trade.journal.names(f"unit/{bounty.job.spec.hex()}/"):
            done = await self._done(name)
            for cid in (done.trace, done.output) if done else ():
                await self.files.store.unpin(Cid.parse(cid))
            await self.trade.journal.put(name, FORGOTTEN)

    async def secret(self, name: str) -> Secret | None:
        """What was committed to under a name, or None."""
        data = await self.trade.journal.get(f"secret/{name}")
        return None if data is None else from_value(Secret, canonical.decode_object(data, limit=LIMIT), "the secret")

    async def seal(self, name: str, root: bytes, outputs: bytes = b"") -> Secret:
        """Choose a salt once and write it down with what it hides; what was written before stands."""
        known = await self.secret(name)
        if known is None:
            known = Secret(root.hex(), secrets.token_bytes(SALT_BYTES).hex(), outputs.hex())
            await self.trade.journal.put(f"secret/{name}", canonical.encode(to_value(known)))
        return known


def roots_of(done: Mapping[int, Done]) -> dict[int, bytes]:
    """The trace root of each unit."""
    return {unit: one.trace_root for unit, one in done.items()}


def _name(bounty: BountyRecord, unit: int) -> str:
    return f"unit/{bounty.job.spec.hex()}/{unit:010d}"
