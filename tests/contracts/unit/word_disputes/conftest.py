"""Words before a court with sixteen jurors: bob captured the hall, wanda says she saw it again, carol accuses."""

import pytest
from capture_town import SEMI_PUBLIC, Town
from false_words import counted
from system import DOLLAR, deploy_system


def town_with(deployer, people, jurors):
    """Everything deployed, everybody with money, so many jurors."""
    town = Town(deploy_system(deployer))
    town.enrich(*people)
    town.seat(jurors)
    return town


@pytest.fixture(scope="module")
def town(deployer, people):
    return town_with(deployer, people, 16)


@pytest.fixture(scope="module")
def empty_town(deployer, people):
    """The same where nobody judges."""
    return town_with(deployer, people, 0)


@pytest.fixture(autouse=True)
def clock(town, empty_town):
    """Time goes back with the chain after every test."""
    town.now = empty_town.now = 0


@pytest.fixture(scope="module")
def bounty(town, alice):
    """Halls that lie open, in the area."""
    return town.post(alice, days=90, budget=10_000 * DOLLAR, place_class=SEMI_PUBLIC)


@pytest.fixture(scope="module")
def said(town, bounty, bob):
    """Wanda's word about Bob's capture, counted, and wanda."""
    return counted(town, bounty, bob, "wanda")


@pytest.fixture(scope="module")
def word(said):
    return said[0]


@pytest.fixture(scope="module")
def wanda(said):
    return said[1]


@pytest.fixture(scope="module")
def book(town):
    return town.system.witness_book


@pytest.fixture(scope="module")
def disputes(town):
    return town.system.word_disputes
