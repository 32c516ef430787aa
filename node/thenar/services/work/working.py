"""The worker's side of a claim: run it, commit, have it drawn, show it, be paid. Each step is safe to repeat.

Killed between any two lines nothing is lost: checkpoints lie in a folder, finished units and the salt in the journal,
every transaction in the outbox before it leaves.
"""

from __future__ import annotations

import logging
from typing import Final

from thenar.domain.actions import (
    CloseBounty,
    CommitWork,
    DrawAudit,
    ExpireClaim,
    FinalizeClaim,
    PayInput,
    ReauditClaim,
    RedrawAudit,
    RevealWork,
    ShowPlace,
)
from thenar.domain.catalog import ClaimRecord
from thenar.domain.ids import BountyId, ClaimId
from thenar.domain.work.audits import tree_over
from thenar.domain.work.bounties import AuditStage, ClaimStage
from thenar.domain.work.results import SCHEMA, WorkRecord
from thenar.errors import Corrupt, Unavailable
from thenar.services.ports import one_part
from thenar.services.steps import step
from thenar.services.work.workbench import Bench, Done, roots_of

log = logging.getLogger(__name__)

PATIENCE_BLOCKS: Final = 20
"""Blocks the requester leaves to the worker before he has an audit drawn himself."""


async def do_work(bench: Bench, number: ClaimId) -> None:
    """Run the units of a claim of this account and commit to them. Late, the units are left to others."""
    claim = bench.claim(number)
    if claim.stage is not ClaimStage.CLAIMED or claim.worker != bench.trade.me:
        return
    if await bench.now() >= claim.by:
        log.warning("claim too late to work on", extra={"claim": number})
        return
    secret = await bench.secret(f"work/{number}")
    if secret is None:
        done = await bench.run(bench.bounty(claim.bounty), claim.units)
        record = record_for(claim, done)
        stored = await bench.files.store.add(one_part(record.encode()))
        if stored.root != record.cid:
            raise Corrupt(f"the record of claim {number} is not one raw block")
        secret = await bench.seal(f"work/{number}", tree_over(claim.units, roots_of(done)).root, record.cid.digest)
    await step(bench.trade, f"work-commit:{number}", CommitWork(number, bench.bound(claim).work(*secret.opening)))


def record_for(claim: ClaimRecord, done: dict[int, Done]) -> WorkRecord:
    """What is said about a claim once it is revealed."""
    units = [done[unit] for unit in claim.units]
    return WorkRecord(
        schema=SCHEMA,
        claim=claim.id,
        first=claim.first,
        roots=tuple(one.root for one in units),
        traces=tuple(one.trace for one in units),
        outputs=tuple(one.output for one in units),
        status=tuple(one.status for one in units),
        work=tuple(one.work for one in units),
    )


async def draw_audit(bench: Bench, number: ClaimId, draw_block: int) -> None:
    """Have the audit of a claim drawn once its block is there. The requester leaves that to the worker for a while."""
    claim = bench.claim(number)
    if claim.stage is not ClaimStage.COMMITTED or claim.draw_block != draw_block:
        return
    wait = 0 if claim.worker == bench.trade.me else PATIENCE_BLOCKS
    if (await bench.trade.chain.head()).block <= draw_block + wait:
        raise Unavailable(f"the audit of claim {number} is drawn by block {draw_block}, which is too young")
    await step(bench.trade, f"audit-draw:{number}/{draw_block}", DrawAudit(number))


async def replace_auditor(bench: Bench, number: ClaimId, draw_block: int) -> None:
    """Have another auditor drawn when the first did not commit in time."""
    claim = bench.claim(number)
    if (claim.stage, claim.audit, claim.draw_block) == (ClaimStage.DRAWN, AuditStage.DRAWN, draw_block):
        await step(bench.trade, f"audit-redraw:{number}/{draw_block}", RedrawAudit(number))


async def reveal_work(bench: Bench, number: ClaimId) -> None:
    """Show what was committed to."""
    claim, secret = bench.claim(number), await bench.secret(f"work/{number}")
    if claim.root is not None or not claim.runs:
        return
    if secret is None:
        raise Corrupt(f"this node does not know the salt of claim {number}", next_step="restore the journal")
    root, salt = secret.opening
    await step(bench.trade, f"work-reveal:{number}", RevealWork(number, root, salt, bytes.fromhex(secret.outputs)))


async def show_place(bench: Bench, number: ClaimId, place: int) -> None:
    """Show the trace at a place somebody demanded."""
    claim = bench.claim(number)
    demand = claim.demands.get(place)
    if demand is None or demand.over:
        return
    done = await bench.run(bench.bounty(claim.bounty), claim.units)
    tree = tree_over(claim.units, roots_of(done))
    action = ShowPlace(number, place, done[claim.units[place]].trace_root, tree.prove(place))
    await step(bench.trade, f"work-show:{number}/{place}", action)


async def reaudit(bench: Bench, number: ClaimId) -> None:
    """After the worker's conviction: have all of another claim of his audited, so that it can be paid."""
    claim = bench.claim(number)
    if not claim.runs or claim.retro:
        return
    if claim.stage is not ClaimStage.REVEALED:
        raise Unavailable(f"claim {number} is not revealed yet")
    await step(bench.trade, f"work-reaudit:{number}", ReauditClaim(number))


async def finalize(bench: Bench, number: ClaimId) -> None:
    """Have a claim paid whose window has passed."""
    claim = bench.claim(number)
    if not claim.runs:
        return
    if claim.stage is not ClaimStage.REVEALED or await bench.now() < claim.by:
        raise Unavailable(f"claim {number} is held")
    await step(bench.trade, f"work-finalize:{number}", FinalizeClaim(number))


async def expire(bench: Bench, number: ClaimId, draw_block: int) -> None:
    """End a claim whose worker did not commit, or did not reveal, in time."""
    claim = bench.claim(number)
    late = claim.stage is ClaimStage.CLAIMED or (
        claim.stage is ClaimStage.DRAWN and claim.audit is not AuditStage.DRAWN and claim.root is None
    )
    if late and claim.draw_block == draw_block:
        await step(bench.trade, f"work-expire:{number}/{draw_block}", ExpireClaim(number))


async def pay_input(bench: Bench, number: BountyId) -> None:
    """Have the input asset paid for the units that are done."""
    bounty = bench.bounty(number)
    if bounty.done > bounty.inputs and bounty.job.input_price:
        await step(bench.trade, f"bounty-input:{number}/{bounty.done}", PayInput(number))


async def close_bounty(bench: Bench, number: BountyId) -> None:
    """Have what is left of a bounty back, once nothing of it runs."""
    bounty = bench.bounty(number)
    if bounty.closed:
        return
    if any(bench.claim(claim).runs for claim in bounty.claims):
        raise Unavailable(f"claims of bounty {number} still run")
    await step(bench.trade, f"bounty-close:{number}", CloseBounty(number))
