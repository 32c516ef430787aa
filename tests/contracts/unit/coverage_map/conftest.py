"""A coverage map that judge writes to in the place of the bounties."""

import pytest
from brownie import chain
from system import contract, next_block_at


@pytest.fixture(scope="module")
def coverage_map(judge):
    return contract("CoverageMap").deploy(judge, {"from": judge})


@pytest.fixture
def later():
    """Let the next transaction be mined so many seconds after the last block; return that time."""

    def later_(seconds):
        time = chain[-1].timestamp + seconds
        next_block_at(time)
        return time

    return later_
