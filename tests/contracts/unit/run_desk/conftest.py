"""The run desk over the whole system: bob and carol may compute over alice's capture, dave may not."""

from __future__ import annotations

import pytest
from runs import housed
from system import contract


@pytest.fixture(scope="module")
def home(deployer, alice, bob, carol):
    """Alice's capture with an approved program."""
    return housed(deployer, alice, [bob, carol])


@pytest.fixture(scope="module")
def desk(home):
    return home.desk


@pytest.fixture(scope="module")
def ledger(home):
    return home.system.ledger


@pytest.fixture
def ordered(home, bob):
    """Run 1, of bob's."""
    home.order(bob)
    return 1


@pytest.fixture
def delivered(home, ordered, bob):
    """Run 1, delivered."""
    home.deliver(ordered, bob)
    return ordered


@pytest.fixture(scope="module")
def hostile(deployer, alice, bob):
    """A system that settles in a hostile token."""
    return lambda name, *arguments: housed(
        deployer, alice, [bob], contract(name).deploy(*arguments, {"from": deployer})
    )
