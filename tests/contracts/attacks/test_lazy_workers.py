"""Attacks on work for money: whoever did not run what he was paid to run, or wants others to have paid for it."""

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError
from eth_utils import keccak
from reverts import ANY, reverts_with
from system import DOLLAR, as_sender, contract, deploy_system, fund
from yard import (
    AUDIT_COMMITTED,
    BURNT,
    CLASS,
    FINALIZED,
    FOR_CLAIM,
    FOR_OTHER,
    OUTPUTS,
    SLASHED,
    Job,
    Yard,
    forged,
    honest,
)

from thenar.domain.work.audits import tree_over

STAKE, BOND, SEAT = 16 * DOLLAR, 40 * DOLLAR, 20 * DOLLAR


@pytest.fixture(scope="module")
def yard(deployer, alice, bob, carol, dave, erin, frank, grace, mallory):
    """Alice asks for work; bob, carol, dave, erin, frank and mallory do it; grace has money for challenges."""
    made = Yard(deploy_system(deployer, court="RulingCourt"))
    made.hire(bob, carol, dave, erin, frank, mallory)
    for person in (alice, grace):
        fund(made.system.token, person, 10_000 * DOLLAR, made.ledger)
    made.ledger.deposit(grace, 1_000 * DOLLAR, {"from": grace})
    return made


@pytest.fixture(scope="module")
def bounty(yard, alice):
    return yard.post(alice)


def rule(yard, dispute, ruling, by):
    return yard.system.segment_court.rule(yard.disputes, dispute, ruling, True, {"from": by})


def test_a_copied_commitment_opens_nothing(yard, bounty, bob, mallory):
    """Mallory sends bob's commitment as his own, and later bob's root and salt."""
    his, hers = yard.claim(bounty, bob), yard.claim(bounty, mallory)
    copied = yard.bound(his, bob).work(his.tree.root, his.salt)
    yard.claims.commit(hers.id, copied, {"from": mallory})
    yard.draw(hers)
    if yard.course(hers)["audit"] == 1:
        yard.audit(hers)

    with reverts_with("WorkClaims_WrongOpening", ANY, ANY):
        yard.claims.reveal(hers.id, his.tree.root, his.salt, OUTPUTS, {"from": mallory})


def test_a_lazy_auditor_has_nothing_to_copy(yard, bounty, bob):
    """The work is hidden until he has committed, and the place he must open is not known before it is shown."""
    work = yard.to_drawn(bounty, bob)
    made_up = keccak(b"whatever")
    auditor = yard.auditor(work)
    yard.claims.commitAudit(work.id, yard.bound(work, auditor).audit(made_up, work.audit_salt), {"from": auditor})
    yard.reveal(work)
    place = yard.claims.spotOf(work.id)
    trace, path = yard.proof(work, place)  # the work is there now, and comes too late

    with reverts_with("WorkClaims_NotMember", made_up, place):
        yard.claims.revealAudit(work.id, made_up, work.audit_salt, trace, path, {"from": auditor})
    with reverts_with("WorkClaims_WrongOpening", ANY, ANY):
        yard.claims.revealAudit(work.id, work.tree.root, work.audit_salt, trace, path, {"from": auditor})
    yard.finalize(work)
    assert yard.ledger.balanceOf(auditor) == 0
    assert yard.pool.memberOf(auditor, CLASS)[0] == 0


def test_an_auditor_who_makes_traces_up_is_caught_by_the_worker(yard, bounty, bob, mallory):
    work = yard.to_revealed(bounty, bob, audit_lies=range(4))
    auditor = yard.auditor(work)
    proofs = (*yard.proof(work, 0), *yard.audit_proof(work, 0))

    dispute = yard.disputes.disagree(work.id, 0, *proofs, {"from": bob}).return_value
    rule(yard, dispute, FOR_CLAIM, mallory)

    assert yard.pool.memberOf(auditor, CLASS)[0] == 0
    assert yard.ledger.balanceOf(bob) == SEAT // 2


