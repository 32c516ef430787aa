"""A forger is caught by his auditor, narrowed to one segment among 4,096 and convicted by a jury."""

import pytest
from disputed_work import disagree, forge, judged, long_job, long_traces, seat_jurors
from system import DOLLAR, fund
from yard import BURNT, SLASHED, Yard

from thenar.domain.work.disputes import Ruling

MOST_GAS = 1_600_000


@pytest.fixture(scope="module")
def yard(system):
    return Yard(system)


@pytest.fixture(scope="module")
def jurors(yard):
    """Fifteen people with a seat each: one will audit, seven of the others judge."""
    return seat_jurors(yard, 15)


def test_a_forger_is_convicted(yard, jurors, alice, bob, frank):
    """Alice asks, Bob forges, a juror audits, Frank moves for everybody."""
    fund(yard.system.token, alice, 10**12, yard.ledger)
    yard.hire(bob, seats=0)
    bounty = yard.post(alice, long_job())
    traces = long_traces(1)
    work = forge(yard, bounty, bob, traces)
    stake, burnt = yard.stake(bob), yard.ledger.balanceOf(BURNT)

    case, sent = judged(yard, work, traces, alice, frank, [2] * 7)

    seized = 4 * DOLLAR
    assert case.now["ruling"] == Ruling.OTHER
    resolved = sent[-1].events["DisputeResolved"]
    assert (resolved["toWinner"], resolved["toJurors"], resolved["burnt"]) == (seized // 2, seized // 4, seized // 4)
    assert yard.stage(work) == SLASHED
    assert yard.stake(bob) == (stake[0] - seized, 0)
    assert yard.ledger.balanceOf(yard.auditor(work)) == seized // 2
    for juror in case.panel:
        held = yard.ledger.balanceOf(juror)
        case.court.collectFee(case.id, 0, juror, {"from": frank})
        assert yard.ledger.balanceOf(juror) == held + seized // 4 // 7
    assert yard.ledger.lockedBy(case.court) == 0
    assert yard.ledger.balanceOf(BURNT) == burnt + seized // 4 + seized // 4 % 7
    assert len(sent) == 1 + 1 + 1 + 14 + 1
    assert sum(one.gas_used for one in sent) <= MOST_GAS, [(one.fn_name, one.gas_used) for one in sent]


def test_an_auditor_who_is_wrong_loses_his_seat(yard, jurors, alice, bob, frank):
    """The other way round: the jury finds that Bob was right."""
    fund(yard.system.token, alice, 10**12, yard.ledger)
    yard.hire(bob, seats=0)
    bounty = yard.post(alice, long_job())
    forged, right = long_traces(2)
    traces = (right, forged)
    work = forge(yard, bounty, bob, traces)
    auditor, held = yard.auditor(work), yard.ledger.balanceOf(bob)

    case, _ = disagree(yard, work, traces, alice, frank)
    case.narrow(frank)
    case.judge(frank, [1] * 7)
    case.close(frank)

    assert yard.ledger.balanceOf(bob) == held + 20 * DOLLAR // 2
    assert yard.pool.memberOf(auditor, case.class_id)["seats"] == 0
    yard.finalize(work, frank)
