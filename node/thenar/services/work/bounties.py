"""The requester's side: ask for work, watch it, keep and fetch what came out, have the rest back."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from thenar.domain.actions import CancelBounty, CreateBounty
from thenar.domain.catalog import BountyRecord, Catalog, ClaimRecord
from thenar.domain.ids import BountyId, Cid, ClaimId
from thenar.domain.work.bounties import ClaimStage, Job
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import SUMMED
from thenar.domain.work.results import LAST_CHECKPOINT, WorkRecord, check_output, frames, read_leaves, read_trace
from thenar.domain.work.sums import check_totals, totals_of
from thenar.errors import BadInput, Refused, Unavailable
from thenar.services.licensing import PATIENCE, approve
from thenar.services.listen import be_present
from thenar.services.ports import Receipt, one_part
from thenar.services.work.canaries import hold_canaries, with_canaries
from thenar.services.work.jobfiles import check_job, holders_of, numbers_of, record_of, spec_of
from thenar.services.work.workbench import Bench

log = logging.getLogger(__name__)

INDEX: Final = "job.json"

Told = Callable[[int, int], None]
"""Called with units done and units in all."""


def name_of(spec: bytes) -> str:
    """What a request to have a job done is known by, whenever it is asked for."""
    return f"bounty/{spec.hex()}"


async def store_spec(bench: Bench, spec: JobSpec) -> bytes:
    """Keep a spec where workers find it; its assets are stored already. Returns what the chain calls it by."""
    stored = await bench.files.store.add(one_part(spec.encode()))
    if stored.root != spec.cid:
        raise BadInput("the spec is too long for one block")
    if spec.kind != SUMMED:
        return spec.digest
    told = (await numbers_of(spec, await _own_assets(bench, spec))).told
    await bench.files.store.add(one_part(told.encode()))
    return told.digest


async def post(bench: Bench, spec: JobSpec, job: Job, canaries: int = 0) -> tuple[BountyRecord, Receipt]:
    """Lock the money for all units and wait until the chain confirms the bounty; run ``canaries`` of them here first.

    Raises Refused, Poor, Reverted, and BadInput for more canaries than units.
    """
    trade = bench.trade
    if trade.me not in trade.belief.catalog.nodes:
        raise Refused(
            "workers find a job's files through the requester's registered node, and this one is not registered",
            next_step="`thenar register --stake 100` registers it",
        )
    check_job(spec, job)
    plan = await bench.executor.prepare(spec, await _own_assets(bench, spec))
    if await store_spec(bench, spec) != job.spec:
        raise BadInput("the bounty names another spec than the one that was written")
    if canaries:
        job = await with_canaries(bench, plan, job, canaries, await trade.once.label(name_of(job.spec), trade.request))
    await approve(trade, job.budget + (bench.bonds.challenge if canaries else 0))
    receipt = await trade.send(name_of(job.spec), CreateBounty(job))
    await trade.seen(receipt)

    def created(catalog: Catalog) -> BountyRecord | None:
        return next((one for one in catalog.bounties.values() if one.created.tx_hash == receipt.tx_hash), None)

    bounty = await trade.belief.until(created, seconds=PATIENCE, what="the bounty")
    try:
        await be_present(bench.files.peers)
    except (Refused, Unavailable) as cause:
        log.info("could not say where this node is", extra={"reason": cause.message})
    return bounty, receipt


async def _own_assets(bench: Bench, spec: JobSpec) -> dict[str, Path]:
    folder, found = bench.folder / "assets", {}
    await trio.Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, asset in tuple(spec.assets.items()):
        path = found[name] = folder / asset.digest.hex()
        if not await trio.Path(path).exists():
            await trio.Path(path).write_bytes(await bench.files.read(Cid.parse(asset.cid)))
    return found


async def cancel(bench: Bench, number: BountyId) -> Receipt:
    """Let nobody claim more of one's own bounty. Raises NotFound, Refused."""
    bounty = bench.bounty(number)
    if bounty.requester != bench.trade.me:
        raise Refused(f"bounty {number} belongs to {bounty.requester}, not to this account")
    if bounty.cancelled or bounty.closed:
        raise Refused(f"bounty {number} has ended already")
    receipt = await bench.trade.outbox.send(f"bounty-cancel:{number}", CancelBounty(number))
    await bench.trade.seen(receipt)
    return receipt


