"""ClaimDisputes.resolve: the branches of resolve.tree."""

import pytest
from reverts import reverts_with
from system import DOLLAR, as_sender
from yard import (
    AUDIT_FAILED,
    AUDIT_WAIVED,
    BURNT,
    CLASS,
    FOR_CLAIM,
    FOR_OTHER,
    REVEALED,
    SLASHED,
    VOID,
    VOIDED,
    Job,
    forged,
    honest,
)

STAKE, BOND, SEAT = 4 * 4 * DOLLAR, 40 * DOLLAR, 20 * DOLLAR


def disagreed(yard, work, place, by):
    proofs = (*yard.proof(work, place), *yard.audit_proof(work, place))
    return yard.disputes.disagree(work.id, place, *proofs, {"from": by}).return_value


def challenged(yard, work, place, other, by):
    return yard.disputes.challenge(work.id, place, *yard.proof(work, place), other, {"from": by}).return_value


def test_nobody_rules_but_the_court(disputes, mallory):
    with reverts_with("ClaimDisputes_NotCourt", mallory):
        disputes.resolve(1, FOR_OTHER, True, {"from": mallory})


def test_a_dispute_is_resolved_once(yard, disputes, rule, lie, carol):
    dispute = disagreed(yard, lie, 2, carol)
    rule(dispute, FOR_OTHER)

    with reverts_with("ClaimDisputes_Unknown", dispute):
        rule(dispute, FOR_OTHER)