def test_a_sybil_of_the_same_group_is_never_its_auditor(yard, bounty, bob, mallory, carol, dave, erin, frank):
    """Declared ones by rule; undeclared ones are no likelier than their stake, and a false agreement falls with it."""
    for person in (carol, dave, erin, frank):
        yard.pool.resign(CLASS, 1, {"from": person})
    yard.pool.joinGroup(mallory, {"from": bob})
    yard.pool.admit(bob, {"from": mallory})
    yard.pool.enlist(CLASS, bytes(32), 60, {"from": mallory})

    work = yard.to_drawn(bounty, bob)

    assert int(yard.auditor(work), 16) == 0


def test_a_worker_and_his_friend_who_agree_on_a_lie_both_fall(yard, bounty, mallory, grace):
    work = yard.claim(bounty, mallory, lies=range(4))
    yard.commit(work)
    yard.draw(work)
    friend = yard.auditor(work)
    work.found = dict(work.traces)
    yard.claims.commitAudit(work.id, yard.bound(work, friend).audit(work.tree.root, work.audit_salt), {"from": friend})
    yard.reveal(work)
    yard.reveal_audit(work)
    dispute = yard.disputes.challenge(
        work.id, 3, *yard.proof(work, 3), honest(work.units.start + 3), {"from": grace}
    ).return_value

    rule(yard, dispute, FOR_OTHER, grace)

    assert yard.stage(work) == SLASHED
    assert yard.pool.memberOf(friend, CLASS)[0] == 0


def test_a_sleeper_pays_more_than_it_had(yard, alice, mallory, grace):
    """After a long true record at a rate of 20 %: what one lie brings is less than what its conviction takes, and what
    else is not paid yet is audited in full."""
    for _ in range(20):
        yard.pool.credit(mallory, CLASS, as_sender(yard.claims))
    bounty = yard.post(alice, Job(units=16))
    older = yard.to_revealed(bounty, mallory, lies=[1])
    newer = yard.to_revealed(bounty, mallory, lies=[2])
    stake = yard.stake(mallory)[0]
    dispute = yard.disputes.challenge(
        newer.id, 2, *yard.proof(newer, 2), honest(newer.units.start + 2), {"from": grace}
    ).return_value

    rule(yard, dispute, FOR_OTHER, grace)

    assert stake - yard.stake(mallory)[0] == STAKE >= 4 * DOLLAR  # a claim of four would have brought four
    chain.sleep(7_201)
    with reverts_with("WorkClaims_NeedsReaudit", older.id):
        yard.claims.finalize(older.id, {"from": mallory})


def test_a_record_made_up_with_a_fellow_auditor_brings_no_pay(yard, alice, mallory, grace):
    """Ten lies an auditor vouches for end a probation before any is paid. One challenge later nothing of it counts:
    what was claimed on that record is audited in full before it is paid."""
    lies = []
    for _ in range(10):
        work = yard.claim(yard.post(alice), mallory, 1, lies=[0])
        yard.commit(work)
        yard.draw(work)
        work.found = dict(work.traces)
        auditor = yard.auditor(work)
        commitment = yard.bound(work, auditor).audit(work.tree.root, work.audit_salt)
        yard.claims.commitAudit(work.id, commitment, {"from": auditor})
        yard.reveal(work)
        yard.reveal_audit(work)
        lies.append(work)
    assert yard.pool.auditBps(mallory, CLASS, 500) == 2_000
    later = yard.to_revealed(yard.post(alice), mallory, 1, lies=[0])
    first = lies[0]
    dispute = yard.disputes.challenge(
        first.id, 0, *yard.proof(first, 0), honest(first.units.start), {"from": grace}
    ).return_value

    rule(yard, dispute, FOR_OTHER, grace)

    assert yard.score(mallory) == 6
    assert yard.pool.auditBps(mallory, CLASS, 500) == 10_000
    chain.sleep(7_201)
    with reverts_with("WorkClaims_NeedsReaudit", later.id):
        yard.claims.finalize(later.id, {"from": mallory})


