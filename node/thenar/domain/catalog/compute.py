"""How bounties for computing, their claims and the pool of workers change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.compute_records import BountyRecord, ClaimRecord, MemberRecord
from thenar.domain.work.bounties import AuditStage, ClaimStage

_NOBODY = "0x" + "0" * 40
FIRST_TIME = 1_000_000_000
"""Smaller numbers are seconds that a claim in dispute has left, not a time."""


def fold_bounty(catalog: Catalog, fact: f.BountyFact) -> None:
    """Add one fact about a bounty."""
    match fact:
        case f.BountyCreated():
            catalog.bounties[fact.bounty] = BountyRecord(fact.bounty, fact.requester, fact.job, fact.budget, fact.at)
        case f.BountyCancelled():
            catalog.bounties[fact.bounty].cancelled = True
        case f.BountyClosed():
            bounty = catalog.bounties[fact.bounty]
            bounty.closed, bounty.refunded = True, fact.refunded
        case f.InputPaid():
            bounty = catalog.bounties[fact.bounty]
            bounty.input_paid += fact.amount
            bounty.inputs += fact.units
        case _:
            assert_never(fact)


def fold_claim(catalog: Catalog, fact: f.ClaimFact) -> None:
    """Add one fact about a claim."""
    if isinstance(fact, f.UnitsClaimed):
        bounty = catalog.bounties[fact.bounty]
        claim = ClaimRecord(fact.claim, fact.bounty, fact.worker, fact.first, fact.count, fact.at, fact.commit_by)
        claim.started = fact.commit_by - bounty.job.work_window
        catalog.work[fact.claim] = claim
        bounty.claims.append(fact.claim)
        bounty.held += fact.count
        return
    claim = catalog.work[fact.claim]
    match fact:
        case f.ClaimFinalized() | f.ClaimExpired() | f.ClaimSlashed() | f.ClaimVoided():
            _end(catalog, claim, fact)
        case f.WorkCommitted() | f.AuditArmed() | f.AuditDrawn():
            _draw(claim, fact)
        case f.AuditCommitted():
            _audit_committed(claim, fact)
        case f.WorkRevealed():
            claim.stage, claim.root, claim.outputs, claim.by = (
                ClaimStage.REVEALED,
                fact.root,
                fact.outputs,
                fact.held_until,
            )
        case f.AuditRevealed():
            claim.audit, claim.audit_root = AuditStage.REVEALED, fact.root
        case f.AuditMissed():
            if claim.root is not None and claim.stage is ClaimStage.REVEALED:
                claim.audit = AuditStage.FAILED
        case f.ClaimHeld():
            claim.stage = ClaimStage.DISPUTED if fact.disputed else claim.stage
        case f.ClaimUpheld():
            if claim.runs and fact.held_until > FIRST_TIME:
                claim.stage, claim.by = ClaimStage.REVEALED, fact.held_until
        case f.ClassSuspect():
            catalog.suspects.setdefault(fact.class_id, []).append(fact.claim)
        case _:
            assert_never(fact)


def _audit_committed(claim: ClaimRecord, fact: f.AuditCommitted) -> None:
    """The worker's turn to reveal; when he already has, the claim is held anew and the auditor may show at once."""
    claim.audit = AuditStage.COMMITTED
    if claim.root is None:
        claim.by = fact.reveal_by
    else:
        claim.stage, claim.audit_by, claim.by = ClaimStage.REVEALED, fact.reveal_by, max(claim.by, fact.reveal_by)


def _draw(claim: ClaimRecord, fact: f.WorkCommitted | f.AuditArmed | f.AuditDrawn) -> None:
    match fact:
        case f.WorkCommitted():
            claim.stage, claim.committed, claim.draw_block = ClaimStage.COMMITTED, fact.at, fact.draw_block
        case f.AuditArmed():
            claim.stage, claim.draw_block = ClaimStage.COMMITTED, fact.draw_block
            claim.retro = claim.retro or fact.retro
        case f.AuditDrawn():
            claim.seed, claim.bps, claim.draws = fact.seed, fact.bps, claim.draws + 1
            waived = fact.auditor == _NOBODY
            claim.auditor = None if waived else fact.auditor
            claim.audit = AuditStage.WAIVED if waived else AuditStage.DRAWN
            claim.audit_root = None
            claim.stage = ClaimStage.REVEALED if claim.root is not None and waived else ClaimStage.DRAWN
            claim.audit_by = 0 if waived else fact.by
            if waived and claim.root is None:
                claim.by = fact.by


def _end(
    catalog: Catalog,
    claim: ClaimRecord,
    fact: f.ClaimFinalized | f.ClaimExpired | f.ClaimSlashed | f.ClaimVoided,
) -> None:
    bounty = catalog.bounties[claim.bounty]
    claim.ended = fact.at
    match fact:
        case f.ClaimFinalized():
            claim.stage, claim.paid, claim.audit_paid = ClaimStage.FINALIZED, fact.paid, fact.audit_paid
            bounty.done += claim.count
            bounty.paid += fact.paid
            bounty.audit_paid += fact.audit_paid
            return
        case f.ClaimExpired():
            claim.stage, claim.lost = ClaimStage.EXPIRED, fact.penalty
        case f.ClaimSlashed():
            claim.stage, claim.lost = ClaimStage.SLASHED, fact.seized
        case f.ClaimVoided():
            claim.stage = ClaimStage.VOIDED
    bounty.held -= claim.count


def fold_pool(catalog: Catalog, fact: f.PoolFact) -> None:
    """Add one fact about who works in which class."""
    match fact:
        case f.Enlisted():
            member = catalog.members.setdefault(
                (fact.operator, fact.class_id), MemberRecord(fact.operator, fact.class_id, fact.probe)
            )
            member.probe, member.seats = fact.probe, fact.seats
        case f.Resigned():
            member = catalog.members[fact.operator, fact.class_id]
            member.seats, member.leaving, member.free_at = fact.seats, fact.leaving, fact.free_at
        case f.SeatsFreed():
            catalog.members[fact.operator, fact.class_id].leaving -= fact.freed
        case f.SeatLost():
            member = catalog.members[fact.operator, fact.class_id]
            member.seats, member.leaving = fact.seats, fact.leaving
        case f.ScoreChanged():
            member = catalog.members.setdefault(
                (fact.operator, fact.class_id), MemberRecord(fact.operator, fact.class_id, bytes(32))
            )
            member.score = fact.score
            if fact.fault:
                member.convicted = fact.at
        case f.GroupAsked():
            pass
        case f.GroupJoined():
            catalog.groups[fact.operator] = fact.leader
        case _:
            assert_never(fact)
