"""A Ledger whose modules are two plain accounts, so that a test can speak as a module."""

import pytest
from system import DOLLAR, contract, fund


@pytest.fixture(scope="session")
def desk(frank):
    """A module of the Ledger."""
    return frank


@pytest.fixture(scope="session")
def graph(grace):
    """Another module of the Ledger."""
    return grace


@pytest.fixture(scope="module")
def usd(deployer):
    return contract("MockUSD").deploy({"from": deployer})


@pytest.fixture(scope="module")
def ledger_over(deployer, desk, graph):
    """Deploys a Ledger that settles in the given token."""

    def deploy(token):
        return contract("Ledger").deploy(token, [desk, graph], {"from": deployer})

    return deploy


@pytest.fixture(scope="module")
def ledger(usd, ledger_over, alice, bob):
    """A Ledger; Alice has 100 in her account and 900 approved in her wallet, Bob the same."""
    made = ledger_over(usd)
    for person in (alice, bob):
        fund(usd, person, 1_000 * DOLLAR, made)
        made.deposit(person, 100 * DOLLAR, {"from": person})
    return made


@pytest.fixture(scope="module")
def hostile(deployer, ledger_over, alice, bob):
    """Deploys a hostile token and a Ledger over it in which Alice and Bob have funds like in `ledger`."""

    def deploy(name, *arguments):
        token = contract(name).deploy(*arguments, {"from": deployer})
        made = ledger_over(token)
        for person in (alice, bob):
            fund(token, person, 1_000 * DOLLAR, made)
        return token, made

    return deploy
