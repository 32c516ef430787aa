"""The reflex desk over the whole system: bob's node answers with alice's model, carol's robot asks."""

from __future__ import annotations

import pytest
from brownie import chain as the_chain
from eth_account import Account
from eth_utils import keccak
from reflexes import DEPOSIT, NODE_KEY, PRICE, ROBOT, open_service
from system import contract


@pytest.fixture(scope="module")
def world(deployer, people):
    return open_service(deployer, people)


@pytest.fixture(scope="module")
def made(world):
    """Every contract."""
    return world[0]


@pytest.fixture(scope="module")
def served(world):
    """The service."""
    return world[1]


@pytest.fixture(scope="module")
def terms(world):
    """Terms of the model."""
    return world[2]


@pytest.fixture(scope="module")
def desk(made):
    return made.reflex_desk


@pytest.fixture(scope="module")
def node(served):
    """Whoever runs the node."""
    return served.node


@pytest.fixture(scope="module")
def model(served):
    return served.model


@pytest.fixture
def until():
    """A good end of a channel: an hour and a half from now."""
    return the_chain[-1].timestamp + 5_400


@pytest.fixture
def opened(desk, served, carol, until):
    """Channel 1, of carol's."""
    desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, until, {"from": carol})
    return 1


@pytest.fixture(scope="module")
def hostile(deployer, people):
    """A system that settles in a hostile token, with a service that runs."""
    return lambda name, *arguments: open_service(
        deployer, people, contract(name).deploy(*arguments, {"from": deployer})
    )[:2]


@pytest.fixture(scope="module")
def node_key():
    return NODE_KEY


@pytest.fixture(scope="module")
def other_key():
    return Account.from_key(keccak(text="somebody else")).key
