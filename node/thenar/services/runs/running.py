"""The owner's side of a run: check, run at home, seal for the buyer, deliver, have it paid. Safe to repeat.

Killed before the parcel is remembered, the run is done again and comes to the same bytes; killed after, it is
delivered. What must not leave is stopped twice: here, by everything this node believes, and by the contract, which
takes no delivery once consent, approval or license have ended.
"""

from __future__ import annotations

import hashlib
import logging

import trio

from thenar.domain.actions import DeliverRun, RefundRun, SettleRun
from thenar.domain.catalog import RunRecord
from thenar.domain.ids import RAW, Cid, RunId
from thenar.domain.runs.programs import RunStage
from thenar.domain.runs.reports import Parcel, RunReport, context_of
from thenar.domain.runs.standing import program_of, why_not
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.classes import X2
from thenar.errors import BadInput, Corrupt, NotFound, known_in
from thenar.services.ports import one_part
from thenar.services.runs.home import Home, Ran, run_at_home
from thenar.services.steps import step

log = logging.getLogger(__name__)


async def run_program(home: Home, number: RunId) -> None:
    """Owner's duty: do an ordered run and deliver its output; give the money back for what cannot be done."""
    record, trade = home.run(number), home.trade
    if record.stage is not RunStage.ORDERED or trade.belief.catalog.assets[record.run.asset].owner != trade.me:
        return
    now = await home.now()
    if now > record.run.deadline:
        log.warning("run too late to be done", extra={"run": number})
        return
    reason = why_not(trade.belief.catalog, record, now)
    sealed = None if reason else await _sealed(home, record)
    if sealed is None:
        log.warning("run given back", extra={"run": number, "reason": reason or "it came to nothing"})
        await step(trade, f"refund-run:{record.label}", RefundRun(number))
        return
    await step(trade, f"deliver-run:{record.label}", DeliverRun(number, record.run.buyer, sealed.digest))


async def settle_run(home: Home, number: RunId) -> None:
    """Owner's duty once the buyer can reject no more: have the price paid to the asset."""
    record = home.run(number)
    if record.stage is RunStage.DELIVERED:
        await step(home.trade, f"settle-run:{record.label}", SettleRun(number))


async def _sealed(home: Home, record: RunRecord) -> Cid | None:
    """Where the sealed parcel of a run lies, made first when it is not there; None when there is nothing to deliver."""
    name = f"run/{record.label}"
    known = await home.trade.journal.get(name)
    if known is not None:
        return Cid.parse(known.decode())
    try:
        ran = await _while_it_stands(home, record)
    except (BadInput, NotFound) as cause:
        log.warning("program cannot run", extra={"run": record.id, "reason": cause.message})
        return None
    if ran is None or ran.status is not Status.OK:
        log.warning("run ended", extra={"run": record.id, "status": ran.status.name if ran else "stopped"})
        return None
    data = (await _parcel(home, record, ran)).encode(record.run.output_bytes)
    chain_id = home.trade.chain.chain_id
    sealed = home.parcels.seal(data, record.point, context_of(record.id, chain_id, home.desk))
    stored = await home.files.store.add(one_part(sealed))
    if stored.root != Cid.of(RAW, hashlib.sha256(sealed).digest()):
        raise Corrupt(f"the output of run {record.id} is not one raw block")
    await home.trade.journal.put(name, stored.root.encode())
    return stored.root


async def _while_it_stands(home: Home, record: RunRecord) -> Ran | None:
    """Run, and stop at once when consent, approval or license end meanwhile; then None."""
    belief, now = home.trade.belief, await home.now()
    approved = program_of(belief.catalog, record.run.asset, record.run.program)
    if approved is None:
        return None
    ran: Ran | None = None

    async def watch() -> None:
        while why_not(belief.catalog, record, now) is None:
            await belief.changed()
        running.cancel_scope.cancel()

    try:
        async with trio.open_nursery() as running:
            running.start_soon(watch)
            ran = await run_at_home(home, record.run.asset, record.run.program, approved.limits, record.run.part)
            running.cancel_scope.cancel()
    except BaseExceptionGroup as failures:
        if (known := known_in(failures)) is not None:
            raise known from failures
        raise
    return ran


async def _parcel(home: Home, record: RunRecord, ran: Ran) -> Parcel:
    run, trade = record.run, home.trade
    report = RunReport(
        run=record.id,
        buyer=run.buyer,
        asset=run.asset,
        program=run.program.hex(),
        part=run.part,
        runtime=X2.id.hex(),
        plain_root=trade.belief.catalog.assets[run.asset].commitment.plain_root.hex(),
        output=hashlib.sha256(ran.output).hexdigest(),
        size=len(ran.output),
    )
    digest = report.signed(trade.chain.chain_id, home.desk)
    await trade.journal.guard_statement("run", f"{home.desk}/{record.label}", digest)
    return Parcel(report, home.sign(digest), ran.output)