async def keep_result(bench: Bench, number: ClaimId) -> None:
    """Bring what a claim came to here while its worker is around, every byte held against the chain."""
    claim = bench.claim(number)
    if claim.gives_back:
        return
    bounty = bench.bounty(claim.bounty)
    record = await record_of(bench.files, bench.trade.belief.catalog, claim)
    await hold_canaries(bench, bounty, claim, record)
    for place in range(claim.count):
        await unit_output(bench, bounty, claim, record, place)


async def unit_output(
    bench: Bench, bounty: BountyRecord, claim: ClaimRecord, record: WorkRecord, place: int
) -> tuple[bytes, Status]:
    """What came out of one unit, and how it ended. Raises Corrupt, Unavailable."""
    holders = holders_of(bench.trade.belief.catalog, claim.worker, bounty.requester, claim.auditor)
    limit = 32 * (bounty.job.segments + 1) + LAST_CHECKPOINT
    trace = await bench.files.bring(Cid.parse(record.traces[place]), holders, limit)
    if bounty.sums:
        tree, _ = read_leaves(trace, bounty.job.segments, record.trace_roots[place])
        output = await bench.files.bring(Cid.parse(record.outputs[place]), holders, 36 * bounty.job.segments)
        check_totals(tuple(frames(output)), tree, claim.units[place])
        return output, Status.OK
    _, last = read_trace(trace, bounty.job.segments, record.trace_roots[place])
    most = (await spec_of(bench.files, bench.trade.belief.catalog, bounty)).limits.output_bytes
    output = await bench.files.bring(Cid.parse(record.outputs[place]), holders, most + 4 * bounty.job.segments)
    check_output(tuple(frames(output)), last)
    return output, last.status


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was written: units, bytes, and how units ended that were not OK."""

    units: int
    bytes: int
    failed: tuple[int, ...]


async def fetch(bench: Bench, number: BountyId, into: Path, told: Told) -> Fetched:
    """Write what every finalised unit came to into a folder, a file for each. Raises NotFound, Unavailable, Corrupt."""
    bounty = bench.bounty(number)
    target = trio.Path(into)
    await target.mkdir(parents=True, exist_ok=True)
    done = [claim for claim in map(bench.claim, bounty.claims) if claim.stage is ClaimStage.FINALIZED]
    total, size, rows = sum(claim.count for claim in done), 0, []
    for claim in sorted(done, key=lambda one: one.first):
        record = await record_of(bench.files, bench.trade.belief.catalog, claim)
        for place, unit in enumerate(claim.units):
            output, status = await unit_output(bench, bounty, claim, record, place)
            await (target / f"unit-{unit:06d}.bin").write_bytes(output)
            size += len(output)
            row = {"unit": unit, "status": status.name, "work": record.work[place], "worker": claim.worker}
            rows.append(row | ({"sums": [str(total) for total in totals_of(frames(output))]} if bounty.sums else {}))
            told(len(rows), total)
    await (target / INDEX).write_text(json.dumps(await _index(bench, bounty, rows), indent=1) + "\n")
    return Fetched(len(rows), size, tuple(int(str(row["unit"])) for row in rows if row["status"] != "OK"))


async def _index(bench: Bench, bounty: BountyRecord, rows: list[dict[str, object]]) -> dict[str, object]:
    spec = await spec_of(bench.files, bench.trade.belief.catalog, bounty)
    return {"bounty": bounty.id, "spec": json.loads(spec.encode()), "units": rows}
