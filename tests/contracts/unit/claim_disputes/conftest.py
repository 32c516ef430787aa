"""Disputes over the whole system with a court that rules as it is told: alice asks, bob works, the others audit."""

from __future__ import annotations

import pytest
from system import DOLLAR, deploy_system, fund
from told_on_a_chain import account_for
from yard import Yard


@pytest.fixture(scope="module")
def yard(deployer, alice, bob, carol, dave, erin, frank, grace):
    made = Yard(deploy_system(deployer, court="RulingCourt"))
    made.hire(bob, carol, dave, erin, frank)
    for person in (alice, grace):
        fund(made.system.token, person, 10_000 * DOLLAR, made.ledger)
    made.ledger.deposit(grace, 500 * DOLLAR, {"from": grace})
    return made


@pytest.fixture(autouse=True)
def accounted(yard):
    """Whatever a test paid to whom, a statement tells why."""
    yield
    account_for(yard.system)


@pytest.fixture(scope="module")
def disputes(yard):
    return yard.disputes


@pytest.fixture(scope="module")
def ledger(yard):
    return yard.ledger


@pytest.fixture(scope="module")
def bounty(yard, alice):
    return yard.post(alice)


@pytest.fixture(scope="module")
def rule(yard, judge):
    """Let the court rule: whose trace is right, and whether a jury said so."""

    def ruled(dispute, ruling, judged=True):
        return yard.system.segment_court.rule(yard.disputes, dispute, ruling, judged, {"from": judge})

    return ruled


@pytest.fixture
def work(yard, bounty, bob):
    """Bob's claim to four units, right in all, shown and audited."""
    return yard.to_revealed(bounty, bob)


@pytest.fixture
def lie(yard, bounty, bob):
    """Bob's claim with a lie at place 2, shown, and audited truly."""
    return yard.to_revealed(bounty, bob, lies=[2])
