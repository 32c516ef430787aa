"""A capture of Alice's on sale, and Bob who buys it; every stage of that sale as a fixture."""

import pytest
from assets import MODEL
from sales import deliver, open_sale, put_on_sale, seeded
from system import deploy_system

PRICE = 1_000_000
SECRET = seeded("Bob's one-time secret")


@pytest.fixture(scope="module")
def exchange(system):
    return system.key_exchange


@pytest.fixture(scope="module")
def ledger(system):
    return system.ledger


@pytest.fixture(scope="module")
def ware(system, alice):
    """Alice's capture at a price, for a year."""
    return put_on_sale(system, alice, PRICE, "ware", duration=365 * 86_400)


@pytest.fixture(scope="module")
def gift(system, alice):
    """Alice's capture for nothing, without end."""
    return put_on_sale(system, alice, 0, "gift")


@pytest.fixture(scope="module")
def model(system, alice):
    """Alice's model: what it earns goes through the graph."""
    return put_on_sale(system, alice, PRICE, "model", MODEL)


@pytest.fixture(scope="module")
def free_model(system, alice):
    return put_on_sale(system, alice, 0, "free model", MODEL)


@pytest.fixture
def bonded(system, alice):
    """Alice's capture without end, with a bond of a tenth of its price."""
    return put_on_sale(system, alice, PRICE, "bonded", bond_bps=1_000)


@pytest.fixture
def pledged(system, bonded, bob):
    """Bob has paid for the bonded capture and laid down his bond."""
    return open_sale(system, bonded, bob, SECRET)


@pytest.fixture
def opened(system, ware, bob):
    """Bob has paid for Alice's capture."""
    return open_sale(system, ware, bob, SECRET)


@pytest.fixture
def delivered(system, ware, opened, alice):
    """Alice has delivered the right key."""
    return deliver(system, opened, ware.root_key, alice)


@pytest.fixture
def cheated(system, opened, alice):
    """Alice has delivered a wrong key."""
    return deliver(system, opened, bytes(32), alice)


@pytest.fixture(scope="module")
def shop(deployer, alice):
    """Deploys everything over another token with a capture of Alice's on sale: the system and the ware."""

    def open_shop(token, params=None):
        system = deploy_system(deployer, token, params)
        return system, put_on_sale(system, alice, PRICE, "ware")

    return open_shop
