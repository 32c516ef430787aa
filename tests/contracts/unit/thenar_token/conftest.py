"""A token whose minter is an account of the test."""

import pytest
from system import contract

CAP = 1_000


@pytest.fixture(scope="module")
def token(deployer, judge):
    """Judge mints, and 1,000 at most."""
    return contract("ThenarToken").deploy(judge, CAP, {"from": deployer})
