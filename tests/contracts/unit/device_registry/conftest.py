"""A device registry, its EIP-712 domain and a few keys."""

import pytest
from devices import device_domain, device_key, register
from system import contract


@pytest.fixture(scope="module")
def registry(deployer):
    return contract("DeviceRegistry").deploy({"from": deployer})


@pytest.fixture(scope="module")
def where(registry, chain):
    return device_domain(chain.id, registry)


@pytest.fixture(scope="module")
def patch():
    return device_key("patch")


@pytest.fixture(scope="module")
def hand():
    return device_key("hand")


@pytest.fixture
def mounted(registry, where, alice, patch, hand):
    """A hand of Alice's with a skin patch on it."""
    register(registry, alice, hand, where)
    register(registry, alice, patch, where, parent=hand)
    return patch
