"""The stage of the attack book: one town, its assets, and Mallory."""

import pytest
from assets import MODEL, mint
from system import fund


@pytest.fixture(scope="module")
def graph(system, erin):
    """The revenue graph, with Erin ready to pay."""
    fund(system.token, erin, 10**15, system.ledger)
    return system.revenue_graph


@pytest.fixture(scope="module")
def model(system, graph, carol):
    """Carol's model."""
    return mint(system.asset_registry, carol, "model", MODEL)
