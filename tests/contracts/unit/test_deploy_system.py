"""The whole system is deployed with every contract where the others look for it."""

import pytest
from brownie import ZERO_ADDRESS


@pytest.mark.parametrize("module", ["license_desk", "key_exchange", "revenue_graph", "node_registry"])
def test_every_module_of_the_ledger_is_one_of_the_deployed_contracts(system, module):
    assert system.ledger.isModule(getattr(system, module))


def test_the_ledger_settles_in_the_given_token(system):
    assert system.ledger.token() == system.token


def test_nobody_else_is_a_module(system, deployer):
    assert not system.ledger.isModule(deployer)
    assert not system.ledger.isModule(ZERO_ADDRESS)
