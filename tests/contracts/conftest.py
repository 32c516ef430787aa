"""What every contract test starts from: people with money, and a chain put back after each test."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from types import SimpleNamespace

import hypothesis
import pytest
from brownie.network import contract as brownie_contract
from brownie.network import rpc as brownie_rpc
from immutable_code import matches_but_for_immutables
from system import deploy_system
from web3.exceptions import TransactionNotFound

_compare_exactly = brownie_contract._verify_deployed_code


def _compare_code(address: str, expected: str, language: str) -> bool:
    if _compare_exactly(address, expected, language):
        return True
    actual = bytes(brownie_contract.web3.eth.get_code(address))
    return language == "Solidity" and matches_but_for_immutables(actual, expected)


# Brownie forgets the source map of a contract whose code differs from the compiler's output, and every `immutable`
# makes it differ: coverage and source locations would be lost for whatever inherits EIP712.
brownie_contract._verify_deployed_code = _compare_code


class _OneFrame:
    """Answers `inspect.stack()[1].frame` without reading the source of every frame above, which costs 50 ms."""

    @staticmethod
    def stack() -> list[SimpleNamespace]:
        return [SimpleNamespace(frame=sys._getframe(depth)) for depth in (1, 2)]


brownie_rpc.inspect = _OneFrame


def _patient(find):
    """Ask again for a while: anvil raises an account's nonce a moment before it finds a transaction or its receipt.

    Brownie takes what it does not find then for a dropped transaction, and on a busy machine a test fails by it.
    """

    def found(tx_hash):
        for _ in range(100):
            with contextlib.suppress(TransactionNotFound):
                return find(tx_hash)
            time.sleep(0.02)
        return find(tx_hash)

    return found


brownie_contract.web3.eth.get_transaction = _patient(brownie_contract.web3.eth.get_transaction)
brownie_contract.web3.eth.get_transaction_receipt = _patient(brownie_contract.web3.eth.get_transaction_receipt)


def pytest_sessionstart() -> None:
    """Keep Brownie's profile, but do not fail a property because the machine is busy."""
    brownies = hypothesis.settings.get_profile(hypothesis.settings._current_profile)
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("contracts", parent=brownies, suppress_health_check=slow)
    hypothesis.settings.load_profile("contracts")


def pytest_collection_finish() -> None:
    """Brownie collects garbage at every snapshot and revert: spare it what is there for the whole run."""
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


@pytest.fixture(scope="module")
def system(deployer):
    """Every contract, freshly deployed with the default parameters and a MockUSD."""
    return deploy_system(deployer)
