"""ComputeBounties.closeBounty: the branches of close_bounty.tree."""

import pytest
from assets import CAPTURE, mint
from brownie import chain
from reverts import reverts_with
from system import DOLLAR
from yard import Job

PRICE, AUDIT = DOLLAR, DOLLAR * 11 // 10


@pytest.fixture
def bounty(yard, alice):
    """Eight units."""
    return yard.post(alice)


def test_a_running_bounty_is_not_closed_before_its_time(bounties, bounty, alice):
    deadline = bounties.bountyOf(bounty).dict()["deadline"]

    with reverts_with("ComputeBounties_TooEarly", deadline):
        bounties.closeBounty(bounty, {"from": alice})


def test_a_claim_that_runs_keeps_it_open(yard, bounties, bounty, alice, bob):
    yard.claim(bounty, bob)
    bounties.cancel(bounty, {"from": alice})

    with reverts_with("ComputeBounties_StillRuns", bounty, 1):
        bounties.closeBounty(bounty, {"from": alice})


def test_nothing_is_closed_twice(bounties, bounty, alice):
    bounties.cancel(bounty, {"from": alice})
    bounties.closeBounty(bounty, {"from": alice})

    with reverts_with("ComputeBounties_Ended", bounty):
        bounties.closeBounty(bounty, {"from": alice})


def test_all_of_it_comes_back_when_nobody_worked(bounties, ledger, bounty, alice, mallory):
    chain.sleep(31 * 86_400)

    tx = bounties.closeBounty(bounty, {"from": mallory})

    assert ledger.balanceOf(alice) == 8 * (PRICE + AUDIT)
    assert ledger.lockedBy(bounties) == 0
    assert dict(tx.events["BountyClosed"]) == {
        "bounty": bounty,
        "requester": alice,
        "refunded": 8 * (PRICE + AUDIT),
    }


def test_what_was_paid_does_not_come_back(yard, bounties, ledger, bounty, alice, bob):
    yard.paid(bounty, bob, 3)
    bounties.cancel(bounty, {"from": alice})

    bounties.closeBounty(bounty, {"from": bob})

    assert ledger.balanceOf(alice) == 5 * (PRICE + AUDIT)
    assert ledger.lockedBy(bounties) == 0


def test_what_is_done_closes_at_once(yard, bounties, ledger, bounty, bob):
    yard.paid(bounty, bob, 8)

    bounties.closeBounty(bounty, {"from": bob})

    assert ledger.lockedBy(bounties) == 0


def test_the_bond_of_canaries_comes_back(yard, bounties, ledger, alice):
    bounty = yard.post(alice, Job(canary_root=b"\x01" * 32))
    bounties.cancel(bounty, {"from": alice})

    bounties.closeBounty(bounty, {"from": alice})

    assert ledger.balanceOf(alice) == 8 * (PRICE + AUDIT) + 40 * DOLLAR


def test_what_the_input_has_earned_stays(yard, bounties, ledger, alice, bob):
    asset = mint(yard.system.asset_registry, alice, "input", CAPTURE)
    bounty = yard.post(alice, Job(input=asset, input_price=700))
    yard.paid(bounty, bob, 2)
    bounties.cancel(bounty, {"from": alice})

    bounties.closeBounty(bounty, {"from": alice})

    assert ledger.lockedBy(bounties) == 2 * 700
    bounties.payInput(bounty, {"from": bob})
    assert ledger.lockedBy(bounties) == 0
