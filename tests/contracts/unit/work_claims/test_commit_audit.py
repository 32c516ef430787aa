"""WorkClaims.commitAudit: the branches of commit_audit.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from yard import AUDIT_COMMITTED, AUDIT_NONE


@pytest.fixture
def work(yard, bounty, bob):
    return yard.to_drawn(bounty, bob)


def test_before_the_draw_nobody_audits(yard, claims, bounty, bob, carol):
    work = yard.claim(bounty, bob)

    with reverts_with("WorkClaims_WrongAudit", work.id, AUDIT_NONE):
        claims.commitAudit(work.id, b"\x01" * 32, {"from": carol})


def test_nobody_audits_who_was_not_drawn(claims, work, bob):
    with reverts_with("WorkClaims_NotAuditor", work.id, bob):
        claims.commitAudit(work.id, b"\x01" * 32, {"from": bob})


def test_nobody_commits_to_nothing(yard, claims, work):
    with reverts_with("WorkClaims_NoCommitment"):
        claims.commitAudit(work.id, bytes(32), {"from": yard.auditor(work)})


def test_a_late_auditor_is_refused(yard, claims, work):
    by = yard.course(work)["auditBy"]
    chain.sleep(86_401)

    with reverts_with("WorkClaims_TooLate", by):
        claims.commitAudit(work.id, b"\x01" * 32, {"from": yard.auditor(work)})


def test_nobody_commits_twice(yard, claims, work):
    yard.audit(work)

    with reverts_with("WorkClaims_WrongAudit", work.id, AUDIT_COMMITTED):
        claims.commitAudit(work.id, b"\x01" * 32, {"from": yard.auditor(work)})


def test_the_workers_time_to_reveal_begins(yard, work):
    tx = yard.audit(work)

    event = tx.events["AuditCommitted"]
    assert (event["claim"], event["auditor"]) == (work.id, yard.auditor(work))
    assert event["revealBy"] == yard.course(work)["deadline"] == tx.timestamp + 3_600
    assert yard.state(work)["auditRoot"] == event["commitment"]
