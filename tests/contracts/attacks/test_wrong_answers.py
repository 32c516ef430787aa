"""Nobody is convicted of an answer he did not give, nobody shields himself by accusing himself, and no copy pays.

Precedents: fraud proofs whose reward went to whoever copied them from the mempool, and defendants who kept a real
challenger out by challenging themselves first.
"""

from __future__ import annotations

import struct

import pytest
from accused import BOND, CLAIM, OBSERVED, OTHER, PLACE, RIGHT, SAID, Trial
from brownie import chain
from reflexes import DEPOSIT, NODE_KEY, PRICE, ROBOT, STAKE, lower, open_service
from reverts import reverts_with
from system import DOLLAR, next_block_at

from thenar.domain.reflex.vouchers import Desk

NONSENSE = struct.pack("<f", 9.0)


@pytest.fixture(scope="module")
def trial(deployer, people):
    """Carol's channel is 1; dave is the node's accomplice, and his is 2."""
    system, served, _ = open_service(deployer, people)
    until = chain[-1].timestamp + 20 * 86_400
    for person in (people[3], people[4], people[9]):
        system.ledger.deposit(person, 200 * DOLLAR, {"from": person})
    for person in (people[3], people[4]):
        system.reflex_desk.open(served.node, served.model, ROBOT.address, DEPOSIT, PRICE, until, {"from": person})
    made = Trial(system, served, NODE_KEY, 1)
    made.seat(9)
    return made


def test_who_copies_an_accusation_gains_nothing(trial, carol, mallory):
    with reverts_with("CallDisputes_NotClient", carol, mallory):
        trial.accuse(mallory)


def test_an_accomplice_who_loses_first_shields_nothing(trial, carol, dave, frank):
    """He accuses of nonsense and is found against; the true accusation still takes the whole stake."""
    trial.accuse(dave, charged=NONSENSE, channel=2)
    shield = trial.defend(frank, trial.charge(charged=NONSENSE))
    trial.accuse(carol)
    true = trial.defend(frank)
    shield.judge(frank, [CLAIM] * 7)
    shield.close(frank)
    true.judge(frank, [OTHER] * 7)

    tx = true.close(frank)

    assert tx.events["CallJudged"]["toWinner"] == STAKE // 2


def test_who_accuses_himself_loses_half_at_least(trial, dave):
    held = trial.ledger.balanceOf(dave)
    trial.accuse(dave, channel=2)
    trial.pass_window()
    trial.condemn(dave)

    assert trial.ledger.balanceOf(dave) == held + STAKE // 2


def test_the_stake_of_a_retired_node_is_not_gone_before_the_trial(trial, carol, frank):
    node, model = trial.served.node, trial.served.model
    trial.desk.retire(model, {"from": node})
    leaves_at = trial.desk.serviceOf(node, model)[3]
    next_block_at(leaves_at - 1)
    trial.accuse(carol)
    case = trial.defend(frank)
    next_block_at(leaves_at)
    with reverts_with("ReflexDesk_StillBound", trial.desk.serviceOf(node, model)[3]):
        trial.desk.endService(node, model, {"from": node})

    case.judge(frank, [OTHER] * 7)
    tx = case.close(frank)

    assert tx.events["CallJudged"]["toWinner"] == STAKE // 2


@pytest.mark.parametrize("where", ["another chain", "another contract"])
def test_an_answer_signed_elsewhere_accuses_nobody(trial, carol, where):
    other = Desk(chain.id + (where == "another chain"), lower(trial.ledger))
    shown = trial.shown(desk=other)

    with reverts_with("ReflexDesk_BadSignature", trial.served.node):
        trial.disputes.accuse(shown, OBSERVED, SAID, PLACE, RIGHT, {"from": carol})


def test_a_contradiction_proven_meanwhile_leaves_the_accuser_whole(trial, carol, mallory, frank):
    trial.accuse(carol)
    case = trial.defend(frank)
    answers = [trial.served.shown(NODE_KEY, [(b"same", said)], 0) for said in (b"left", b"right")]
    trial.desk.proveContradiction(*answers, {"from": mallory})
    held = trial.ledger.balanceOf(carol)
    case.judge(frank, [OTHER] * 7)

    case.close(frank)

    assert trial.ledger.balanceOf(carol) == held + BOND
    assert trial.ledger.lockedBy(trial.disputes) == 0
