"""NodeRegistry.withdrawStake: the branches of withdraw_stake.tree. Money goes to the account; no token is called."""

import pytest
from brownie import chain
from nodes import KEY, STORE, NodeRecord, node_of
from reverts import reverts_with
from system import DOLLAR, next_block_at


@pytest.fixture
def leaving(registry, params, node):
    """Alice's node, of whose 150 stake 50 can be withdrawn from now on."""
    registry.unbond(50 * DOLLAR, {"from": node})
    chain.sleep(params.unbonding_period)
    return node


def test_a_stranger_has_nothing_to_withdraw(registry, bob):
    with reverts_with("NodeRegistry_NothingUnbonding", bob):
        registry.withdrawStake({"from": bob})


def test_bonded_stake_cannot_be_withdrawn(registry, node):
    with reverts_with("NodeRegistry_NothingUnbonding", node):
        registry.withdrawStake({"from": node})


def test_a_second_too_early_is_refused(registry, ledger, params, node):
    until = registry.unbond(50 * DOLLAR, {"from": node}).timestamp + params.unbonding_period

    next_block_at(until - 1)
    with reverts_with("NodeRegistry_StillBonded", until):
        registry.withdrawStake({"from": node})
    next_block_at(until)
    registry.withdrawStake({"from": node})

    assert ledger.balanceOf(node) == 50 * DOLLAR


def test_the_stake_goes_to_the_operators_account(registry, ledger, leaving):
    registry.withdrawStake({"from": leaving})

    assert ledger.balanceOf(leaving) == 50 * DOLLAR
    assert ledger.lockedBy(registry) == 100 * DOLLAR
    assert node_of(registry, leaving) == NodeRecord(KEY, stake=100 * DOLLAR, roles=STORE)


def test_it_pays_once(registry, leaving):
    registry.withdrawStake({"from": leaving})

    with reverts_with("NodeRegistry_NothingUnbonding", leaving):
        registry.withdrawStake({"from": leaving})


def test_it_emits_stake_withdrawn(registry, leaving):
    tx = registry.withdrawStake({"from": leaving})

    assert dict(tx.events["StakeWithdrawn"]) == {"operator": leaving, "amount": 50 * DOLLAR}
    assert "NodeLeft" not in tx.events


def test_a_node_with_nothing_left_is_gone(registry, params, node):
    registry.unbond(150 * DOLLAR, {"from": node})
    chain.sleep(params.unbonding_period)

    tx = registry.withdrawStake({"from": node})

    assert dict(tx.events["NodeLeft"]) == {"operator": node}
    assert node_of(registry, node) == NodeRecord()


def test_a_node_that_came_back_keeps_its_record(registry, params, node):
    registry.unbond(150 * DOLLAR, {"from": node})
    registry.register(KEY, STORE, 100 * DOLLAR, {"from": node})
    chain.sleep(params.unbonding_period)

    registry.withdrawStake({"from": node})

    assert node_of(registry, node) == NodeRecord(KEY, stake=100 * DOLLAR, roles=STORE)


def test_a_node_that_never_had_stake_can_leave(registry, params, deployer, alice):
    registry.setMinimumStake(0, {"from": deployer})
    registry.register(KEY, STORE, 0, {"from": alice})
    registry.unbond(0, {"from": alice})
    chain.sleep(params.unbonding_period)

    tx = registry.withdrawStake({"from": alice})

    assert "NodeLeft" in tx.events
    assert node_of(registry, alice) == NodeRecord()


@pytest.mark.parametrize("token", ["PausableToken", "BlocklistToken"])
def test_no_token_can_keep_stake_from_leaving_to_the_account(staked, params, alice, token):
    system = staked(token)
    system.node_registry.register(KEY, STORE, 100 * DOLLAR, {"from": alice})
    system.node_registry.unbond(100 * DOLLAR, {"from": alice})
    chain.sleep(params.unbonding_period)
    if token == "PausableToken":
        system.token.setPaused(True, {"from": alice})
    else:
        system.token.setBlocked(alice, True, {"from": alice})

    system.node_registry.withdrawStake({"from": alice})

    assert system.ledger.balanceOf(alice) == 100 * DOLLAR
