"""RevenueGraph.claimMany: the branches of claim_many.tree."""

from dataclasses import replace

import pytest
from payouts import as_call, claim, filing, publish, to_account
from reverts import reverts_with


@pytest.fixture
def tree(graph, pay, model, people, carol):
    """Five people with weights 1 to 5, and 150 paid."""
    made = publish(graph, model, [to_account(people[5 + at], 1 + at) for at in range(5)], carol)
    pay(model, 150)
    return made


@pytest.fixture
def claim_all(graph, model, mallory):
    """Claim several proven leaves of the model's first payout."""

    def claim_(*leaves):
        stated = filing(graph, model).statement.hash
        return graph.claimMany(model, 1, stated, [as_call(leaf) for leaf in leaves], {"from": mallory})

    return claim_


def test_more_than_100_leaves_are_refused(tree, claim_all):
    with reverts_with("RevenueGraph_TooManyLeaves", 101):
        claim_all(*[tree.prove(0)] * 101)
    with reverts_with("RevenueGraph_NotIncreasing", 0, 0):
        claim_all(*[tree.prove(0)] * 100)


def test_the_same_leaf_twice_is_refused(tree, claim_all):
    with reverts_with("RevenueGraph_NotIncreasing", 1, 1):
        claim_all(tree.prove(1), tree.prove(1))


def test_leaves_out_of_order_are_refused(tree, claim_all):
    with reverts_with("RevenueGraph_NotIncreasing", 2, 1):
        claim_all(tree.prove(2), tree.prove(1))


def test_one_bad_proof_stops_all(ledger, model, tree, claim_all, people):
    with reverts_with("RevenueGraph_BadProof", model, 1, 1):
        claim_all(tree.prove(0), replace(tree.prove(1), weight=3))
    assert ledger.balanceOf(people[5]) == 0


def test_claiming_no_leaf_is_refused(model, tree, claim_all):
    with reverts_with("RevenueGraph_NothingDue", model):
        claim_all()


def test_claiming_all_twice_is_refused(model, tree, claim_all):
    leaves = [tree.prove(index) for index in range(5)]
    claim_all(*leaves)

    with reverts_with("RevenueGraph_NothingDue", model):
        claim_all(*leaves)


def test_every_leaf_is_paid(ledger, tree, claim_all, people):
    tx = claim_all(*(tree.prove(index) for index in range(5)))

    assert tx.return_value == 150
    assert [ledger.balanceOf(person) for person in people[5:]] == [10, 20, 30, 40, 50]
    assert [event["amount"] for event in tx.events["Claimed"]] == [10, 20, 30, 40, 50]


def test_leaves_already_paid_are_passed_over(graph, ledger, tree, claim_all, people):
    claim(graph, tree, 1, people[0])

    tx = claim_all(*(tree.prove(index) for index in range(3)))

    assert tx.return_value == 40
    assert ledger.balanceOf(people[6]) == 20
