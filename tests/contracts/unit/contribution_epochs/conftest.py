"""Epochs before a court that rules as the test says: everybody has money in the account."""

import pytest
from epoch_town import EpochTown
from system import deploy_system


@pytest.fixture(scope="module")
def town(deployer, people):
    """Everything deployed, and epoch 1 runs."""
    town = EpochTown(deploy_system(deployer, court="RulingCourt"))
    town.enrich(*people)
    return town


@pytest.fixture(autouse=True)
def clock(town):
    """Time goes back with the chain after every test."""
    town.now = 0


@pytest.fixture(scope="module")
def epochs(town):
    """The ContributionEpochs."""
    return town.epochs


@pytest.fixture
def closed(town, alice):
    """Epoch 1 is closed."""
    return town.close(alice)


@pytest.fixture
def root(town, closed, bob, carol):
    """What is right: Bob is due 300, Carol 100."""
    return town.root({bob: 300, carol: 100})


@pytest.fixture
def proposal(town, root, alice):
    """Alice answers for it."""
    return town.propose(alice, root)
