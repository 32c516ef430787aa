"""An empty town for every test."""

from __future__ import annotations

import pytest
from town import open_town


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as opened:
        yield opened
