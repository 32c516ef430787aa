"""WorkClaims.reveal: the branches of reveal.tree."""

import pytest
from brownie import chain
from reverts import ANY, reverts_with
from yard import AUDIT_DRAWN, COMMITTED, OUTPUTS, REVEALED


@pytest.fixture
def work(yard, bounty, bob):
    """Bob's claim, whose auditor has committed."""
    made = yard.to_drawn(bounty, bob)
    yard.audit(made)
    return made


def shown(claims, work, who, root=None, salt=None):
    return claims.reveal(work.id, root or work.tree.root, salt or work.salt, OUTPUTS, {"from": who})


def test_nothing_is_shown_before_the_draw(yard, claims, bounty, bob):
    work = yard.claim(bounty, bob)
    yard.commit(work)

    with reverts_with("WorkClaims_WrongStage", work.id, COMMITTED):
        shown(claims, work, bob)


def test_nothing_is_shown_before_the_auditor_has_committed(yard, claims, bounty, bob):
    """Otherwise there would be something to copy."""
    work = yard.to_drawn(bounty, bob)

    with reverts_with("WorkClaims_WrongAudit", work.id, AUDIT_DRAWN):
        shown(claims, work, bob)


def test_nobody_shows_anothers_work(claims, work, carol):
    with reverts_with("WorkClaims_NotWorker", work.id, carol):
        shown(claims, work, carol)


def test_late_work_is_refused(yard, claims, work, bob):
    deadline = yard.course(work)["deadline"]
    chain.sleep(3_601)

    with reverts_with("WorkClaims_TooLate", deadline):
        shown(claims, work, bob)


@pytest.mark.parametrize("changed", ["root", "salt"])
def test_what_was_not_committed_to_is_refused(claims, work, bob, changed):
    with reverts_with("WorkClaims_WrongOpening", ANY, ANY):
        shown(claims, work, bob, **{changed: b"\x01" * 32})


def test_it_is_held_from_now(yard, claims, work, bob):
    tx = shown(claims, work, bob)

    course = yard.course(work)
    assert (course["stage"], course["deadline"]) == (REVEALED, tx.timestamp + 7_200)
    assert course["auditBy"] == tx.timestamp + 3_600
    assert dict(tx.events["WorkRevealed"]) == {
        "claim": work.id,
        "root": "0x" + work.tree.root.hex(),
        "outputs": "0x" + OUTPUTS.hex(),
        "heldUntil": tx.timestamp + 7_200,
    }
