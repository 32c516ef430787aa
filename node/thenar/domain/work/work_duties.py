"""Duties that facts about bounties and claims give: to the worker, his auditor and whoever asked for the work.

What anybody may do is first the duty of who gains most by it; the requester, whose money waits, comes a while later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from thenar.domain import facts as f
from thenar.domain.catalog import BountyRecord, Catalog, ClaimRecord
from thenar.domain.duty import Duty, DutyKind, Me
from thenar.domain.ids import Address
from thenar.domain.work.bounties import AuditStage, ClaimStage

NOBODY: Final = Address("0x" + "0" * 40)
COURTESY: Final = 60
"""Seconds the requester leaves to those who are paid by the same step; the auditor leaves half of that."""


def for_work(catalog: Catalog, fact: f.BountyFact | f.ClaimFact | f.PoolFact, me: Me) -> Iterator[Duty]:
    """The duties of one fact; the catalog already holds it."""
    if isinstance(fact, f.BountyFact):
        yield from _for_bounty(catalog, fact, me)
    elif isinstance(fact, f.ScoreChanged):
        yield from _for_fault(catalog, fact, me)
    elif isinstance(fact, f.ClaimFact):
        claim = catalog.work[fact.claim]
        bounty = catalog.bounties[claim.bounty]
        yield from _for_audit(claim, bounty, fact, me)
        yield from _for_claim(catalog, claim, bounty, fact, me)


def _for_bounty(catalog: Catalog, fact: f.BountyFact, me: Me) -> Iterator[Duty]:
    bounty = catalog.bounties[fact.bounty]
    subject, block, asks = str(fact.bounty), fact.at.block, bounty.requester == me.account
    match fact:
        case f.BountyCreated() if asks:
            yield Duty(DutyKind.CLOSE_BOUNTY, subject, block, not_before=bounty.job.deadline)
        case f.BountyCancelled() if asks:
            yield Duty(DutyKind.CLOSE_BOUNTY, subject, block)
        case f.BountyClosed() if _input_due(catalog, bounty, me):
            yield Duty(DutyKind.PAY_INPUT, subject, block)
        case _:
            pass


def _input_due(catalog: Catalog, bounty: BountyRecord, me: Me) -> bool:
    asset = catalog.assets.get(bounty.job.input)
    concerned = me.account in (asset.owner if asset else None, bounty.requester)
    return concerned and bounty.job.input_price > 0 and bounty.done > bounty.inputs


def _for_claim(catalog: Catalog, claim: ClaimRecord, bounty: BountyRecord, fact: f.ClaimFact, me: Me) -> Iterator[Duty]:
    subject, block = str(claim.id), fact.at.block
    worker, asks = claim.worker == me.account, bounty.requester == me.account
    match fact:
        case f.UnitsClaimed(commit_by=commit_by):
            if worker:
                yield Duty(DutyKind.DO_WORK, subject, block)
            elif asks:
                yield Duty(DutyKind.EXPIRE_CLAIM, f"{subject}/0", block, not_before=commit_by)
        case f.WorkRevealed(held_until=until) | f.ClaimUpheld(held_until=until):
            if asks and isinstance(fact, f.WorkRevealed):
                yield Duty(DutyKind.KEEP_RESULT, subject, block)
            yield from _finalize(claim, bounty, block, until, me)
        case f.ClaimFinalized() if bounty.done == bounty.job.units:
            yield from _when_done(catalog, bounty, block, me)
        case f.ClaimFinalized() | f.ClaimExpired() | f.ClaimSlashed() | f.ClaimVoided():
            if asks and bounty.cancelled:
                yield Duty(DutyKind.CLOSE_BOUNTY, str(bounty.id), block)
        case _:
            pass


def _finalize(claim: ClaimRecord, bounty: BountyRecord, block: int, until: int, me: Me) -> Iterator[Duty]:
    if claim.stage is not ClaimStage.REVEALED:
        return
    waits: dict[Address | None, int] = {bounty.requester: COURTESY, claim.auditor: COURTESY // 2, claim.worker: 0}
    if me.account in waits:
        yield Duty(DutyKind.FINALIZE_CLAIM, str(claim.id), block, not_before=until + waits[me.account])


def _when_done(catalog: Catalog, bounty: BountyRecord, block: int, me: Me) -> Iterator[Duty]:
    """Every unit is done: the input's owner wants his money, the requester what was left over."""
    if _input_due(catalog, bounty, me):
        yield Duty(DutyKind.PAY_INPUT, str(bounty.id), block)
    if bounty.requester == me.account:
        yield Duty(DutyKind.CLOSE_BOUNTY, str(bounty.id), block)


def _for_audit(claim: ClaimRecord, bounty: BountyRecord, fact: f.ClaimFact, me: Me) -> Iterator[Duty]:
    subject, block = str(claim.id), fact.at.block
    party = me.account in (claim.worker, bounty.requester)
    match fact:
        case f.WorkCommitted(draw_block=draw_block) | f.AuditArmed(draw_block=draw_block):
            if party:
                yield Duty(DutyKind.DRAW_AUDIT, f"{subject}/{draw_block}", block)
        case f.AuditDrawn(auditor=auditor, by=by) if auditor != NOBODY:
            if auditor == me.account:
                yield Duty(DutyKind.DO_AUDIT, f"{subject}/{claim.draw_block}", block)
            if party:
                yield Duty(DutyKind.REPLACE_AUDITOR, f"{subject}/{claim.draw_block}", block, not_before=by)
        case f.AuditDrawn(by=by) | f.AuditCommitted(reveal_by=by):
            yield from _to_be_shown(claim, bounty, by, block, me)
        case f.WorkRevealed():
            if claim.auditor == me.account and claim.audit is AuditStage.COMMITTED:
                yield Duty(DutyKind.REVEAL_AUDIT, f"{subject}/{claim.draw_block}", block)
        case f.AuditRevealed():
            if claim.auditor == me.account:
                yield Duty(DutyKind.CHECK_CLAIM, f"{subject}/{claim.draw_block}", block)
        case _:
            pass


def _to_be_shown(claim: ClaimRecord, bounty: BountyRecord, by: int, block: int, me: Me) -> Iterator[Duty]:
    """Nothing keeps the worker from showing his work; or he has shown it, and an audit of all of it is to be shown."""
    subject = str(claim.id)
    if claim.root is None:
        if claim.worker == me.account:
            yield Duty(DutyKind.REVEAL_WORK, subject, block)
        elif bounty.requester == me.account:
            yield Duty(DutyKind.EXPIRE_CLAIM, f"{subject}/{claim.draw_block}", block, not_before=by)
        return
    if claim.auditor == me.account:
        yield Duty(DutyKind.REVEAL_AUDIT, f"{subject}/{claim.draw_block}", block)
    yield from _finalize(claim, bounty, block, by, me)


def _for_fault(catalog: Catalog, fact: f.ScoreChanged, me: Me) -> Iterator[Duty]:
    """A convicted worker's other claims are audited in full before they are paid: whoever pays or waits sees to it."""
    if not fact.fault:
        return
    for claim in catalog.work.values():
        bounty = catalog.bounties[claim.bounty]
        concerned = me.account in (claim.worker, bounty.requester)
        same = claim.worker == fact.operator and bounty.job.class_id == fact.class_id
        if concerned and same and claim.runs and claim.committed is not None:
            yield Duty(DutyKind.REAUDIT_CLAIM, str(claim.id), fact.at.block)
