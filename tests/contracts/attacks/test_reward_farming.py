"""Attacks on rewards: by whoever wants more than he contributed, or others to have less.

Each test names where the attack worked, was reported, or would.
"""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from assets import CAPTURE, mint
from brownie import chain
from epoch_town import BASE, BOND, BURNT, VOID, EpochTown
from reverts import reverts_with
from system import DOLLAR, deploy_system

from thenar.domain.epochs.pools import Rewards
from thenar.domain.epochs.tree import RewardTree
from thenar.domain.ids import Address

HELD = 10_000 * DOLLAR


@pytest.fixture(scope="module")
def town(deployer, people):
    """A court that rules as the test says; epoch 1 runs."""
    made = EpochTown(deploy_system(deployer, court="RulingCourt"))
    made.enrich(*people)
    return made


@pytest.fixture(autouse=True)
def clock(town):
    """Time goes back with the chain after every test."""
    town.now = 0


@pytest.mark.parametrize("fee", [100, 10**18, BASE // 3, BASE])
def test_who_uses_his_own_asset_and_has_every_reward_is_still_the_poorer(town, mallory, fee):
    """Burn-and-mint with a factor of two paid 0.10 for 0.05 burnt. Mallory is buyer, owner and all contributors."""
    asset = mint(town.system.asset_registry, mallory, "nothing", CAPTURE, 0)
    root = town.reward(mallory, {mallory: BASE})
    town.claim(mallory, town.leaf(root, mallory))
    town.token.approve(town.epochs, BASE, {"from": mallory})
    base = 3 * BASE  # what he would have after two more epochs without using anything

    town.epochs.pay(asset, fee, {"from": mallory})
    town.close(mallory)
    town.close(mallory)
    everything = town.root({mallory: town.epochs.sums()["granted"]})
    town.settle(mallory, town.propose(mallory, everything))
    town.claim(mallory, town.leaf(everything, mallory))

    assert town.token.balanceOf(mallory) < base


def test_a_root_that_gives_away_more_than_the_pools_is_refused_at_once(town, mallory):
    """Unbounded cumulative roots (reward distributors that trust an updater): one key mints everything."""
    town.close(mallory)

    with reverts_with("ContributionEpochs_OverPools", 2 * BASE, BASE):
        town.propose(mallory, town.root({mallory: 2 * BASE}))


def test_a_total_that_hides_heavier_leaves_pays_none_of_them(town, mallory, bob):
    """Plain Merkle roots do not bind sums: a leaf of a thousand under a total of one."""
    town.close(mallory)
    heavy = town.root({mallory: BASE, bob: 1})
    lied = replace(heavy, total=1)
    town.settle(mallory, town.propose(mallory, lied))

    with reverts_with("ContributionEpochs_NotInRoot", mallory, town.leaf(heavy, mallory).index):
        town.claim(mallory, town.leaf(heavy, mallory))


def test_an_unchallenged_theft_takes_from_the_pools_and_from_no_later_one(town, mallory, bob):
    """Everybody slept through a window: the thief has one pool. The next right root pays out of the next pool."""
    town.close(mallory)
    theft = town.root({mallory: BASE})
    town.settle(mallory, town.propose(mallory, theft))
    town.claim(mallory, town.leaf(theft, mallory))
    right = town.reward(bob, {bob: BASE})

    town.claim(bob, town.leaf(right, bob))

    assert town.token.balanceOf(bob) == BASE
    assert town.token.minted() == 2 * BASE == town.epochs.sums()["granted"]


def test_two_wrong_roots_of_one_hand_cost_a_tenth_of_both_every_time(town, mallory, frank, alice, bob):
    """Self-challenge: both sides are Mallory's, no juror computes either, and everybody waits. The wait has a price."""
    town.close(alice)
    for _ in range(3):
        proposal = town.propose(mallory, town.root({mallory: 1}))
        dispute = town.challenge(frank, proposal, town.root({mallory: 2})).return_value
        town.rule(dispute, VOID, mallory)

    assert town.ledger.balanceOf(mallory) == town.ledger.balanceOf(frank) == HELD - 3 * (BOND // 10)
    assert town.ledger.balanceOf(BURNT) == 6 * (BOND // 10)
    right = town.root({bob: 5})
    town.settle(alice, town.propose(alice, right))
    town.claim(alice, town.leaf(right, bob))
    assert town.token.balanceOf(bob) == 5


def test_a_pending_root_does_not_stop_what_is_due_already(town, mallory, bob):
    """Freezing exits by keeping a dispute open: what was settled before is claimed all the same."""
    settled = town.reward(bob, {bob: 7})
    town.close(mallory)
    proposal = town.propose(mallory, town.root({mallory: 8}))
    town.challenge(bob, proposal, town.root({bob: 7, mallory: 1}))

    town.claim(mallory, town.leaf(settled, bob))

    assert town.token.balanceOf(bob) == 7


def test_no_root_is_settled_before_others_could_look(town, mallory):
    """Propose and settle in one block, before anybody's node has seen it."""
    town.close(mallory)
    proposal = town.propose(mallory, town.root({mallory: BASE}))

    with reverts_with("ContributionEpochs_TooEarly", proposal.until):
        town.epochs.settle(astuple(proposal), {"from": mallory})


def test_an_epoch_is_not_closed_in_a_hurry(town, mallory):
    """Closing again and again to have many pools in a week."""
    town.close(mallory)

    with reverts_with("ContributionEpochs_TooEarly", chain[-1].timestamp + 7 * 86_400):
        town.epochs.close({"from": mallory})


def test_a_leaf_of_another_chain_or_contract_pays_nothing_here(town, mallory):
    """Replay: the same tree was good on a test chain."""
    town.close(mallory)
    account = Address(str(mallory).lower())
    elsewhere = [replace(town.place, chain_id=1), Rewards(chain.id, Address("0x" + "1" * 40))]
    trees = [RewardTree.build(place, 1, {account: 5}) for place in elsewhere]

    here = town.root({mallory: 5})
    town.settle(mallory, town.propose(mallory, here))
    for tree in trees:
        with reverts_with("ContributionEpochs_NotInRoot", mallory, 0):
            town.claim(mallory, replace(tree.prove(account), amount=5 + trees.index(tree) + 1))
    assert {tree.root.root for tree in trees}.isdisjoint({here.root})


def test_who_claims_first_takes_nothing_from_who_claims_last(town, alice, bob, carol, mallory):
    """A shared pot that runs dry: rewards that are not bound by a sum pay whoever is quick."""
    due = {alice: BASE // 2, bob: BASE // 4, carol: BASE // 4}
    root = town.reward(mallory, due)

    for who in (carol, alice, bob):
        town.claim(mallory, town.leaf(root, who))

    assert [town.token.balanceOf(who) for who in due] == list(due.values())


def test_nobody_mints_past_the_epochs(town, deployer, mallory):
    """An owner key of the token: there is none, not even for who deployed it."""
    for who in (deployer, mallory):
        with reverts_with("ThenarToken_NotMinter", who):
            town.token.mint(who, 1, {"from": who})
