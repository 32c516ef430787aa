"""Every test has a chain of its own; a machine without anvil is told so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dev_key import DevKey
from local_chain import local_chain

from thenar.adapters.chain.devnet import Devnet


@pytest.fixture
def key() -> DevKey:
    return DevKey(4_711)


@pytest.fixture
async def devnet(tmp_path: Path, key: DevKey) -> AsyncIterator[Devnet]:
    async with local_chain(tmp_path / "chain", block_time=None, accounts=[key.account]) as running:
        yield running
