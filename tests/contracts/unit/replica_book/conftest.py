"""Alice owns an asset; Bob and Carol may keep its replicas."""

import pytest
from assets import mint
from storing import CID, REPLICA
from system import deploy_system


@pytest.fixture(scope="module")
def world(deployer):
    return deploy_system(deployer)


@pytest.fixture(scope="module")
def book(world):
    return world.replica_book


@pytest.fixture(scope="module")
def asset(world, alice):
    return mint(world.asset_registry, alice, "kept")


@pytest.fixture
def listed(book, asset, alice):
    """Alice's replica of seven leaves."""
    book.list(asset, REPLICA, 7, CID, {"from": alice})
    return REPLICA
