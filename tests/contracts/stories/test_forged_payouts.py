"""Payouts whose publisher lies, claimed on the real graph: nobody gets more than the asset's own income."""

import random
from dataclasses import replace

import pytest
from assets import CAPTURE, DATASET, MODEL, mint
from brownie import web3
from brownie.test import given, strategy
from eth_abi import encode
from hypothesis import event
from payouts import ACCOUNT, REF, as_call, claim, claim_leaf, filing, publish, publish_root, scope, to_account, to_node
from reverts import reverts_with
from system import fund

from thenar.domain.keccak import keccak256
from thenar.domain.sumtree import INNER_TAG, SumTree

INCOME = 1_000_003
CLAIM = "(uint32,uint8,bytes32,uint96,bytes32[],uint256[])"  # sums as words, which the node's encoder would refuse


@pytest.fixture(scope="module")
def graph(system, erin, alice):
    """A graph that also holds somebody else's money."""
    fund(system.token, erin, 10**12, system.ledger)
    system.revenue_graph.pay(mint(system.asset_registry, alice, "another"), 10**9, REF, {"from": erin})
    return system.revenue_graph


@pytest.fixture(scope="module")
def model(system, graph, carol, erin):
    """Carol's model, which has earned before its first payout."""
    made = mint(system.asset_registry, carol, "model", MODEL)
    graph.pay(made, 77, REF, {"from": erin})
    return made


def word(value):
    return value.to_bytes(32, "big")


def leaf_hash(graph, asset, index, who, weight):
    """Hash a leaf of the asset's first payout for an account."""
    beneficiary = bytes(12) + bytes.fromhex(str(who)[2:])
    return keccak256(scope(graph, asset).words() + word(index) + word(ACCOUNT) + beneficiary + word(weight))


def inner(left, left_sum, right, right_sum):
    return keccak256(INNER_TAG + left + word(left_sum) + right + word(right_sum))


