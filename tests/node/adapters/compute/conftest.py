"""One Ray cluster of this machine for all tests of a fleet: starting one takes seconds."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from thenar.adapters.compute import fleet


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Ray, connected."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed; scripts/install_ray.sh brings it")
    ray = fleet._connected(fleet.LOCAL)
    yield ray
    ray.shutdown()
