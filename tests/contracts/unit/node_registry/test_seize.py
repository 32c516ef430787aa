"""NodeRegistry.seize: the branches of seize.tree."""

import pytest
from brownie import chain
from nodes import NodeRecord, node_of
from reverts import reverts_with
from system import DOLLAR, as_sender


@pytest.fixture(scope="module")
def pool(house):
    return as_sender(house.worker_pool)


@pytest.fixture
def bound(registry, pool, node):
    """Alice's node, 100 of whose 150 are bound."""
    registry.bind(node, 100 * DOLLAR, pool)
    return node


def test_a_stranger_seizes_nothing(registry, bound, bob):
    with reverts_with("NodeRegistry_NotBinder", bob):
        registry.seize(bound, 1, {"from": bob})


def test_free_stake_is_not_seized(registry, pool, bound):
    with reverts_with("NodeRegistry_NotEnough", 100 * DOLLAR, 100 * DOLLAR + 1):
        registry.seize(bound, 100 * DOLLAR + 1, pool)


def test_the_money_is_the_seizers(registry, house, ledger, pool, bound):
    registry.seize(bound, 60 * DOLLAR, pool)

    record = node_of(registry, bound)
    assert (record.stake, record.bound) == (90 * DOLLAR, 40 * DOLLAR)
    assert ledger.lockedBy(house.worker_pool) == 60 * DOLLAR
    assert ledger.lockedBy(registry) == 90 * DOLLAR


def test_who_lost_all_stake_can_still_leave_with_what_was_leaving(registry, params, pool, node):
    registry.unbond(50 * DOLLAR, {"from": node})
    registry.bind(node, 100 * DOLLAR, pool)
    registry.seize(node, 100 * DOLLAR, pool)
    chain.sleep(params.unbonding_period + 1)

    registry.withdrawStake({"from": node})

    assert node_of(registry, node) == NodeRecord()


def test_it_emits_stake_seized(registry, house, pool, bound):
    tx = registry.seize(bound, 60 * DOLLAR, pool)

    assert dict(tx.events["StakeSeized"]) == {
        "operator": bound,
        "binder": house.worker_pool,
        "amount": 60 * DOLLAR,
        "stake": 90 * DOLLAR,
        "bound": 40 * DOLLAR,
    }
