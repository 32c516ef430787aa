"""RevenueGraph.claim and dueOf: the branches of claim.tree."""

from dataclasses import replace

import pytest
from assets import mint
from brownie import ZERO_ADDRESS
from payouts import OWNER, REF, as_call, claim, claim_leaf, publish, publish_root, scope, to_account, to_node, to_owner
from reverts import reverts_with
from system import contract

from thenar.domain.keccak import keccak256
from thenar.domain.revenue import Beneficiary


@pytest.fixture
def tree(graph, model, scan, touch, carol, dave):
    """Alice's scan and its owner, Bob's touch as a node, and Dave."""
    shares = [to_owner(scan, 50), to_node(touch, 30), to_account(dave, 20)]
    return publish(graph, model, shares, carol)


def lone(graph, asset, kind, beneficiary, owner):
    """Publish a payout of one leaf that the node's own code would refuse to build; returns the claim."""
    words = (0, kind, int.from_bytes(beneficiary, "big"), 1)
    root = keccak256(scope(graph, asset).words() + b"".join(word.to_bytes(32, "big") for word in words))
    publish_root(graph, asset, root, 1, 0, owner)
    return (0, int(kind), beneficiary, 1, [], [])


def test_there_is_no_payout_zero(graph, pay, model, tree, dave):
    pay(model, 100)

    with reverts_with("RevenueGraph_NoPayout", model, 0):
        graph.claim(model, 0, bytes(32), as_call(tree.prove(2)), {"from": dave})


def test_a_payout_of_the_future_pays_nothing(graph, pay, model, tree, dave):
    pay(model, 100)

    with reverts_with("RevenueGraph_NoPayout", model, 2):
        graph.claim(model, 2, bytes(32), as_call(tree.prove(2)), {"from": dave})
    with reverts_with("RevenueGraph_NoPayout", model, 2):
        graph.dueOf(model, 2, 2, 20)


@pytest.fixture
def refused(graph, pay, model, dave):
    """Expect a claim to fail its proof."""

    def refused_(leaf, asset=model, payout=1):
        pay(asset, 100)
        with reverts_with("RevenueGraph_BadProof", asset, payout, leaf.index):
            claim_leaf(graph, asset, payout, as_call(leaf), dave)

    return refused_


def test_a_heavier_leaf_is_refused(tree, refused):
    refused(replace(tree.prove(2), weight=21))


def test_another_beneficiary_is_refused(tree, refused, mallory):
    refused(replace(tree.prove(2), beneficiary=to_account(mallory, 1).beneficiary))
    refused(replace(tree.prove(0), kind=Beneficiary.NODE))


def test_another_place_is_refused(tree, refused):
    refused(replace(tree.prove(2), index=3))
    refused(replace(tree.prove(2), index=6))


def test_a_proof_of_another_asset_is_refused(graph, scan, tree, refused, alice):
    publish_root(graph, scan, tree.root, tree.total_weight, tree.depth, alice)

    refused(tree.prove(2), scan)


def test_a_proof_of_another_payout_is_refused(graph, model, tree, refused, carol):
    publish_root(graph, model, tree.root, tree.total_weight, tree.depth, carol)

    refused(tree.prove(2), payout=2)


def test_before_any_income_there_is_nothing_to_claim(graph, model, tree, dave):
    with reverts_with("RevenueGraph_NothingDue", model):
        claim(graph, tree, 2, dave)


def test_claiming_twice_pays_once(graph, ledger, pay, model, tree, dave):
    pay(model, 100)
    claim(graph, tree, 2, dave)

    with reverts_with("RevenueGraph_NothingDue", model):
        claim(graph, tree, 2, dave)
    assert ledger.balanceOf(dave) == 20
    assert graph.dueOf(model, 1, 2, 20) == 0


def test_anybody_claims_for_an_account(graph, ledger, pay, model, tree, dave, mallory):
    pay(model, 100)
    assert graph.dueOf(model, 1, 2, 20) == 20

    assert claim(graph, tree, 2, mallory).return_value == 20
    assert (ledger.balanceOf(dave), ledger.balanceOf(mallory)) == (20, 0)
    assert ledger.lockedBy(graph) == 80