def test_disputing_oneself_always_costs(yard, bounty, people, mallory, grace):
    """Mallory challenges a lie of his own to save his stake: half comes back, half does not."""
    yard.ledger.deposit(mallory, 100 * DOLLAR, {"from": mallory})
    work = yard.to_revealed(bounty, mallory, lies=[0])
    before = yard.ledger.balanceOf(mallory) + yard.stake(mallory)[0]
    dispute = yard.disputes.challenge(
        work.id, 0, *yard.proof(work, 0), honest(work.units.start), {"from": mallory}
    ).return_value

    rule(yard, dispute, FOR_OTHER, grace)

    after = yard.ledger.balanceOf(mallory) + yard.stake(mallory)[0]
    assert before - after == STAKE // 2
    assert yard.ledger.balanceOf(BURNT) >= STAKE // 4


def test_spamming_challenges_pays_the_worker(yard, bounty, bob, grace):
    work = yard.to_revealed(bounty, bob)
    left, before = yard.course(work)["deadline"], yard.ledger.balanceOf(grace)

    for place in range(3):
        dispute = yard.disputes.challenge(
            work.id, place, *yard.proof(work, place), forged(place), {"from": grace}
        ).return_value
        rule(yard, dispute, FOR_CLAIM, grace)

    assert before - yard.ledger.balanceOf(grace) == 3 * BOND
    assert yard.ledger.balanceOf(bob) == 3 * BOND // 2
    assert yard.course(work)["deadline"] - left < 120  # the window goes on where it was stopped
    yard.finalize(work)
    assert yard.stage(work) == FINALIZED


def test_spamming_demands_pays_the_worker_and_ends(yard, bounty, bob, grace):
    work = yard.to_revealed(bounty, bob)
    for place in range(4):
        yard.disputes.demand(work.id, place, {"from": grace})
        yard.disputes.show(work.id, place, *yard.proof(work, place), {"from": bob})

    for place in range(4):
        with reverts_with("ClaimDisputes_AlreadyDemanded", work.id, place):
            yard.disputes.demand(work.id, place, {"from": grace})
    assert yard.ledger.balanceOf(bob) == 4 * DOLLAR


def test_hidden_work_is_wrong_work(yard, bounty, mallory, grace):
    """Mallory reveals a root over nothing and shows nothing to anybody."""
    work = yard.to_drawn(bounty, mallory, lies=range(4))
    if yard.course(work)["audit"] == 1:
        yard.audit(work)
    yard.reveal(work)
    yard.disputes.demand(work.id, 0, {"from": grace})
    chain.sleep(1_801)

    yard.disputes.lapse(work.id, 0, {"from": grace})

    assert yard.stage(work) == SLASHED


def test_nobody_draws_before_the_block_and_nobody_draws_again(yard, bounty, bob):
    """Grinding needs a second try: the block is fixed by the commitment, and a draw happens once."""
    work = yard.claim(bounty, bob)
    yard.commit(work)
    with reverts_with("WorkClaims_TooEarly", yard.course(work)["drawBlock"] + 1):
        yard.claims.drawAudit(work.id, {"from": bob})
    yard.draw(work)

    with reverts_with("WorkClaims_WrongStage", work.id, 3):
        yard.claims.drawAudit(work.id, {"from": bob})


def test_late_work_costs_the_gas_of_nobody_else(yard, bounty, bob, carol):
    """A claim is exclusive: nobody else works on its units, so nobody comes too late but who was late."""
    work = yard.claim(bounty, bob, 8)

    with reverts_with("ComputeBounties_NothingLeft", bounty):
        yard.claims.claim(bounty, 1, {"from": carol})
    chain.sleep(86_401)
    with reverts_with("WorkClaims_TooLate", ANY):
        yard.commit(work)


def test_no_requester_holds_pay_hostage(yard, bounty, alice, bob, mallory):
    """He cancels, closes and does nothing: what was locked pays, and anybody sends it."""
    work = yard.to_revealed(bounty, bob)
    yard.bounties.cancel(bounty, {"from": alice})
    with reverts_with("ComputeBounties_StillRuns", bounty, 1):
        yard.bounties.closeBounty(bounty, {"from": alice})

    yard.finalize(work, by=mallory)

    assert yard.ledger.balanceOf(bob) == 4 * DOLLAR


