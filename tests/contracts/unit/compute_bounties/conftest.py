"""Bounties over the whole system: alice asks for work, bob, carol and dave do it."""

from __future__ import annotations

import pytest
from system import DOLLAR, as_sender, contract, deploy_system, fund
from yard import Yard


@pytest.fixture(scope="module")
def yard(deployer, alice, bob, carol, dave):
    made = Yard(deploy_system(deployer, court="RulingCourt"))
    made.hire(bob, carol, dave)
    fund(made.system.token, alice, 10_000 * DOLLAR, made.ledger)
    return made


@pytest.fixture(scope="module")
def bounties(yard):
    return yard.bounties


@pytest.fixture(scope="module")
def ledger(yard):
    return yard.ledger


@pytest.fixture(scope="module")
def claims(yard):
    """WorkClaims, as a sender."""
    return as_sender(yard.claims)


@pytest.fixture(scope="module")
def hostile(deployer, alice):
    """A system that settles in a hostile token; alice has 10,000 of it."""

    def open_with(token_name, *arguments):
        token = contract(token_name).deploy(*arguments, {"from": deployer})
        system = deploy_system(deployer, token, court="RulingCourt")
        fund(token, alice, 10_000 * DOLLAR, system.ledger)
        return Yard(system)

    return open_with