def test_the_zero_account_is_refused(graph, pay, model, carol):
    leaf = lone(graph, model, 2, bytes(32), carol)
    pay(model, 100)

    with reverts_with("RevenueGraph_BadBeneficiary", bytes(32)):
        claim_leaf(graph, model, 1, leaf, carol)


def test_an_account_of_more_than_twenty_bytes_is_refused(graph, pay, model, carol):
    beneficiary = b"\x01" + bytes(30) + b"\x01"
    leaf = lone(graph, model, 2, beneficiary, carol)
    pay(model, 100)

    with reverts_with("RevenueGraph_BadBeneficiary", beneficiary):
        claim_leaf(graph, model, 1, leaf, carol)


def test_a_blocked_account_is_paid_all_the_same(paid_with, deployer, alice, dave, erin, frank):
    token = contract("BlocklistToken").deploy({"from": deployer})
    system = paid_with(token)
    graph, asset = system.revenue_graph, mint(system.asset_registry, alice)
    tree = publish(graph, asset, [to_account(dave, 1)], alice)
    graph.pay(asset, 100, REF, {"from": erin})
    token.setBlocked(dave, True, {"from": deployer})

    claim(graph, tree, 0, erin)
    system.ledger.withdraw(frank, 100, {"from": dave})

    assert token.balanceOf(frank) == 100


def test_an_asset_carries_its_unclaimed_income(graph, ledger, registry, pay, model, scan, tree, alice, frank):
    pay(model, 100)
    claim(graph, tree, 0, alice)
    pay(model, 100)
    registry.transferFrom(alice, frank, scan, {"from": alice})

    claim(graph, tree, 0, alice)

    assert (ledger.balanceOf(alice), ledger.balanceOf(frank)) == (50, 50)


def test_the_owner_of_nothing_is_refused(graph, pay, model, carol):
    leaf = lone(graph, model, OWNER, b"\x01" * 32, carol)
    pay(model, 100)

    with reverts_with("AssetRegistry_Unknown", b"\x01" * 32):
        claim_leaf(graph, model, 1, leaf, carol)


def test_a_nodes_share_is_its_income(graph, ledger, pay, model, touch, tree, bob):
    pay(model, 100)

    tx = claim(graph, tree, 1, bob)

    assert graph.ownOf(touch) == 30
    assert ledger.lockedBy(graph) == 100
    assert tx.events["Claimed"]["to"] == ZERO_ADDRESS
    assert graph.takeOwn(touch, {"from": bob}).return_value == 30


def test_a_younger_node_is_refused(graph, pay, model, late, carol):
    tree = publish(graph, model, [to_node(late, 1)], carol)
    pay(model, 100)

    with reverts_with("RevenueGraph_NotOlder", model, late):
        claim(graph, tree, 0, carol)


def test_an_asset_does_not_pay_itself(graph, pay, model, carol):
    tree = publish(graph, model, [to_node(model, 1)], carol)
    pay(model, 100)

    with reverts_with("RevenueGraph_NotOlder", model, model):
        claim(graph, tree, 0, carol)


def test_claiming_in_parts_pays_the_same(graph, ledger, pay, model, carol, dave, frank):
    tree = publish(graph, model, [to_account(dave, 1), to_account(frank, 2)], carol)
    for _ in range(4):
        pay(model, 5)
        claim(graph, tree, 0, dave)

    claim(graph, tree, 1, frank)

    assert (ledger.balanceOf(dave), ledger.balanceOf(frank)) == (20 // 3, 40 // 3)


def test_it_emits_claimed(graph, pay, model, scan, tree, alice, mallory):
    pay(model, 100)

    tx = claim(graph, tree, 0, mallory)

    assert dict(tx.events["Claimed"]) == {
        "asset": "0x" + model.hex(),
        "payout": 1,
        "index": 0,
        "to": alice,
        "beneficiary": "0x" + scan.hex(),
        "amount": 50,
    }
