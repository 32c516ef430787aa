"""WorkClaims.reaudit: the branches of reaudit.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from system import DOLLAR, as_sender
from yard import AUDIT_COMMITTED, CLASS, COMMITTED, DRAWN, REVEALED, Job

AUDIT = DOLLAR * 11 // 10


@pytest.fixture
def work(yard, alice, bob):
    """Bob's claim to seven units, four in five of which were audited; he has a record."""
    for _ in range(20):
        yard.pool.credit(bob, CLASS, as_sender(yard.claims))
    return yard.to_revealed(yard.post(alice, Job(audit_bps=8_000, stake=DOLLAR)), bob, 7)


@pytest.fixture
def convicted(yard, work, bob):
    """The same after bob was found wrong elsewhere."""
    yard.pool.fault(bob, CLASS, as_sender(yard.disputes))
    return work


def test_whose_worker_nobody_convicted_needs_none(claims, work, bob):
    with reverts_with("WorkClaims_NoReaudit", work.id):
        claims.reaudit(work.id, {"from": bob})


def test_a_conviction_before_the_commitment_is_no_reason(yard, claims, alice, bob):
    yard.pool.fault(bob, CLASS, as_sender(yard.disputes))
    work = yard.to_revealed(yard.post(alice), bob)

    with reverts_with("WorkClaims_NoReaudit", work.id):
        claims.reaudit(work.id, {"from": bob})


def test_an_audit_that_goes_on_comes_first(yard, claims, alice, bob):
    work = yard.to_drawn(yard.post(alice), bob)
    yard.audit(work)
    yard.reveal(work)
    yard.pool.fault(bob, CLASS, as_sender(yard.disputes))

    assert yard.course(work)["audit"] == AUDIT_COMMITTED
    with reverts_with("WorkClaims_TooEarly", yard.course(work)["auditBy"]):
        claims.reaudit(work.id, {"from": bob})


def test_the_first_auditor_is_paid_for_his_part(yard, claims, ledger, convicted, mallory):
    first = yard.auditor(convicted)

    claims.reaudit(convicted.id, {"from": mallory})

    assert ledger.balanceOf(first) == 6 * AUDIT


def test_all_units_are_audited_and_the_window_begins_again(yard, claims, convicted, bob):
    tx = claims.reaudit(convicted.id, {"from": bob})

    assert yard.stage(convicted) == COMMITTED
    assert tx.events["AuditArmed"]["retro"]
    yard.draw(convicted)
    assert (yard.stage(convicted), yard.course(convicted)["bps"]) == (DRAWN, 10_000)
    tx = yard.audit(convicted)
    course = yard.course(convicted)
    assert (course["stage"], course["deadline"]) == (REVEALED, tx.timestamp + 7_200)


def test_then_it_is_paid_and_the_second_auditor_for_the_rest(yard, claims, ledger, convicted, bob):
    first = yard.auditor(convicted)
    claims.reaudit(convicted.id, {"from": bob})
    yard.draw(convicted)
    yard.audit(convicted)
    yard.reveal_audit(convicted)
    second = yard.auditor(convicted)
    before = ledger.balanceOf(second)

    yard.finalize(convicted)

    assert ledger.balanceOf(bob) == 7 * DOLLAR
    assert ledger.balanceOf(second) - before == AUDIT
    assert first and yard.bounties.bountyOf(1).dict()["progress"]["audited"] == 7


def test_it_is_audited_anew_once(yard, claims, convicted, bob):
    claims.reaudit(convicted.id, {"from": bob})
    yard.draw(convicted)
    yard.audit(convicted)
    yard.pool.fault(bob, CLASS, as_sender(yard.disputes))
    chain.sleep(3_601)

    with reverts_with("WorkClaims_NoReaudit", convicted.id):
        claims.reaudit(convicted.id, {"from": bob})


def test_when_there_is_nobody_the_window_begins_again(yard, claims, convicted, bob, carol, dave, erin, frank):
    for person in (carol, dave, erin, frank):
        yard.pool.resign(CLASS, 1, {"from": person})
    claims.reaudit(convicted.id, {"from": bob})

    tx = yard.draw(convicted)

    course = yard.course(convicted)
    assert (course["stage"], course["deadline"]) == (REVEALED, tx.timestamp + 7_200)


def test_a_demanded_place_comes_first(yard, claims, ledger, convicted, bob, erin):
    ledger.deposit(erin, DOLLAR, {"from": erin})
    yard.disputes.demand(convicted.id, 0, {"from": erin})

    with reverts_with("WorkClaims_Demanded", convicted.id, 1):
        claims.reaudit(convicted.id, {"from": bob})


def test_an_auditor_who_showed_nothing_is_fined_and_not_paid(yard, claims, ledger, alice, bob, mallory):
    work = yard.to_drawn(yard.post(alice), bob)
    yard.audit(work)
    yard.reveal(work)
    yard.pool.fault(bob, CLASS, as_sender(yard.disputes))
    absent = yard.auditor(work)
    chain.sleep(3_601)

    tx = claims.reaudit(work.id, {"from": mallory})

    assert dict(tx.events["AuditMissed"]) == {"claim": work.id, "auditor": absent, "fine": DOLLAR}
    assert (ledger.balanceOf(alice), ledger.balanceOf(absent)) == (DOLLAR, 0)
    assert yard.pool.memberOf(absent, CLASS)[0] == 0
    assert (yard.stage(work), yard.course(work)["auditsPaid"]) == (COMMITTED, 0)
