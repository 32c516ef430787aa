"""ComputeBounties.payInput: the branches of pay_input.tree."""

import pytest
from assets import DATASET, mint
from reverts import reverts_with
from yard import Job


@pytest.fixture
def asset(yard, erin):
    """A dataset of erin's that the work is done on."""
    return mint(yard.system.asset_registry, erin, "input", DATASET)


@pytest.fixture
def bounty(yard, alice, asset):
    return yard.post(alice, Job(input=asset, input_price=700))


def test_nothing_done_pays_nothing(bounties, bounty, erin):
    with reverts_with("ComputeBounties_NothingDue", bounty):
        bounties.payInput(bounty, {"from": erin})


def test_an_input_that_is_free_is_paid_nothing(yard, bounties, alice, bob):
    bounty = yard.post(alice)
    yard.paid(bounty, bob, 1)

    with reverts_with("ComputeBounties_NothingDue", bounty):
        bounties.payInput(bounty, {"from": bob})


def test_the_input_earns_for_every_unit_done(yard, bounties, ledger, bounty, asset, bob, mallory):
    yard.paid(bounty, bob, 3)

    tx = bounties.payInput(bounty, {"from": mallory})

    graph = yard.system.revenue_graph
    assert graph.nodeOf(asset)[0] == 3 * 700
    assert ledger.lockedBy(graph) == 3 * 700
    event = tx.events["InputPaid"]
    assert (event["bounty"], event["units"], event["amount"]) == (bounty, 3, 2_100)
    assert event["input"] == "0x" + asset.hex()


def test_a_unit_earns_once(yard, bounties, bounty, asset, bob):
    yard.paid(bounty, bob, 3)
    bounties.payInput(bounty, {"from": bob})

    with reverts_with("ComputeBounties_NothingDue", bounty):
        bounties.payInput(bounty, {"from": bob})
    yard.paid(bounty, bob, 2)
    bounties.payInput(bounty, {"from": bob})

    assert yard.system.revenue_graph.nodeOf(asset)[0] == 5 * 700


def test_its_owner_takes_it(yard, bounties, ledger, bounty, asset, bob, erin):
    yard.paid(bounty, bob, 8)
    bounties.payInput(bounty, {"from": bob})

    yard.system.revenue_graph.takeOwn(asset, {"from": erin})

    assert ledger.balanceOf(erin) == 8 * 700
