"""What every contract test starts from: people with money, and a chain put back after each test."""

from __future__ import annotations

import gc

import brisk_brownie
import brisk_coverage
import hypothesis
import pytest
from system import deploy_system

brisk_brownie.install()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Keep Brownie's profile, but do not fail a property because the machine is busy, and search less when traced."""
    brownies = hypothesis.settings.get_profile(hypothesis.settings._current_profile)
    slow = [hypothesis.HealthCheck.too_slow]
    traced = session.config.getoption("coverage", False)
    examples = 3 if traced else brownies.max_examples
    phases = [phase for phase in brownies.phases if phase is not hypothesis.Phase.target]
    hypothesis.settings.register_profile(
        "contracts", parent=brownies, max_examples=examples, suppress_health_check=slow, phases=phases
    )
    hypothesis.settings.load_profile("contracts")
    if traced:
        brisk_coverage.install()


def pytest_collection_finish() -> None:
    """Spare the collector what is there for the whole run."""
    gc.collect()
    gc.freeze()


PEOPLE = ("deployer", "alice", "bob", "carol", "dave", "erin", "frank", "grace", "judge", "mallory")


def _person(index: int, name: str):
    @pytest.fixture(scope="session", name=name)
    def person(accounts):
        return accounts[index]

    return person


for _index, _name in enumerate(PEOPLE):
    globals()[_name] = _person(_index, _name)


@pytest.fixture(scope="session")
def people(accounts):
    """All named accounts in order."""
    return [accounts[index] for index in range(len(PEOPLE))]


@pytest.fixture(autouse=True)
def isolation(fn_isolation):
    """Undo every test's transactions; a module fixture deployed before it is kept."""
    brisk_coverage.views_are_calls()


@pytest.fixture(scope="module")
def system(deployer):
    """Every contract, freshly deployed with the default parameters and a MockUSD."""
    return deploy_system(deployer)
