"""Settings every suite shares."""

from __future__ import annotations

import hypothesis
import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Judge properties by what they find, not by how busy the machine is. Brownie keeps a profile of its own."""
    if config.pluginmanager.is_blocked("pytest-brownie"):
        slow = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large]
        # Nothing here names a target: seeking the best of none takes as long as the whole search.
        phases = [phase for phase in hypothesis.Phase if phase is not hypothesis.Phase.target]
        hypothesis.settings.register_profile("thenar", deadline=None, suppress_health_check=slow, phases=phases)
        hypothesis.settings.load_profile("thenar")
