"""A node registry over a Ledger, with operators who have money in their wallets."""

import pytest
from nodes import KEY, STORE
from system import DOLLAR, Params, contract, deploy_system, fund


@pytest.fixture(scope="module")
def params():
    return Params(minimum_stake=100 * DOLLAR, unbonding_period=7 * 86_400)


@pytest.fixture(scope="module")
def staked(deployer, params, alice, bob):
    """Deploys a system over a token; Alice and Bob have 1,000 approved in their wallets."""

    def deploy(name="MockUSD", *arguments):
        token = contract(name).deploy(*arguments, {"from": deployer})
        system = deploy_system(deployer, token, params)
        for person in (alice, bob):
            fund(token, person, 1_000 * DOLLAR, system.ledger)
        return system

    return deploy


@pytest.fixture(scope="module")
def house(staked):
    """The system over an honest token."""
    return staked()


@pytest.fixture(scope="module")
def registry(house):
    return house.node_registry


@pytest.fixture(scope="module")
def ledger(house):
    return house.ledger


@pytest.fixture(scope="module")
def usd(house):
    return house.token


@pytest.fixture
def node(registry, alice):
    """Alice's node with 150 staked."""
    registry.register(KEY, STORE, 150 * DOLLAR, {"from": alice})
    return alice
