"""RevenueGraph.claimLeaf and claimLeaves: the branches of claim_leaf.tree."""

from dataclasses import replace

import pytest
from batches import commit
from omissions import as_filing, buy_key, evidence, state
from payouts import as_call, claim, filing, publish, to_account, to_node, to_owner
from reverts import reverts_with
from sales import put_on_sale

from thenar.domain.statements import LicenseSet


@pytest.fixture(scope="module")
def batch(registry, alice):
    """Alice's batch of five captures, none of them materialised."""
    return commit(registry, alice, 5)


@pytest.fixture
def tree(graph, model, batch, touch, carol, dave, pay):
    """Three members, a node and an account share; 100 were paid."""
    owners = [to_owner(batch.members[at].id, 20) for at in (0, 2, 4)]
    made = publish(graph, model, [*owners, to_node(touch, 20), to_account(dave, 20)], carol)
    pay(model, 100)
    return made


@pytest.fixture
def claim_leaf(graph, model, frank):
    """Let Frank claim a leaf with a member's proof."""

    def claim_(leaf, member):
        return graph.claimLeaf(model, 1, filing(graph, model).statement.hash, as_call(leaf), member, {"from": frank})

    return claim_


@pytest.fixture
def claim_leaves(graph, model, frank):
    """Let Frank claim several."""

    def claim_(leaves, members):
        stated = filing(graph, model).statement.hash
        return graph.claimLeaves(model, 1, stated, [as_call(leaf) for leaf in leaves], members, {"from": frank})

    return claim_


def test_another_member_is_refused(tree, batch, claim_leaf):
    with reverts_with("RevenueGraph_BadBeneficiary", batch.members[2].id):
        claim_leaf(tree.prove(1), batch.leaf(0))


def test_a_member_that_is_none_is_refused(tree, batch, claim_leaf):
    with reverts_with("AssetRegistry_NotMember", batch.id, 3):
        claim_leaf(tree.prove(1), batch.leaf(2, index=3))


def test_only_owners_are_paid_as_members(tree, batch, touch, claim_leaf):
    with reverts_with("RevenueGraph_BadBeneficiary", touch):
        claim_leaf(tree.prove(3), batch.leaf(0))
    with reverts_with("RevenueGraph_BadBeneficiary", tree.prove(4).beneficiary):
        claim_leaf(tree.prove(4), batch.leaf(0))


def test_a_members_leaf_needs_its_proof(tree, batch, model, claim_leaf):
    with reverts_with("RevenueGraph_BadProof", model, 1, 1):
        claim_leaf(replace(tree.prove(1), weight=21), batch.leaf(2))


def test_more_than_100_members_are_refused(tree, batch, claim_leaves):
    with reverts_with("RevenueGraph_TooManyLeaves", 101):
        claim_leaves([tree.prove(0)] * 101, [batch.leaf(0)] * 101)


def test_leaves_and_members_come_in_pairs(tree, batch, claim_leaves):
    with reverts_with("RevenueGraph_NotPaired", 2, 1):
        claim_leaves([tree.prove(0), tree.prove(1)], [batch.leaf(0)])


def test_a_member_is_paid_once(tree, batch, model, claim_leaf):
    claim_leaf(tree.prove(0), batch.leaf(0))

    with reverts_with("RevenueGraph_NothingDue", model):
        claim_leaf(tree.prove(0), batch.leaf(0))


def test_members_named_twice_are_paid_once(ledger, tree, batch, model, claim_leaves, alice):
    twice = ([tree.prove(0), tree.prove(0)], [batch.leaf(0), batch.leaf(0)])
    assert claim_leaves(*twice).return_value == 20
    assert ledger.balanceOf(alice) == 20

    with reverts_with("RevenueGraph_NothingDue", model):
        claim_leaves(*twice)


def test_a_frozen_payout_pays_no_member(system, graph, court, batch, claim_leaf, model, pay, alice, carol, judge, dave):
    ware = put_on_sale(system, dave, 5, "left out")
    buy_key(system, ware, dave, carol)
    filed = state(system, model, carol, LicenseSet.of(()))
    pay(model, 100)
    court.proveOmission(as_filing(filed), evidence(ware.id, carol), [], {"from": judge})
    leaf = publish(graph, model, [to_owner(batch.members[0].id, 1)], carol, payout=2).prove(0)

    with reverts_with("RevenueGraph_Frozen", model, 1):
        claim_leaf(leaf, batch.leaf(0))


def test_a_member_pays_the_batchs_owner(ledger, registry, tree, batch, claim_leaf, alice, erin):
    assert claim_leaf(tree.prove(0), batch.leaf(0)).return_value == 20
    registry.transferFrom(alice, erin, batch.id, {"from": alice})

    claim_leaf(tree.prove(1), batch.leaf(2))

    assert (ledger.balanceOf(alice), ledger.balanceOf(erin)) == (20, 20)


def test_a_materialised_member_pays_its_own_owner(ledger, registry, tree, batch, claim_leaf, alice, frank):
    registry.materialise(batch.leaf(0), {"from": alice})
    registry.transferFrom(alice, frank, batch.members[0].id, {"from": alice})

    claim_leaf(tree.prove(0), batch.leaf(0))

    assert (ledger.balanceOf(alice), ledger.balanceOf(frank)) == (0, 20)


def test_a_materialised_member_is_claimed_like_any_asset(graph, ledger, registry, tree, batch, alice, frank):
    with reverts_with("AssetRegistry_Unknown", batch.members[0].id):
        claim(graph, tree, 0, frank)
    registry.materialise(batch.leaf(0), {"from": alice})

    claim(graph, tree, 0, frank)

    assert ledger.balanceOf(alice) == 20


def test_many_members_are_paid_at_once(ledger, tree, batch, claim_leaves, alice):
    tx = claim_leaves([tree.prove(at) for at in (2, 0, 1)], [batch.leaf(at) for at in (4, 0, 2)])

    assert tx.return_value == 60
    assert ledger.balanceOf(alice) == 60
    assert [event["index"] for event in tx.events["Claimed"]] == [2, 0, 1]
