"""ComputeBounties.cancel: the branches of cancel.tree."""

import pytest
from brownie import chain
from reverts import reverts_with


@pytest.fixture
def bounty(yard, alice):
    return yard.post(alice)


def test_an_unknown_bounty_cannot_be_cancelled(bounties, alice):
    with reverts_with("ComputeBounties_Unknown", 9):
        bounties.cancel(9, {"from": alice})


def test_a_stranger_cannot_cancel(bounties, bounty, mallory):
    with reverts_with("ComputeBounties_NotRequester", bounty, mallory):
        bounties.cancel(bounty, {"from": mallory})


def test_nothing_is_cancelled_twice(bounties, bounty, alice):
    bounties.cancel(bounty, {"from": alice})

    with reverts_with("ComputeBounties_Ended", bounty):
        bounties.cancel(bounty, {"from": alice})


def test_nobody_claims_more_and_what_runs_goes_on(yard, bounties, bounty, alice, bob, carol):
    work = yard.claim(bounty, bob)

    tx = bounties.cancel(bounty, {"from": alice})

    with reverts_with("ComputeBounties_Ended", bounty):
        yard.claims.claim(bounty, 1, {"from": carol})
    yard.commit(work)
    assert dict(tx.events["BountyCancelled"]) == {"bounty": bounty}


def test_what_is_closed_cannot_be_cancelled(bounties, bounty, alice):
    chain.sleep(31 * 86_400)
    bounties.closeBounty(bounty, {"from": alice})

    with reverts_with("ComputeBounties_Ended", bounty):
        bounties.cancel(bounty, {"from": alice})
    assert not bounties.bountyOf(bounty).dict()["cancelled"]
