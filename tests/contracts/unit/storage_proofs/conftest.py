"""Bob, Carol, Dave and Mallory have storing nodes with 500 staked; Bob's disk holds three replicas."""

import pytest
from nodes import node_of
from storing import Bytes, Store, next_round, seed_round, storage_world
from system import Params


@pytest.fixture(scope="module")
def params():
    return Params()


@pytest.fixture(scope="module")
def world(deployer, bob, carol, dave, mallory, params):
    return storage_world(deployer, (bob, carol, dave, mallory), params)


@pytest.fixture(scope="module")
def proofs(world):
    return world.storage_proofs


@pytest.fixture(scope="module")
def store(bob):
    return Store(bob, [Bytes.random(1, 5), Bytes.random(2, 9, 700), Bytes.random(3, 2)])


@pytest.fixture
def pledged(proofs, store, fn_isolation):
    """Bob's pledge, in the first round that asks for it."""
    store.pledge(proofs)
    next_round(proofs)
    return store


@pytest.fixture
def asked(proofs, pledged, erin):
    """The seed of a round that asks Bob."""
    return seed_round(proofs, erin)


@pytest.fixture
def answered(proofs, pledged, asked):
    """A round that Bob has answered."""
    pledged.answer(proofs)
    return int(proofs.currentRound())


@pytest.fixture(scope="module")
def bound(world):
    """How much stake of a node is bound."""
    return lambda who: node_of(world.node_registry, who).bound
