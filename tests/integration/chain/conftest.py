"""Every test has a chain of its own; a machine without anvil is told so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dev_key import DevKey

from thenar.adapters.chain.devnet import Devnet, find_anvil, open_devnet
from thenar.errors import BadConfig


@pytest.fixture
def key() -> DevKey:
    return DevKey(4_711)


@pytest.fixture
async def devnet(tmp_path: Path, key: DevKey) -> AsyncIterator[Devnet]:
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    async with open_devnet(tmp_path / "chain", block_time=None, accounts=[key.account]) as running:
        yield running
