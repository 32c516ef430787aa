"""ContributionEpochs.claim: the branches of claim.tree."""

from dataclasses import replace

import pytest
from epoch_town import BASE
from reverts import reverts_with


@pytest.fixture
def settled(town, root, proposal, alice):
    """The right root is settled."""
    town.settle(alice, proposal)
    return root


def test_nothing_is_claimed_before_a_root_is_settled(town, root, proposal, bob):
    leaf = town.leaf(root, bob)

    with reverts_with("ContributionEpochs_NotInRoot", bob, leaf.index):
        town.claim(bob, leaf)


def test_only_what_stands_in_the_tree_is_claimed(town, settled, bob, mallory):
    leaf = town.leaf(settled, bob)

    for changes in ({"account": str(mallory)}, {"amount": 301}, {"index": 1 - leaf.index}):
        wrong = replace(leaf, **changes)
        with reverts_with("ContributionEpochs_NotInRoot", wrong.account, wrong.index):
            town.claim(mallory, wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"siblings": (), "sums": ()},
        {"sums": ()},
        {"siblings": (b"\x01" * 32,) * 21, "sums": (1,) * 21},
        {"index": 2},
        {"sums": (101,)},
    ],
)
def test_a_proof_has_the_shape_of_its_tree(town, settled, bob, changes):
    wrong = replace(town.leaf(settled, bob), **changes)

    with reverts_with("ContributionEpochs_NotInRoot", bob, wrong.index):
        town.claim(bob, wrong)


def test_an_earlier_root_counts_no_more(town, settled, alice, bob, carol):
    earlier = town.leaf(settled, bob)
    town.reward(alice, {bob: 301, carol: 100})

    with reverts_with("ContributionEpochs_NotInRoot", bob, earlier.index):
        town.claim(bob, earlier)


def test_nothing_is_claimed_twice(town, settled, bob):
    leaf = town.leaf(settled, bob)
    town.claim(bob, leaf)

    with reverts_with("ContributionEpochs_NothingDue", bob, 300):
        town.claim(bob, leaf)


def test_whatever_roots_say_no_more_than_the_pools_is_paid(town, closed, alice, bob, mallory):
    """Nobody challenged a root that gave Mallory everything; a later one finds no more than is left."""
    wrong = town.root({mallory: BASE})
    town.settle(alice, town.propose(alice, wrong))
    town.claim(mallory, town.leaf(wrong, mallory))
    right = town.reward(alice, {bob: 2 * BASE})

    with reverts_with("ContributionEpochs_Overdrawn", BASE, 2 * BASE, 2 * BASE):
        town.claim(bob, town.leaf(right, bob))
    assert town.token.minted() == BASE


def test_a_stranger_brings_it_to_whose_it_is(town, epochs, settled, bob, mallory):
    town.claim(mallory, town.leaf(settled, bob))

    assert (town.token.balanceOf(bob), town.token.balanceOf(mallory)) == (300, 0)
    assert epochs.claimedBy(bob) == 300
    assert epochs.sums()["paid"] == 300


def test_a_later_root_pays_the_rest(town, epochs, settled, alice, bob, carol):
    town.claim(bob, town.leaf(settled, bob))
    later = town.reward(alice, {bob: 450, carol: 100})

    town.claim(bob, town.leaf(later, bob))
    town.claim(carol, town.leaf(later, carol))

    assert (town.token.balanceOf(bob), town.token.balanceOf(carol)) == (450, 100)


def test_a_deep_tree_is_claimed_from(town, alice, bob):
    due = {"0x" + number.to_bytes(20, "big").hex(): number for number in range(1, 1_000)}
    root = town.reward(alice, {**due, bob: 12_345})

    town.claim(alice, town.leaf(root, bob))

    assert root.depth == 10
    assert town.token.balanceOf(bob) == 12_345


def test_it_emits_reward_claimed(town, settled, bob):
    event = town.claim(bob, town.leaf(settled, bob)).events["RewardClaimed"]

    assert (event["account"], event["due"], event["amount"]) == (bob, 300, 300)
