"""A local chain with the contracts."""

from __future__ import annotations

import pytest
from local_chain import local_chain

from thenar.adapters.chain.blueprint import Parameters


@pytest.fixture
def dispute_window():
    """Seconds; a test in which somebody disputes takes more."""
    return 2


@pytest.fixture
async def devnet(tmp_path, dispute_window):
    parameters = Parameters(dispute_window=dispute_window, minimum_stake=100)
    async with local_chain(tmp_path / "chain", block_time=0.2, parameters=parameters) as net:
        yield net
