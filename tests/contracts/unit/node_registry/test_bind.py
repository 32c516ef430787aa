"""NodeRegistry.bind: the branches of bind.tree."""

import pytest
from nodes import KEY, STORE, node_of
from reverts import reverts_with
from system import DOLLAR, as_sender


@pytest.fixture(scope="module")
def pool(house):
    """One of the contracts that may bind stake, as a sender."""
    return as_sender(house.worker_pool)


def test_a_stranger_binds_nobodys_stake(registry, node, bob):
    with reverts_with("NodeRegistry_NotBinder", bob):
        registry.bind(node, 1, {"from": bob})


def test_who_has_no_node_has_nothing_to_bind(registry, pool, bob):
    with reverts_with("NodeRegistry_NotRegistered", bob):
        registry.bind(bob, 0, pool)


def test_more_than_is_free_is_not_bound(registry, pool, node):
    registry.bind(node, 100 * DOLLAR, pool)

    with reverts_with("NodeRegistry_Bound", 50 * DOLLAR, 50 * DOLLAR + 1):
        registry.bind(node, 50 * DOLLAR + 1, pool)


def test_stake_that_leaves_is_not_bound(registry, pool, node):
    registry.unbond(50 * DOLLAR, {"from": node})

    with reverts_with("NodeRegistry_Bound", 100 * DOLLAR, 100 * DOLLAR + 1):
        registry.bind(node, 100 * DOLLAR + 1, pool)


def test_bound_stake_does_not_leave(registry, pool, node):
    registry.bind(node, 100 * DOLLAR, pool)

    with reverts_with("NodeRegistry_Bound", 50 * DOLLAR, 150 * DOLLAR):
        registry.unbond(150 * DOLLAR, {"from": node})
    registry.unbond(50 * DOLLAR, {"from": node})


def test_two_contracts_bind_side_by_side(registry, house, pool, node):
    registry.bind(node, 30 * DOLLAR, pool)

    registry.bind(node, 50 * DOLLAR, as_sender(house.work_claims))

    assert node_of(registry, node).bound == 80 * DOLLAR


def test_registering_again_keeps_what_is_bound(registry, pool, node):
    registry.bind(node, 30 * DOLLAR, pool)

    registry.register(KEY, STORE, 0, {"from": node})

    assert node_of(registry, node).bound == 30 * DOLLAR


def test_it_emits_stake_bound(registry, house, pool, node):
    registry.bind(node, 30 * DOLLAR, pool)

    tx = registry.bind(node, 20 * DOLLAR, pool)

    expected = {"operator": node, "binder": house.worker_pool, "amount": 20 * DOLLAR, "bound": 50 * DOLLAR}
    assert dict(tx.events["StakeBound"]) == expected
