"""A local chain for tests that need a real one; skipped, with the way out, where its program is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from thenar.adapters.chain.devnet import Devnet, find_anvil, open_devnet
from thenar.errors import BadConfig


@asynccontextmanager
async def local_chain(folder: Path, **options: Any) -> AsyncIterator[Devnet]:
    """A chain with the contracts deployed, as long as the context lasts."""
    try:
        find_anvil()
    except BadConfig as missing:
        pytest.skip(f"{missing.message}: {missing.next_step}")
    async with open_devnet(folder, **options) as net:
        yield net
