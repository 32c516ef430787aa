"""WorkClaims.revealAudit: the branches of reveal_audit.tree."""

import pytest
from brownie import chain
from reverts import ANY, reverts_with
from system import DOLLAR, as_sender
from yard import AUDIT_DRAWN, AUDIT_REVEALED, CLASS, DISPUTED, DRAWN, Job

from thenar.domain.work.audits import spot, tree_over


@pytest.fixture
def audited(yard, bounty, bob):
    """Bob's claim, committed to by its auditor and not yet shown."""
    made = yard.to_drawn(bounty, bob)
    yard.audit(made)
    return made


@pytest.fixture
def work(yard, audited):
    """The same, shown by bob."""
    yard.reveal(audited)
    return audited


def proof(claims, work):
    place = claims.spotOf(work.id)
    return work.found[work.units.start + place], work.audit_tree.prove(place)


def test_before_the_work_is_shown_no_audit_is(yard, claims, audited):
    with reverts_with("WorkClaims_WrongStage", audited.id, DRAWN):
        claims.revealAudit(
            audited.id, audited.audit_tree.root, audited.audit_salt, *proof(claims, audited),
            {"from": yard.auditor(audited)},
        )  # fmt: skip


def test_who_has_not_committed_shows_nothing(yard, claims, bounty, bob):
    work = yard.to_drawn(bounty, bob)

    with reverts_with("WorkClaims_WrongAudit", work.id, AUDIT_DRAWN):
        claims.revealAudit(work.id, bytes(32), bytes(32), bytes(32), [], {"from": yard.auditor(work)})


def test_nobody_shows_anothers_audit(claims, work, bob):
    with reverts_with("WorkClaims_NotAuditor", work.id, bob):
        claims.revealAudit(work.id, work.audit_tree.root, work.audit_salt, *proof(claims, work), {"from": bob})


def test_a_late_auditor_is_refused(yard, claims, work):
    by = yard.course(work)["auditBy"]
    chain.sleep(3_601)

    with reverts_with("WorkClaims_TooLate", by):
        yard.reveal_audit(work)


def test_what_was_not_committed_to_is_refused(yard, claims, work):
    with reverts_with("WorkClaims_WrongOpening", ANY, ANY):
        claims.revealAudit(
            work.id, work.audit_tree.root, b"\x01" * 32, *proof(claims, work), {"from": yard.auditor(work)}
        )


def test_who_made_up_a_root_has_no_trace_to_show(yard, claims, bounty, bob):
    work = yard.to_drawn(bounty, bob)
    yard.audit(work, root=b"\x66" * 32)
    yard.reveal(work)
    trace, path = proof(claims, work)

    with reverts_with("WorkClaims_NotMember", b"\x66" * 32, claims.spotOf(work.id)):
        claims.revealAudit(work.id, b"\x66" * 32, work.audit_salt, trace, path, {"from": yard.auditor(work)})


def test_who_left_the_place_out_has_nothing_to_show(yard, claims, bounty, bob):
    work = yard.to_drawn(bounty, bob)
    nothing = tree_over(work.units, {})
    yard.audit(work, root=nothing.root)
    yard.reveal(work)
    place = claims.spotOf(work.id)

    with reverts_with("WorkClaims_NotMember", nothing.root, place):
        claims.revealAudit(
            work.id, nothing.root, work.audit_salt, bytes(32), nothing.prove(place), {"from": yard.auditor(work)}
        )


def test_the_place_is_settled_by_what_the_worker_hid(yard, claims, bounty, bob):
    """It is drawn again from the root behind the commitment, once that is shown: nobody could audit it alone."""
    work = yard.to_drawn(bounty, bob)
    yard.audit(work)
    seed, bps = bytes(yard.state(work)["seed"]).ljust(32, b"\0"), yard.course(work)["bps"]
    before, commitment = claims.spotOf(work.id), bytes(yard.state(work)["root"])

    yard.reveal(work)

    assert before == spot(seed, work.units, bps, commitment)
    assert claims.spotOf(work.id) == spot(seed, work.units, bps, work.tree.root)


def test_it_keeps_the_root_and_emits_audit_revealed(yard, claims, work):
    place = claims.spotOf(work.id)

    tx = yard.reveal_audit(work)

    assert yard.course(work)["audit"] == AUDIT_REVEALED
    assert yard.state(work)["auditRoot"] == "0x" + work.audit_tree.root.hex()
    assert dict(tx.events["AuditRevealed"]) == {
        "claim": work.id,
        "auditor": yard.auditor(work),
        "root": "0x" + work.audit_tree.root.hex(),
        "place": place,
        "trace": "0x" + work.found[work.units.start + place].hex(),
    }


def test_a_dispute_takes_nothing_from_the_auditors_time(yard, claims, disputes, work):
    claims.hold(work.id, disputes)

    yard.reveal_audit(work)

    assert (yard.stage(work), yard.course(work)["audit"]) == (DISPUTED, AUDIT_REVEALED)


def test_who_was_audited_in_full_and_found_right_has_it_in_his_record_at_once(yard, work, bob):
    tx = yard.reveal_audit(work)

    assert yard.score(bob) == 1
    event = tx.events["ScoreChanged"]
    assert (event["operator"], event["score"], event["fault"]) == (bob, 1, False)


def test_what_the_auditor_found_otherwise_counts_for_nothing(yard, bounty, bob):
    yard.to_revealed(bounty, bob, audit_lies=[1, 2, 3])

    assert yard.score(bob) == 0


@pytest.mark.parametrize("alone", [False, True])
def test_where_a_part_was_audited_the_record_waits_for_the_pay(yard, alice, bob, alone):
    """Also of a claim of one unit, whose part is all of it: convicted meanwhile its worker is audited once more."""
    for _ in range(20):
        yard.pool.credit(bob, CLASS, as_sender(yard.claims))
    bounty = yard.post(alice, Job(audit_bps=9_999, stake=DOLLAR))
    work = yard.to_revealed(bounty, bob, 1 if alone else 4)
    assert (yard.course(work)["audit"], yard.course(work)["bps"]) == (AUDIT_REVEALED, 9_999)
    before = yard.score(bob)

    yard.finalize(work)

    assert (before, yard.score(bob)) == (20, 21)
