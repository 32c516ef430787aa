"""One Ray cluster and one hand for all tests of a fleet: starting the one takes seconds, the other runs every probe."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from thenar.adapters.compute import fleet
from thenar.adapters.compute.fleet import Fleet


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Ray, connected."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed; scripts/install_ray.sh brings it")
    # Ray lets everything else come first: beside other tests a hand would wait for minutes.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112  Ray spells it so
    ray = fleet._connected(fleet.LOCAL)
    yield ray
    ray.shutdown()


@pytest.fixture(scope="session")
def lent(cluster: Any) -> Callable[[Fleet], AbstractAsyncContextManager[Fleet]]:
    """Opens a fleet with the hand that rests between tests, and keeps one of those that rest in the end."""
    resting: list[tuple[bytes, Any]] = []

    @asynccontextmanager
    async def opened(executor: Fleet) -> AsyncIterator[Fleet]:
        executor._resting += resting
        resting.clear()
        try:
            yield executor
        finally:
            resting.extend(executor._resting[:1])
            del executor._resting[:1]
            await executor.aclose()

    return opened