def test_no_auditor_holds_pay_hostage(yard, bounty, bob, mallory):
    work = yard.to_drawn(bounty, bob)
    for _ in range(2):
        yard.stay_away(work, by=mallory)
        yard.draw(work)
    yard.stay_away(work, by=mallory)
    yard.reveal(work)

    yard.finalize(work, by=mallory)

    assert yard.ledger.balanceOf(bob) == 4 * DOLLAR


def test_stake_that_answers_does_not_run_away(yard, bounty, bob):
    """The stake of claims and seats stays, whatever the worker tries."""
    yard.claim(bounty, bob)
    stake, bound = yard.stake(bob)
    assert bound == STAKE + SEAT

    with reverts_with("NodeRegistry_Bound", stake - bound, stake - bound + 1):
        yard.nodes.unbond(stake - bound + 1, {"from": bob})


def test_no_unit_is_paid_twice(yard, bounty, bob, carol):
    """Slashed, voided and late units are claimed again; the bounty pays eight and no more."""
    first = yard.to_revealed(bounty, bob, 8, lies=[0])
    dispute = yard.disputes.disagree(
        first.id, 0, *yard.proof(first, 0), *yard.audit_proof(first, 0), {"from": carol}
    ).return_value
    rule(yard, dispute, FOR_OTHER, carol)

    again = yard.to_revealed(bounty, carol, 8)
    yard.finalize(again)

    with reverts_with("WorkClaims_WrongStage", first.id, SLASHED):
        yard.claims.finalize(first.id, {"from": bob})
    with reverts_with("ComputeBounties_NothingLeft", bounty):
        yard.claims.claim(bounty, 1, {"from": bob})
    assert yard.bounties.bountyOf(bounty).dict()["progress"]["done"] == 8


def test_an_auditors_root_of_nothing_vouches_for_nothing(yard, bounty, bob):
    work = yard.to_drawn(bounty, bob)
    nothing = tree_over(work.units, {})
    yard.audit(work, root=nothing.root)
    yard.reveal(work)
    place = yard.claims.spotOf(work.id)

    with reverts_with("WorkClaims_NotMember", nothing.root, place):
        yard.claims.revealAudit(
            work.id, nothing.root, work.audit_salt, bytes(32), nothing.prove(place), {"from": yard.auditor(work)}
        )
    assert yard.course(work)["audit"] == AUDIT_COMMITTED


HOSTILE = (
    "BlocklistToken",
    "FalseReturnToken",
    "FeeOnTransferToken",
    "NoReturnToken",
    "PausableToken",
    "ReentrantToken",
    "SenderFeeToken",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_moves_nobody_elses_money(deployer, alice, bob, carol, dave, mallory, name):
    """From staking to the last withdrawal: every refusal is Mallory's own, and what Dave has is his."""
    arguments = (100,) if name == "FeeOnTransferToken" else ()
    token = contract(name).deploy(*arguments, {"from": deployer})
    yard = Yard(deploy_system(deployer, token, court="RulingCourt"))
    fund(token, dave, 1_000 * DOLLAR, yard.ledger)
    yard.ledger.deposit(dave, 500 * DOLLAR, {"from": dave})
    trusted = yard.ledger.balanceOf(dave)
    try:
        yard.hire(bob, carol, mallory)
        fund(token, alice, 1_000 * DOLLAR, yard.ledger)
        bounty = yard.post(alice)
        yard.paid(bounty, mallory, 4)
        yard.ledger.withdraw(mallory, yard.ledger.balanceOf(mallory), {"from": mallory})
        yard.bounties.cancel(bounty, {"from": alice})
        yard.bounties.closeBounty(bounty, {"from": mallory})
    except VirtualMachineError:
        assert token.address

    assert yard.ledger.balanceOf(dave) == trusted
    people = (alice, bob, carol, dave, mallory)
    modules = (yard.nodes, yard.pool, yard.bounties, yard.claims, yard.disputes)
    owed = sum(map(yard.ledger.balanceOf, people)) + sum(map(yard.ledger.lockedBy, modules))
    assert token.balanceOf(yard.ledger) >= owed
