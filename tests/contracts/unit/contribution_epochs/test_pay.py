"""ContributionEpochs.pay: the branches of pay.tree."""

import pytest
from assets import CAPTURE, mint
from epoch_town import BASE
from reverts import reverts_with

from thenar.domain.epochs.pools import burn_of

RICH = BASE


@pytest.fixture
def asset(town, alice):
    """Alice's capture."""
    return mint(town.system.asset_registry, alice, "hall", CAPTURE, 0)


@pytest.fixture
def rich(town, bob):
    """Bob was rewarded with the whole first pool, and lets the epochs spend it."""
    root = town.reward(bob, {bob: RICH})
    town.claim(bob, town.leaf(root, bob))
    town.token.approve(town.epochs, RICH, {"from": bob})
    return bob


def test_nothing_is_no_fee(epochs, asset, rich):
    with reverts_with("ContributionEpochs_NothingPaid"):
        epochs.pay(asset, 0, {"from": rich})


def test_only_what_exists_is_paid_for(epochs, rich):
    with reverts_with("AssetRegistry_Unknown", b"\x01" * 32):
        epochs.pay(b"\x01" * 32, 100, {"from": rich})


def test_only_what_was_allowed_is_spent(town, epochs, asset, rich):
    town.token.approve(epochs, 4, {"from": rich})

    with reverts_with("ERC20InsufficientAllowance", epochs, 4, 5):
        epochs.pay(asset, 100, {"from": rich})


def test_a_twentieth_is_burnt_and_the_owner_has_the_rest(town, epochs, asset, rich, alice):
    epochs.pay(asset, 1_001, {"from": rich})

    assert town.token.balanceOf(alice) == 1_001 - 51
    assert town.token.balanceOf(rich) == RICH - 1_001
    assert town.token.totalSupply() == RICH - 51 == RICH - burn_of(1_001)
    assert town.token.minted() == RICH


def test_it_counts_in_the_epoch_that_runs(town, epochs, asset, rich, alice):
    epochs.pay(asset, 1_000, {"from": rich})
    epochs.pay(asset, 1_000, {"from": rich})

    assert epochs.running()["burnt"] == 100
    town.close(alice)
    assert epochs.running()["pool"] == BASE + 80


def test_paying_oneself_burns_as_much(town, epochs, asset, rich, alice):
    town.system.asset_registry.transferFrom(alice, rich, int.from_bytes(asset, "big"), {"from": alice})

    epochs.pay(asset, 1_000, {"from": rich})

    assert town.token.balanceOf(rich) == RICH - 50


def test_it_emits_usage_paid(epochs, asset, rich, alice):
    event = epochs.pay(asset, 1_000, {"from": rich}).events["UsagePaid"]

    assert (event["payer"], event["owner"], event["amount"], event["burnt"]) == (rich, alice, 1_000, 50)
    assert (bytes(event["asset"]), event["epoch"]) == (bytes(asset), 2)
