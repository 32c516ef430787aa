"""Capture bounties over the whole system: alice asks, bob and carol answer, judge stands for nobody in particular."""

import pytest
from capture_town import Town
from system import DOLLAR, contract, deploy_system, fund


@pytest.fixture(scope="module")
def town(deployer, people):
    """Everything deployed, everybody with money in the wallet and in the account."""
    town = Town(deploy_system(deployer))
    town.enrich(*people)
    return town


@pytest.fixture(autouse=True)
def clock(town):
    """Time goes back with the chain after every test."""
    town.now = 0


@pytest.fixture
def bounty(town, alice):
    """Halls and stairs in the area, two good scans a cell, 100 a scan."""
    return town.post(alice)


@pytest.fixture
def committed(town, bounty, bob):
    """Bob's answer, not shown yet."""
    return town.commit(bounty, bob, town.show(bob, "hall"))


@pytest.fixture
def revealed(town, committed, bob):
    """Bob's answer, shown."""
    town.reveal(committed, bob)
    return committed


@pytest.fixture(scope="module")
def hostile(deployer, people):
    """A town that settles in a hostile token."""

    def open_with(token_name, *arguments):
        token = contract(token_name).deploy(*arguments, {"from": deployer})
        system = deploy_system(deployer, token)
        for person in people:
            fund(token, person, 100_000 * DOLLAR, system.ledger)
        return Town(system)

    return open_with
