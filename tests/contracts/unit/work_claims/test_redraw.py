"""WorkClaims.redraw: the branches of redraw.tree."""

import pytest
from reverts import reverts_with
from system import DOLLAR, as_sender
from yard import AUDIT_COMMITTED, AUDIT_WAIVED, CLASS, COMMITTED, DRAWN

FINE = DOLLAR  # a twentieth of a seat


@pytest.fixture
def work(yard, bounty, bob):
    return yard.to_drawn(bounty, bob)


def test_an_auditor_has_his_time(yard, claims, work, bob):
    with reverts_with("WorkClaims_TooEarly", yard.course(work)["auditBy"]):
        claims.redraw(work.id, {"from": bob})


def test_who_has_committed_is_not_replaced(yard, claims, work, bob):
    yard.audit(work)

    with reverts_with("WorkClaims_WrongAudit", work.id, AUDIT_COMMITTED):
        claims.redraw(work.id, {"from": bob})


def test_the_absent_one_pays_the_requester_and_loses_his_seat(yard, ledger, work, alice, mallory):
    absent = yard.auditor(work)
    stake, _ = yard.stake(absent)

    tx = yard.stay_away(work, by=mallory)

    assert ledger.balanceOf(alice) == FINE
    assert yard.stake(absent)[0] == stake - FINE
    assert yard.pool.memberOf(absent, CLASS)[0] == 0
    assert dict(tx.events["AuditMissed"]) == {"claim": work.id, "auditor": absent, "fine": FINE}


def test_another_is_drawn_by_a_new_block(yard, work, bob):
    absent = yard.auditor(work)

    tx = yard.stay_away(work, by=bob)

    assert yard.stage(work) == COMMITTED
    assert tx.events["AuditArmed"]["drawBlock"] == tx.block_number + 2
    yard.draw(work)
    assert yard.auditor(work) != absent


def test_after_three_it_goes_on_unaudited(yard, work, bob):
    for _ in range(2):
        yard.stay_away(work, by=bob)
        yard.draw(work)

    tx = yard.stay_away(work, by=bob)

    course = yard.course(work)
    assert (course["stage"], course["audit"], course["draws"]) == (DRAWN, AUDIT_WAIVED, 3)
    assert course["deadline"] == tx.events["AuditDrawn"]["by"] == tx.timestamp + 3_600
    yard.reveal(work)


def test_who_has_no_seat_left_is_fined_nothing(yard, ledger, work, alice, mallory):
    absent = yard.auditor(work)
    yard.pool.unseat(absent, CLASS, True, as_sender(yard.disputes))
    stake = yard.stake(absent)

    tx = yard.stay_away(work, by=mallory)

    assert tx.events["AuditMissed"]["fine"] == 0
    assert (yard.stage(work), yard.stake(absent), ledger.balanceOf(alice)) == (COMMITTED, stake, 0)
