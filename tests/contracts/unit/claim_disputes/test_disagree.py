"""ClaimDisputes.disagree: the branches of disagree.tree."""

import pytest
from brownie import chain
from reverts import reverts_with
from yard import AUDIT_COMMITTED, CLASS, DISPUTED, SPEC, forged, honest

AUDIT = 1


def both(yard, work, place):
    return (*yard.proof(work, place), *yard.audit_proof(work, place))


def test_without_an_audit_there_is_nothing_to_disagree_with(yard, disputes, bounty, bob, carol):
    work = yard.to_drawn(bounty, bob, lies=[2])
    yard.audit(work)
    yard.reveal(work)

    with reverts_with("ClaimDisputes_NoAudit", work.id, AUDIT_COMMITTED):
        disputes.disagree(work.id, 2, *both(yard, work, 2), {"from": carol})


def test_a_place_beyond_the_claim_is_not_audited(yard, disputes, lie, carol):
    with reverts_with("ClaimDisputes_NotAudited", lie.id, 4):
        disputes.disagree(lie.id, 4, *both(yard, lie, 2), {"from": carol})


@pytest.mark.parametrize("which", ["claimed", "other"])
def test_a_trace_nobody_revealed_is_refused(yard, disputes, lie, carol, which):
    claimed, path, other, path_other = both(yard, lie, 2)
    claimed, other = (forged(99), other) if which == "claimed" else (claimed, forged(99))
    root = lie.tree.root if which == "claimed" else lie.audit_tree.root

    with reverts_with("ClaimDisputes_NotMember", root, 2):
        disputes.disagree(lie.id, 2, claimed, path, other, path_other, {"from": carol})


def test_what_agrees_is_no_dispute(yard, disputes, lie, carol):
    with reverts_with("ClaimDisputes_SameTrace", honest(lie.units.start)):
        disputes.disagree(lie.id, 0, *both(yard, lie, 0), {"from": carol})


def test_after_the_window_it_is_too_late(yard, disputes, lie, carol):
    until = yard.course(lie)["deadline"]
    chain.sleep(7_201)

    with reverts_with("WorkClaims_TooLate", until):
        disputes.disagree(lie.id, 2, *both(yard, lie, 2), {"from": carol})


def test_one_dispute_at_a_time(yard, disputes, lie, carol):
    disputes.disagree(lie.id, 2, *both(yard, lie, 2), {"from": carol})

    with reverts_with("WorkClaims_WrongStage", lie.id, DISPUTED):
        disputes.disagree(lie.id, 2, *both(yard, lie, 2), {"from": carol})


def test_anybody_brings_both_traces_before_the_court(yard, disputes, lie, alice, bob, mallory):
    tx = disputes.disagree(lie.id, 2, *both(yard, lie, 2), {"from": mallory})

    dispute, auditor = tx.return_value, yard.auditor(lie)
    unit = lie.units.start + 2
    opening = yard.system.segment_court.openingOf(dispute).dict()
    assert (opening["classId"], opening["spec"]) == ("0x" + CLASS.hex(), "0x" + SPEC.hex())
    assert (opening["unit"], opening["segments"]) == (unit, 255)
    assert opening["claimRoot"] == "0x" + forged(unit).hex()
    assert opening["otherRoot"] == "0x" + honest(unit).hex()
    assert (opening["claimant"], opening["other"], opening["requester"]) == (bob, auditor, alice)
    assert yard.stage(lie) == DISPUTED
    assert disputes.disputeOf(dispute) == (lie.id, AUDIT, 2, auditor, 0)
    event = tx.events["ClaimDisputed"]
    assert (event["dispute"], event["claim"], event["opponent"]) == (dispute, lie.id, auditor)
    assert (event["ground"], event["place"], event["bond"]) == (AUDIT, 2, 0)
