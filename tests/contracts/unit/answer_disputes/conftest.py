"""Answers before a court with sixteen jurors: bob answered, mallory answers with copies, carol challenges."""

import pytest
from capture_town import Town
from system import deploy_system


@pytest.fixture(scope="module")
def town(deployer, people):
    """Everything deployed, everybody with money in the wallet and in the account, jurors seated."""
    town = Town(deploy_system(deployer))
    town.enrich(*people)
    town.seat(16)
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
def honest(town, bounty, bob):
    """Bob's answer."""
    return town.answer(bounty, bob, "hall")


@pytest.fixture
def copy(town, bounty, honest, mallory):
    """Mallory's answer with a copy of Bob's asset."""
    return town.answer(bounty, mallory, "hall, turned and mirrored")
