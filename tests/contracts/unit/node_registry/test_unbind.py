"""NodeRegistry.unbind: the branches of unbind.tree."""

import pytest
from nodes import node_of
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


def test_a_stranger_frees_nothing(registry, bound):
    with reverts_with("NodeRegistry_NotBinder", bound):
        registry.unbind(bound, 1, {"from": bound})


def test_more_than_is_bound_is_not_freed(registry, pool, bound):
    with reverts_with("NodeRegistry_NotEnough", 100 * DOLLAR, 100 * DOLLAR + 1):
        registry.unbind(bound, 100 * DOLLAR + 1, pool)


def test_freed_stake_can_leave(registry, pool, bound):
    registry.unbind(bound, 100 * DOLLAR, pool)

    registry.unbond(150 * DOLLAR, {"from": bound})

    assert (node_of(registry, bound).stake, node_of(registry, bound).bound) == (0, 0)


def test_it_emits_stake_unbound(registry, house, pool, bound):
    tx = registry.unbind(bound, 40 * DOLLAR, pool)

    expected = {"operator": bound, "binder": house.worker_pool, "amount": 40 * DOLLAR, "bound": 60 * DOLLAR}
    assert dict(tx.events["StakeUnbound"]) == expected
