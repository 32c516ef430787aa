"""RevenueGraph.credit: the branches of credit.tree, with a plain account as sale module."""

import pytest
from payouts import REF
from reverts import reverts_with
from system import contract


@pytest.fixture(scope="module")
def shop(frank):
    """The only sale module."""
    return frank


@pytest.fixture(scope="module")
def graph(system, deployer, shop):
    return contract("RevenueGraph").deploy(
        system.ledger, system.asset_registry, system.omission_court, [shop], {"from": deployer}
    )


def test_a_stranger_cannot_credit(graph, model, mallory):
    with reverts_with("RevenueGraph_NotSaleModule", mallory):
        graph.credit(model, mallory, 1, REF, {"from": mallory})


def test_a_credit_beyond_the_bound_is_refused(graph, model, shop, bob):
    graph.credit(model, bob, 2**112 - 1, REF, {"from": shop})

    with reverts_with("RevenueGraph_Overflow", 2**112):
        graph.credit(model, bob, 1, REF, {"from": shop})


def test_a_credit_is_income(graph, model, shop, bob):
    graph.credit(model, bob, 3, REF, {"from": shop})
    graph.credit(model, bob, 4, REF, {"from": shop})

    assert graph.ownOf(model) == 7


def test_it_emits_paid_for_a_credit(graph, model, shop, bob):
    tx = graph.credit(model, bob, 3, REF, {"from": shop})

    assert dict(tx.events["Paid"]) == {
        "asset": "0x" + model.hex(),
        "payer": bob,
        "amount": 3,
        "ref": "0x" + REF.hex(),
    }