@given(seed=strategy("uint256"))
def test_random_sums_never_overdraw_the_graph(system, graph, model, carol, erin, mallory, seed):
    """The forger hashes into eight leaves whatever sums it likes, true or not, and claims every leaf."""
    dice, ledger = random.Random(seed), system.ledger
    weights = [dice.randint(1, 700) for _ in range(8)]
    levels = [[leaf_hash(graph, model, index, mallory, weight) for index, weight in enumerate(weights)]]
    said = [[dice.choice([weight, weight, weight // 2, 0]) for weight in weights]]
    for height in (0, 1, 2):
        nodes = list(zip(levels[height], said[height], strict=True))
        pairs = list(zip(nodes[::2], nodes[1::2], strict=True))
        levels.append([inner(*left, *right) for left, right in pairs])
        said.append([left[1] + right[1] - dice.choice([0, 0, 0, left[1] // 2]) for left, right in pairs])
    number = graph.nodeOf(model)[4] + 1
    publish_root(graph, model, levels[3][0], said[3][0] or 1, 3, carol)
    graph.pay(model, INCOME, REF, {"from": erin})
    before = (ledger.balanceOf(mallory), ledger.lockedBy(graph))

    for index, weight in enumerate(weights):
        path = [(index >> height) ^ 1 for height in range(3)]
        siblings = [levels[height][at] for height, at in enumerate(path)]
        sums = [said[height][at] for height, at in enumerate(path)]
        leaf = (index, ACCOUNT, bytes(12) + bytes.fromhex(str(mallory)[2:]), weight, siblings, sums)
        _claim_if_it_goes_through(graph, model, number, leaf, mallory)

    gained = ledger.balanceOf(mallory) - before[0]
    event(f"{'some' if gained else 'none'} could be claimed")
    assert gained <= INCOME
    assert ledger.lockedBy(graph) == before[1] - gained


def _claim_if_it_goes_through(graph, model, number, leaf, who):
    data = graph.claim.encode_input(model, number, filing(graph, model, number).statement.hash, leaf)
    answer = web3.provider.make_request("eth_call", [{"from": str(who), "to": str(graph), "data": data}, "latest"])
    if "error" not in answer:
        claim_leaf(graph, model, number, leaf, who)


def test_two_sums_that_wrap_around_overdraw_nothing(graph, model, carol, erin, mallory):
    """A leaf of ten beside a sum of 1 - 10 modulo 2^256 would own ten times a total of one."""
    beside = (1 - 10) % 2**256
    root = inner(leaf_hash(graph, model, 0, mallory, 10), 10, bytes(32), beside)
    publish_root(graph, model, root, 1, 1, carol)
    graph.pay(model, INCOME, REF, {"from": erin})
    leaf = (0, ACCOUNT, bytes(12) + bytes.fromhex(str(mallory)[2:]), 10, [bytes(32)], [beside])
    given = (model, 1, filing(graph, model).statement.hash, leaf)
    data = graph.claim.signature + encode(("bytes32", "uint32", "bytes32", CLAIM), given).hex()

    with reverts_with("RevenueGraph_BadProof", model, 1, 0):
        mallory.transfer(graph, 0, data=data)


def test_every_other_spelling_of_a_leaf_is_refused(graph, model, carol, dave, erin):
    """An index beyond the tree, a proof too short or too long, sums that are not there, a sum moved up a level."""
    tree = publish(graph, model, [to_account(dave, weight) for weight in (3, 4, 5, 6, 7)], carol)
    graph.pay(model, INCOME, REF, {"from": erin})
    leaf = tree.prove(4)
    low, high, top = leaf.sums
    others = [
        *(replace(leaf, index=leaf.index + k * 2**tree.depth) for k in (1, 2, 2**28)),
        *(replace(leaf, index=leaf.index ^ 1 << height) for height in range(tree.depth)),
        replace(leaf, siblings=leaf.siblings[1:], sums=leaf.sums[1:]),
        replace(leaf, siblings=leaf.siblings[:-1], sums=leaf.sums[:-1]),
        replace(leaf, siblings=(*leaf.siblings, bytes(32)), sums=(*leaf.sums, 0)),
        replace(leaf, sums=leaf.sums[:-1]),
        replace(leaf, siblings=leaf.siblings[:-1]),
        replace(leaf, sums=(top, high, low)),
    ]

    for other in others:
        with reverts_with("RevenueGraph_BadProof", model, 1, other.index):
            claim_leaf(graph, model, 1, as_call(other), dave)

    assert claim(graph, tree, 4, dave).return_value == INCOME * 7 // 25


def test_an_inner_node_does_not_pass_for_a_leaf_of_a_lower_tree(graph, model, carol, dave, erin):
    """The publisher says depth 1 of a tree of depth 2 and claims the weight of an inner node."""
    tree = SumTree.build(scope(graph, model), [to_account(dave, weight) for weight in (3, 4, 5, 6)])
    publish_root(graph, model, tree.root, tree.total_weight, 1, carol)
    graph.pay(model, INCOME, REF, {"from": erin})
    right = tree.levels[1][64:]
    above = replace(tree.prove(0), weight=7, siblings=(right[:32],), sums=(int.from_bytes(right[32:], "big"),))

    with reverts_with("RevenueGraph_BadProof", model, 1, 0):
        claim_leaf(graph, model, 1, as_call(above), dave)
    with reverts_with("RevenueGraph_BadProof", model, 1, 0):
        claim_leaf(graph, model, 1, as_call(tree.prove(0)), dave)


def test_a_heavier_total_takes_from_nobody_else(system, graph, model, carol, dave, erin):
    """A total that is not the tree's: no leaf can be proven, and the money waits for a payout that is honest."""
    tree = SumTree.build(scope(graph, model), [to_account(dave, 3), to_account(carol, 4)])
    publish_root(graph, model, tree.root, 6, tree.depth, carol)
    graph.pay(model, INCOME, REF, {"from": erin})

    for index in (0, 1):
        with reverts_with("RevenueGraph_BadProof", model, 1, index):
            claim_leaf(graph, model, 1, as_call(tree.prove(index)), dave)

    assert graph.takeOwn(model, {"from": dave}).return_value == 77


def test_money_climbs_a_chain_of_nodes_and_none_is_lost(system, graph, people, erin, frank):
    """Result → model → dataset → capture, each paying two thirds to the node of the next: sums agree to the unit."""
    kinds = (CAPTURE, DATASET, MODEL, MODEL)
    owners = people[1:5]
    chain_ = [
        mint(system.asset_registry, owner, f"link {number}", kind)
        for number, (owner, kind) in enumerate(zip(owners, kinds, strict=True))
    ]
    held = system.ledger.lockedBy(graph)
    trees = {
        at: publish(graph, chain_[at], [to_node(chain_[at - 1], 2), to_account(owners[at], 1)], owners[at])
        for at in (1, 2, 3)
    }
    graph.pay(chain_[3], INCOME, REF, {"from": erin})

    for at in (3, 2, 1):
        stated = filing(graph, chain_[at]).statement.hash
        leaves = [as_call(trees[at].prove(index)) for index in (0, 1)]
        amount = graph.claimMany(chain_[at], 1, stated, leaves, {"from": frank}).return_value
        assert amount == graph.nodeOf(chain_[at])[0] * 2 // 3 + graph.nodeOf(chain_[at])[0] // 3
    graph.takeOwn(chain_[0], {"from": frank})

    got = [system.ledger.balanceOf(owner) for owner in owners]
    climbed = [INCOME, INCOME * 2 // 3, INCOME * 2 // 3 * 2 // 3]
    assert got == [climbed[2] * 2 // 3, climbed[2] // 3, climbed[1] // 3, climbed[0] // 3]
    assert system.ledger.lockedBy(graph) - held == INCOME - sum(got) <= 3
