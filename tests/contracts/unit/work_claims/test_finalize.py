"""WorkClaims.finalize: the branches of finalize.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from system import DOLLAR, as_sender
from yard import CLASS, DRAWN, FINALIZED, Job

AUDIT = DOLLAR * 11 // 10


@pytest.fixture
def work(yard, bounty, bob):
    """Bob's claim to four units, shown and audited."""
    return yard.to_revealed(bounty, bob)


def test_what_is_not_shown_is_not_paid(yard, claims, bounty, bob):
    work = yard.to_drawn(bounty, bob)

    with reverts_with("WorkClaims_WrongStage", work.id, DRAWN):
        claims.finalize(work.id, {"from": bob})


def test_pay_waits_for_the_window(yard, claims, work, bob):
    with reverts_with("WorkClaims_TooEarly", yard.course(work)["deadline"]):
        claims.finalize(work.id, {"from": bob})


def test_pay_waits_while_a_place_is_demanded(yard, claims, ledger, work, bob, erin):
    ledger.deposit(erin, DOLLAR, {"from": erin})
    yard.disputes.demand(work.id, 0, {"from": erin})
    chain.sleep(7_201)

    with reverts_with("WorkClaims_Demanded", work.id, 1):
        claims.finalize(work.id, {"from": bob})


def test_nothing_is_paid_twice(yard, claims, work, bob):
    yard.finalize(work)

    with reverts_with("WorkClaims_WrongStage", work.id, FINALIZED):
        claims.finalize(work.id, {"from": bob})


def test_anybody_pays_worker_and_auditor(yard, ledger, bounty, work, bob, mallory):
    tx = yard.finalize(work, by=mallory)

    assert ledger.balanceOf(bob) == 4 * DOLLAR
    assert ledger.balanceOf(yard.auditor(work)) == 4 * AUDIT
    assert yard.bounties.bountyOf(bounty).dict()["progress"] == {
        "fresh": 4,
        "returned": 0,
        "running": 0,
        "done": 4,
        "audited": 4,
        "inputs": 0,
    }
    assert dict(tx.events["ClaimFinalized"]) == {
        "claim": work.id,
        "worker": bob,
        "paid": 4 * DOLLAR,
        "auditPaid": 4 * AUDIT,
    }


def test_the_stake_is_free_and_the_record_as_the_audit_left_it(yard, work, bob):
    before = yard.stake(bob)[1]
    assert yard.score(bob) == 1

    yard.finalize(work)

    assert yard.stake(bob)[1] == before - 4 * 4 * DOLLAR
    assert yard.score(bob) == 1


def test_work_that_nobody_audited_says_nothing_about_the_worker(yard, ledger, bounty, bob, carol, dave, erin, frank):
    for person in (carol, dave, erin, frank):
        yard.pool.resign(CLASS, 1, {"from": person})
    work = yard.to_revealed(bounty, bob)

    yard.finalize(work)

    assert ledger.balanceOf(bob) == 4 * DOLLAR
    assert yard.score(bob) == 0


def test_an_auditor_who_showed_nothing_is_fined_and_not_paid(yard, ledger, bounty, alice, bob):
    work = yard.to_drawn(bounty, bob)
    yard.audit(work)
    yard.reveal(work)

    tx = yard.finalize(work)

    auditor = yard.auditor(work)
    assert (ledger.balanceOf(bob), ledger.balanceOf(auditor), ledger.balanceOf(alice)) == (4 * DOLLAR, 0, DOLLAR)
    assert tx.events["AuditMissed"]["auditor"] == auditor
    assert (yard.score(bob), yard.pool.memberOf(auditor, CLASS)[0]) == (0, 0)


def test_an_auditor_of_a_part_is_paid_for_that_part(yard, ledger, alice, bob):
    for _ in range(20):
        yard.pool.credit(bob, CLASS, as_sender(yard.claims))
    bounty = yard.post(alice, Job(audit_bps=8_000, stake=DOLLAR))
    work = yard.to_revealed(bounty, bob, 7)
    assert yard.course(work)["audit"] == 3  # of seven units at four in five, one at least is audited

    yard.finalize(work)

    assert ledger.balanceOf(yard.auditor(work)) == 6 * AUDIT  # four fifths of seven, rounded up


def test_a_convicted_workers_older_claim_waits_for_its_audit(yard, claims, bounty, bob):
    """Audited in full it would not; this one nobody has audited."""
    work = yard.to_drawn(bounty, bob)
    yard.audit(work)
    yard.reveal(work)
    yard.pool.fault(bob, CLASS, as_sender(yard.disputes))
    chain.sleep(7_201)

    with reverts_with("WorkClaims_NeedsReaudit", work.id):
        claims.finalize(work.id, {"from": bob})


def test_one_audited_in_full_before_is_paid_all_the_same(yard, ledger, work, bob):
    yard.pool.fault(bob, CLASS, as_sender(yard.disputes))

    yard.finalize(work)

    assert ledger.balanceOf(bob) == 4 * DOLLAR
