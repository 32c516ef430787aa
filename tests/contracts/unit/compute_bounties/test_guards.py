"""What only WorkClaims and ClaimDisputes may do with a bounty: the branches of guards.tree."""

import pytest
from reverts import reverts_with
from system import as_sender
from yard import Job


@pytest.fixture
def bounty(yard, alice):
    return yard.post(alice)


@pytest.mark.parametrize(
    "call",
    [
        lambda bounties, bounty, who: bounties.take(bounty, 1, {"from": who}),
        lambda bounties, bounty, who: bounties.giveBack(bounty, 0, 1, {"from": who}),
        lambda bounties, bounty, who: bounties.payWork(bounty, who, 1, {"from": who}),
        lambda bounties, bounty, who: bounties.payAudit(bounty, who, 1, {"from": who}),
    ],
    ids=["take", "giveBack", "payWork", "payAudit"],
)
def test_only_claims_spend(bounties, bounty, mallory, call):
    with reverts_with("ComputeBounties_NotClaims", mallory):
        call(bounties, bounty, mallory)


def test_only_disputes_move_the_bond(bounties, bounty, mallory):
    with reverts_with("ComputeBounties_NotDisputes", mallory):
        bounties.moveCanaryBond(bounty, True, {"from": mallory})


def test_a_bond_that_is_not_there_is_not_moved(yard, bounties, bounty):
    with reverts_with("ComputeBounties_NothingDue", bounty):
        bounties.moveCanaryBond(bounty, True, as_sender(yard.disputes))


def test_no_more_audits_are_paid_than_there_are_units(yard, bounties, ledger, bounty, claims, dave):
    bounties.payAudit(bounty, dave, 6, claims)

    bounties.payAudit(bounty, dave, 6, claims)

    assert ledger.balanceOf(dave) == 8 * 1_100_000
    assert bounties.bountyOf(bounty).dict()["progress"]["audited"] == 8


def test_the_longest_work_window_is_told(bounties, alice):
    limit = bounties.workLimit()

    assert limit == 7 * 86_400
    bounties.createBounty(Job(work_window=limit).call, {"from": alice})
    with reverts_with("ComputeBounties_BadJob", 7):
        bounties.createBounty(Job(work_window=limit + 1).call, {"from": alice})
