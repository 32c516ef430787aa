"""A witness book over the whole system: alice asks, bob captured the hall first, wanda scanned it again."""

import pytest
from capture_town import Town
from system import DOLLAR, contract, deploy_system
from witnesses import paid, person, word_of


@pytest.fixture(scope="module")
def town(deployer, people):
    """Everything deployed, everybody with money."""
    town = Town(deploy_system(deployer))
    town.enrich(*people)
    return town


@pytest.fixture(autouse=True)
def clock(town):
    """Time goes back with the chain after every test."""
    town.now = 0


@pytest.fixture(scope="module")
def wanda(town):
    """A node with the role of a witness and twice the least stake."""
    return person(town, "wanda")


@pytest.fixture(scope="module")
def bounty(town, alice):
    """Halls and stairs in the area."""
    return town.post(alice, days=90, budget=10_000 * DOLLAR)


@pytest.fixture(scope="module")
def pair(town, bounty, bob, wanda):
    """Bob's capture and wanda's later scan, both paid."""
    return paid(town, bounty, bob, "hall"), paid(town, bounty, wanda, "hall again")


@pytest.fixture
def word(town, pair, wanda):
    """What wanda says of them."""
    return word_of(town, *pair, wanda)


@pytest.fixture
def book(town):
    return town.system.witness_book


@pytest.fixture(scope="module")
def doors(deployer):
    """The libraries' functions, callable on their own."""
    return contract("CoverageDoors").deploy({"from": deployer})
