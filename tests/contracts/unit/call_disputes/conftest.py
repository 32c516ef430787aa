"""A node that answers with alice's model, before sixteen jurors who hold it: carol's robot asked, carol accuses."""

from __future__ import annotations

import pytest
from accused import BOND, Trial
from brownie import chain as the_chain
from reflexes import DEPOSIT, NODE_KEY, PRICE, ROBOT, open_service
from system import DOLLAR


def on_trial(deployer, people, jurors):
    """A service, carol's channel to it, money for accusations, and so many jurors."""
    system, served, _ = open_service(deployer, people)
    for person in people:
        system.ledger.deposit(person, 200 * DOLLAR, {"from": person})
    carol = people[3]
    until = the_chain[-1].timestamp + 20 * 86_400
    system.reflex_desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, until, {"from": carol})
    trial = Trial(system, served, NODE_KEY, 1)
    trial.seat(jurors)
    return trial


@pytest.fixture(scope="module")
def trial(deployer, people):
    return on_trial(deployer, people, 16)


@pytest.fixture(scope="module")
def empty_trial(deployer, people):
    """The same where nobody judges."""
    return on_trial(deployer, people, 0)


@pytest.fixture(scope="module")
def node(trial):
    """Whoever runs the node."""
    return trial.served.node


@pytest.fixture
def accused(trial, carol):
    """Carol's accusation."""
    trial.accuse(carol)
    assert trial.ledger.lockedBy(trial.disputes) == BOND
    return trial.charge()
