"""Claims over the whole system: alice asks for work, bob does it, and carol, dave, erin and frank can audit."""

from __future__ import annotations

import pytest
from system import DOLLAR, as_sender, deploy_system, fund
from told_on_a_chain import account_for
from yard import Yard


@pytest.fixture(scope="module")
def yard(deployer, alice, bob, carol, dave, erin, frank):
    made = Yard(deploy_system(deployer, court="RulingCourt"))
    made.hire(bob, carol, dave, erin, frank)
    fund(made.system.token, alice, 10_000 * DOLLAR, made.ledger)
    return made


@pytest.fixture(autouse=True)
def accounted(yard):
    """Whatever a test paid to whom, a statement tells why."""
    yield
    account_for(yard.system)


@pytest.fixture(scope="module")
def claims(yard):
    return yard.claims


@pytest.fixture(scope="module")
def ledger(yard):
    return yard.ledger


@pytest.fixture(scope="module")
def bounty(yard, alice):
    """Eight units at one dollar, 4.00 staked for each; in probation all are audited at 1.10."""
    return yard.post(alice)


@pytest.fixture(scope="module")
def disputes(yard):
    """ClaimDisputes, as a sender."""
    return as_sender(yard.disputes)
