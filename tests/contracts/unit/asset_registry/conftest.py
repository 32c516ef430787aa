"""A registry with two known terms, and a device with a key of its own."""

from __future__ import annotations

import pytest
from assets import EVAL, TRAIN, domain, write_terms
from brownie import accounts
from eth_account import Account


@pytest.fixture(scope="module")
def book(system):
    return system.terms_book


@pytest.fixture(scope="module")
def covenants(system, web3):
    """The covenants' address, which may send."""
    web3.provider.make_request("anvil_impersonateAccount", [str(system.covenants)])
    web3.provider.make_request("anvil_setBalance", [str(system.covenants), hex(10**18)])
    return accounts.at(str(system.covenants), force=True)


@pytest.fixture(scope="module")
def registry(system):
    return system.asset_registry


@pytest.fixture(scope="module")
def train(book, alice):
    return write_terms(book, alice, purposes=TRAIN)


@pytest.fixture(scope="module")
def evaluate(book, alice, train):
    return write_terms(book, alice, purposes=EVAL)


@pytest.fixture(scope="module")
def device():
    """A capturing device's key."""
    return Account.from_key("0x" + "d1" * 32)


@pytest.fixture(scope="module")
def author():
    """An author who signs and never sends a transaction."""
    return Account.from_key("0x" + "a1" * 32)


@pytest.fixture(scope="module")
def here(registry, chain):
    """The registry's EIP-712 domain."""
    return domain(chain.id, registry)
