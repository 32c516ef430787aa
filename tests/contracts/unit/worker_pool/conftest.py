"""A worker pool over the whole system: bob, carol and dave have nodes with 2,000 staked, and nobody has a seat yet."""

from __future__ import annotations

import pytest
from nodes import KEY
from system import DOLLAR, as_sender, deploy_system, fund
from yard import WORKER_ROLES

STAKED = 2_000 * DOLLAR


@pytest.fixture(scope="module")
def world(deployer, bob, carol, dave):
    system = deploy_system(deployer, court="RulingCourt")
    for person in (bob, carol, dave):
        fund(system.token, person, STAKED, system.ledger)
        system.node_registry.register(KEY, WORKER_ROLES, STAKED, {"from": person})
    return system


@pytest.fixture(scope="module")
def pool(world):
    return world.worker_pool


@pytest.fixture(scope="module")
def nodes(world):
    return world.node_registry


@pytest.fixture(scope="module")
def claims(world):
    """A judge, as a sender."""
    return as_sender(world.work_claims)
