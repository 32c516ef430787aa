"""NodeRegistry.unbond: the branches of unbond.tree. It moves no money."""

from brownie import chain
from nodes import KEY, STORE, node_of
from reverts import reverts_with
from system import DOLLAR


def test_a_stranger_cannot_unbond(registry, bob):
    with reverts_with("NodeRegistry_NotRegistered", bob):
        registry.unbond(1, {"from": bob})


def test_more_than_the_stake_is_refused(registry, node):
    with reverts_with("NodeRegistry_NotEnough", 150 * DOLLAR, 150 * DOLLAR + 1):
        registry.unbond(150 * DOLLAR + 1, {"from": node})


def test_leaving_less_than_the_minimum_is_refused(registry, node):
    with reverts_with("NodeRegistry_StakeTooSmall", 100 * DOLLAR - 1, 100 * DOLLAR):
        registry.unbond(50 * DOLLAR + 1, {"from": node})


def test_the_minimum_may_stay(registry, node):
    registry.unbond(50 * DOLLAR, {"from": node})

    record = node_of(registry, node)
    assert (record.stake, record.unbonding) == (100 * DOLLAR, 50 * DOLLAR)


def test_everything_may_leave(registry, node):
    registry.unbond(150 * DOLLAR, {"from": node})

    record = node_of(registry, node)
    assert (record.stake, record.unbonding) == (0, 150 * DOLLAR)


def test_everything_may_leave_under_a_raised_minimum(registry, deployer, node):
    registry.setMinimumStake(500 * DOLLAR, {"from": deployer})

    with reverts_with("NodeRegistry_StakeTooSmall", 140 * DOLLAR, 500 * DOLLAR):
        registry.unbond(10 * DOLLAR, {"from": node})
    registry.unbond(150 * DOLLAR, {"from": node})

    assert node_of(registry, node).stake == 0


def test_the_clock_starts(registry, params, node):
    tx = registry.unbond(50 * DOLLAR, {"from": node})

    assert node_of(registry, node).unbonded_at == tx.timestamp + params.unbonding_period


def test_unbonding_again_adds_and_restarts_the_clock(registry, params, node):
    registry.unbond(20 * DOLLAR, {"from": node})
    chain.sleep(params.unbonding_period - 10)

    tx = registry.unbond(30 * DOLLAR, {"from": node})

    record = node_of(registry, node)
    assert record.unbonding == 50 * DOLLAR
    assert record.unbonded_at == tx.timestamp + params.unbonding_period


def test_the_money_stays_locked(registry, ledger, node):
    registry.unbond(150 * DOLLAR, {"from": node})

    assert ledger.lockedBy(registry) == 150 * DOLLAR
    assert ledger.balanceOf(node) == 0


def test_a_node_without_stake_can_start_to_leave(registry, deployer, alice):
    registry.setMinimumStake(0, {"from": deployer})
    registry.register(KEY, STORE, 0, {"from": alice})

    registry.unbond(0, {"from": alice})

    assert node_of(registry, alice).unbonded_at > 0


def test_it_emits_unbonding(registry, params, node):
    tx = registry.unbond(50 * DOLLAR, {"from": node})

    assert dict(tx.events["Unbonding"]) == {
        "operator": node,
        "amount": 50 * DOLLAR,
        "unbondedAt": tx.timestamp + params.unbonding_period,
    }
