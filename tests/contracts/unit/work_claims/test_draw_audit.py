"""WorkClaims.drawAudit: the branches of draw_audit.tree."""

import pytest
from brownie import ZERO_ADDRESS, chain
from reverts import reverts_with
from system import as_sender
from yard import AUDIT_DRAWN, AUDIT_WAIVED, CLAIMED, CLASS, COMMITTED, DRAWN, Job


@pytest.fixture
def work(yard, bounty, bob):
    """Bob's claim to four units, committed."""
    made = yard.claim(bounty, bob)
    yard.commit(made)
    return made


def trusted(yard, person, score=20):
    """Let a person's record speak for him."""
    for _ in range(score):
        yard.pool.credit(person, CLASS, as_sender(yard.claims))


def test_nothing_is_drawn_before_the_work_is_committed(yard, claims, bounty, bob):
    work = yard.claim(bounty, bob)

    with reverts_with("WorkClaims_WrongStage", work.id, CLAIMED):
        claims.drawAudit(work.id, {"from": bob})


def test_nothing_is_drawn_before_the_block_is_there(yard, claims, work, bob):
    at = yard.course(work)["drawBlock"]

    with reverts_with("WorkClaims_TooEarly", at + 1):
        claims.drawAudit(work.id, {"from": bob})


def test_anybody_draws_somebody_else_of_the_class(yard, work, bob, mallory):
    tx = yard.draw(work, by=mallory)

    event, course = tx.events["AuditDrawn"], yard.course(work)
    assert (course["stage"], course["audit"], course["draws"]) == (DRAWN, AUDIT_DRAWN, 1)
    assert event["auditor"] not in (bob, ZERO_ADDRESS) and yard.pool.memberOf(event["auditor"], CLASS)[0] == 1
    assert yard.auditor(work) == event["auditor"]
    assert course["auditBy"] == event["by"] == tx.timestamp + 86_400
    assert bytes(event["seed"])[12:] == bytes(20)


def test_a_later_call_draws_the_same(yard, claims, work, bob):
    """The block decides, not whoever calls: he gains nothing by waiting."""
    chain.mine(5)
    chain.snapshot()
    first = claims.drawAudit(work.id, {"from": bob}).events["AuditDrawn"]
    chain.revert()
    chain.mine(100)

    second = claims.drawAudit(work.id, {"from": bob}).events["AuditDrawn"]

    assert (first["auditor"], first["seed"]) == (second["auditor"], second["seed"])


def test_a_block_too_long_ago_draws_by_a_new_one(yard, claims, work, bob):
    chain.mine(260)

    tx = claims.drawAudit(work.id, {"from": bob})

    assert yard.stage(work) == COMMITTED
    event = tx.events["AuditArmed"]
    assert (event["claim"], event["drawBlock"], event["retro"]) == (work.id, tx.block_number + 2, False)
    yard.draw(work)
    assert yard.stage(work) == DRAWN


def test_in_probation_all_units_are_audited(yard, claims, work):
    yard.draw(work)

    assert yard.course(work)["bps"] == 10_000
    assert all(claims.isAudited(work.id, place) for place in range(4))
    assert not claims.isAudited(work.id, 4)


def test_a_record_lowers_the_part_that_is_audited(yard, work, bob):
    trusted(yard, bob)

    yard.draw(work)

    assert yard.course(work)["bps"] == 2_000


def test_the_requesters_group_audits_nothing(yard, work, alice, carol, dave, erin, frank):
    for person in (carol, dave, erin):
        yard.pool.joinGroup(alice, {"from": person})
        yard.pool.admit(person, {"from": alice})

    yard.draw(work)

    assert yard.auditor(work) in (frank, ZERO_ADDRESS)


def test_who_took_a_seat_after_the_commitment_is_not_drawn(yard, work, carol, dave, erin, frank, mallory):
    for person in (carol, dave, erin, frank):
        yard.pool.resign(CLASS, 1, {"from": person})
    yard.hire(mallory, seats=60)

    tx = yard.draw(work)

    assert tx.events["AuditDrawn"]["auditor"] == ZERO_ADDRESS


def test_when_there_is_nobody_the_worker_goes_on_unaudited(yard, claims, work, carol, dave, erin, frank):
    for person in (carol, dave, erin, frank):
        yard.pool.resign(CLASS, 1, {"from": person})

    tx = yard.draw(work)

    course = yard.course(work)
    assert (course["stage"], course["audit"]) == (DRAWN, AUDIT_WAIVED)
    assert course["deadline"] == tx.events["AuditDrawn"]["by"] == tx.timestamp + 3_600
    assert claims.spotOf(work.id) == 65_535
    yard.reveal(work)


def test_no_auditor_is_asked_about_no_unit(yard, alice, bob):
    """One unit at a rate of one in twenty: the seed names it or nobody is asked."""
    trusted(yard, bob, 40)
    bounty = yard.post(alice, Job(audit_bps=1, price=0, stake=0))
    work = yard.claim(bounty, bob, 1)
    yard.commit(work)

    tx = yard.draw(work)

    assert yard.course(work)["bps"] == 500
    assert tx.events["AuditDrawn"]["auditor"] == ZERO_ADDRESS or yard.claims.isAudited(work.id, 0)
