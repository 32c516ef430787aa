"""CallDisputes.defend: the branches of defend.tree."""

from __future__ import annotations

from dataclasses import astuple, replace

from accused import DEFENCE
from brownie import chain as the_chain
from reverts import reverts_with
from system import next_block_at

from thenar.domain.reflex.accusations import class_of
from thenar.domain.work.disputes import Phase


def test_nobody_defends_what_is_not_accused(trial, accused, node):
    other = replace(accused, place=2)

    with reverts_with("CallDisputes_NotAccused", other.id):
        trial.disputes.defend(astuple(other), {"from": node})


def test_one_jury_is_called(trial, accused, node):
    trial.defend(node)

    with reverts_with("CallDisputes_NotAccused", accused.id):
        trial.disputes.defend(astuple(accused), {"from": node})


def test_nobody_defends_after_the_window(trial, accused, node):
    end = the_chain[-1].timestamp + DEFENCE
    next_block_at(end)

    with reverts_with("CallDisputes_TooLate", end):
        trial.disputes.defend(astuple(accused), {"from": node})


def test_a_jury_of_the_model_is_called_at_once(trial, accused, node):
    end = the_chain[-1].timestamp + DEFENCE
    next_block_at(end - 1)

    case = trial.defend(node)

    assert case.phase == Phase.DRAWING
    assert case.now["matter"] == 2
    assert bytes(case.opening[0]) == class_of(trial.served.asset) == bytes(trial.disputes.classOf(trial.served.model))
    assert bytes(case.opening[1]) == accused.id
    case.draw(node)
    assert len(case.panel) == 7


def test_neither_side_judges(trial, accused, node, carol):
    assert trial.defend(node).opening[6:] == (node, carol, carol)


def test_anybody_defends(trial, accused, dave):
    assert trial.defend(dave).phase == Phase.DRAWING


def test_it_emits_call_defended(trial, accused, node):
    tx = trial.disputes.defend(astuple(accused), {"from": node})

    assert dict(tx.events["CallDefended"]) == {"accusation": "0x" + accused.id.hex(), "dispute": 1}
    assert trial.disputes.caseOf(1) == ("0x" + accused.id.hex(), "0x" + trial.served.model.hex(), node)
