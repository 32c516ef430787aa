"""Assets that earn: a model derived from two captures, and people who pay."""

import pytest
from assets import CAPTURE, MODEL, mint
from payouts import REF
from system import deploy_system, fund

RICH = 10**15


@pytest.fixture(scope="module")
def graph(system):
    return system.revenue_graph


@pytest.fixture(scope="module")
def court(system):
    return system.omission_court


@pytest.fixture(scope="module")
def token(system):
    return system.token


@pytest.fixture(scope="module")
def ledger(system):
    return system.ledger


@pytest.fixture(scope="module")
def registry(system):
    return system.asset_registry


@pytest.fixture(scope="module")
def scan(registry, alice):
    """Alice's capture, older than the model."""
    return mint(registry, alice, "scan", CAPTURE)


@pytest.fixture(scope="module")
def touch(registry, bob, scan):
    """Bob's capture, older than the model."""
    return mint(registry, bob, "touch", CAPTURE)


@pytest.fixture(scope="module")
def model(registry, carol, touch):
    """Carol's model."""
    return mint(registry, carol, "model", MODEL)


@pytest.fixture(scope="module")
def late(registry, dave, model):
    """Dave's capture, younger than the model."""
    return mint(registry, dave, "late", CAPTURE)


@pytest.fixture(scope="module")
def payer(system, erin):
    fund(system.token, erin, RICH, system.ledger)
    return erin


@pytest.fixture(scope="module")
def pay(graph, payer):
    """Pay an asset from the payer's wallet."""

    def pay_(asset, amount, ref=REF):
        return graph.pay(asset, amount, ref, {"from": payer})

    return pay_


@pytest.fixture(scope="module")
def paid_with(deployer, erin):
    """Deploy everything over another token and hold money ready: returns the token and the system."""

    def deploy(token):
        system = deploy_system(deployer, token)
        fund(token, erin, RICH, system.ledger)
        return system

    return deploy