def test_a_lie_costs_the_whole_stake(yard, ledger, rule, lie, bob, carol):
    auditor, stake = yard.auditor(lie), yard.stake(bob)[0]
    court = yard.system.segment_court

    tx = rule(disagreed(yard, lie, 2, carol), FOR_OTHER)

    assert yard.stage(lie) == SLASHED
    assert yard.stake(bob)[0] == stake - STAKE
    assert ledger.balanceOf(auditor) == STAKE // 2
    assert ledger.lockedBy(court) == STAKE // 4
    assert ledger.balanceOf(BURNT) == STAKE // 4
    event = tx.events["DisputeResolved"]
    assert (event["toWinner"], event["toJurors"], event["burnt"]) == (STAKE // 2, STAKE // 4, STAKE // 4)
    assert tx.return_value == STAKE // 4


def test_the_record_falls_and_the_units_are_open_again(yard, rule, bounty, lie, bob, carol):
    dispute = disagreed(yard, lie, 2, carol)

    tx = rule(dispute, FOR_OTHER)

    assert yard.pool.memberOf(bob, CLASS)[4] == tx.timestamp
    assert yard.claim(bounty, carol).units == lie.units


def test_without_a_jury_its_part_is_burnt_too(yard, ledger, rule, lie, carol):
    rule(disagreed(yard, lie, 2, carol), FOR_OTHER, judged=False)

    assert ledger.balanceOf(BURNT) == STAKE // 2
    assert ledger.lockedBy(yard.system.segment_court) == 0


def test_a_false_auditor_loses_his_seat_to_the_worker(yard, ledger, rule, bounty, bob, carol):
    work = yard.to_drawn(bounty, bob)
    yard.audit(work, lies=range(4))
    yard.reveal(work)
    yard.reveal_audit(work)
    auditor, stake = yard.auditor(work), yard.stake(bob)

    rule(disagreed(yard, work, 1, carol), FOR_CLAIM)

    assert (yard.stage(work), yard.course(work)["audit"]) == (REVEALED, AUDIT_FAILED)
    assert ledger.balanceOf(bob) == SEAT // 2
    assert yard.pool.memberOf(auditor, CLASS)[0] == 0
    assert yard.pool.memberOf(auditor, CLASS)[4] != 0
    assert yard.stake(bob) == stake
    yard.finalize(work)
    assert ledger.balanceOf(bob) == SEAT // 2 + 4 * DOLLAR
    assert ledger.balanceOf(auditor) == 0


def test_a_false_challenge_loses_its_bond_to_the_worker(yard, ledger, rule, work, bob, grace):
    before = ledger.balanceOf(grace)

    rule(challenged(yard, work, 1, forged(1), grace), FOR_CLAIM)

    assert ledger.balanceOf(grace) == before - BOND
    assert (ledger.balanceOf(bob), ledger.balanceOf(BURNT)) == (BOND // 2, BOND // 4)
    assert yard.stage(work) == REVEALED


def test_a_true_challenge_has_its_bond_back_and_half_the_stake(yard, ledger, rule, lie, grace):
    before = ledger.balanceOf(grace)

    rule(challenged(yard, lie, 2, honest(lie.units.start + 2), grace), FOR_OTHER)

    assert ledger.balanceOf(grace) == before + STAKE // 2
    assert ledger.lockedBy(yard.disputes) == 0


def vouched(yard, bounty, worker):
    """A lie whose auditor says that he found the same."""
    work = yard.claim(bounty, worker, lies=[2])
    yard.commit(work)
    yard.draw(work)
    work.found = dict(work.traces)  # copied, or agreed upon
    auditor = yard.auditor(work)
    commitment = yard.bound(work, auditor).audit(work.tree.root, work.audit_salt)
    yard.claims.commitAudit(work.id, commitment, {"from": auditor})
    yard.reveal(work)
    yard.reveal_audit(work)
    return work


@pytest.mark.parametrize(("ruling", "left"), [(FOR_CLAIM, 4), (FOR_OTHER, 2), (VOID, 3)])
def test_what_an_audit_counted_for_a_record_is_taken_back_when_it_does_not_stand(
    yard, rule, bounty, bob, grace, ruling, left
):
    """Three claims stood before; a conviction takes a third of those too."""
    for _ in range(3):
        yard.pool.credit(bob, CLASS, as_sender(yard.claims))
    work = vouched(yard, bounty, bob)
    counted = yard.score(bob)

    rule(challenged(yard, work, 2, honest(work.units.start + 2), grace), ruling)

    assert (counted, yard.score(bob)) == (4, left)


def test_an_auditor_who_vouched_for_the_lie_falls_with_it(yard, ledger, rule, bounty, bob, grace):
    work = vouched(yard, bounty, bob)
    auditor = yard.auditor(work)

    rule(challenged(yard, work, 2, honest(work.units.start + 2), grace), FOR_OTHER)

    assert yard.pool.memberOf(auditor, CLASS)[0] == 0
    assert ledger.balanceOf(BURNT) == (STAKE + SEAT) // 4


def test_an_auditor_who_was_not_asked_about_it_is_paid_out_of_what_would_be_burnt(
    yard, ledger, rule, alice, bob, grace
):
    for _ in range(20):
        yard.pool.credit(bob, CLASS, as_sender(yard.claims))
    bounty = yard.post(alice, Job(units=16, audit_bps=5_000, stake=DOLLAR))
    work = yard.claim(bounty, bob, 16)
    yard.commit(work)
    yard.draw(work)
    assert yard.course(work)["audit"] == 1
    missed = next(place for place in range(16) if not yard.claims.isAudited(work.id, place))
    yard.audit(work)
    yard.reveal(work)
    yard.reveal_audit(work)
    auditor, pot = yard.auditor(work), 16 * DOLLAR

    rule(challenged(yard, work, missed, forged(missed), grace), FOR_OTHER)

    due = 8 * DOLLAR * 11 // 10
    assert ledger.balanceOf(auditor) == min(due, pot // 4)
    assert ledger.balanceOf(BURNT) == pot // 4 - min(due, pot // 4)


@pytest.mark.parametrize("by_bond", [False, True])
def test_a_void_costs_nobody_anything(yard, ledger, rule, bounty, lie, bob, carol, grace, by_bond):
    before, stake = ledger.balanceOf(grace), yard.stake(bob)[0]
    dispute = challenged(yard, lie, 2, honest(2), grace) if by_bond else disagreed(yard, lie, 2, carol)

    tx = rule(dispute, VOID)

    assert yard.stage(lie) == VOIDED
    assert ledger.balanceOf(grace) == before
    assert (yard.stake(bob)[0], yard.score(bob)) == (stake, 0)
    assert yard.pool.memberOf(bob, CLASS)[4] == 0
    assert tx.events["ClassSuspect"]["classId"] == "0x" + CLASS.hex()
    assert yard.claim(bounty, carol).units == lie.units


def test_money_is_neither_made_nor_lost(yard, rule, people, lie, carol):
    before = yard.all_money(people)

    rule(disagreed(yard, lie, 2, carol), FOR_OTHER)

    assert yard.all_money(people) == before


def test_where_nobody_audited_only_the_worker_falls(yard, ledger, rule, bounty, bob, carol, dave, erin, frank, grace):
    auditors = (carol, dave, erin, frank)
    for person in auditors:
        yard.pool.resign(CLASS, 1, {"from": person})
    work = yard.to_revealed(bounty, bob, lies=[2])
    assert yard.course(work)["audit"] == AUDIT_WAIVED

    tx = rule(challenged(yard, work, 2, honest(work.units.start + 2), grace), FOR_OTHER)

    event = tx.events["DisputeResolved"]
    assert (event["toWinner"], event["toJurors"], event["burnt"]) == (STAKE // 2, STAKE // 4, STAKE // 4)
    assert all(yard.pool.memberOf(person, CLASS)[4] == 0 for person in auditors)
