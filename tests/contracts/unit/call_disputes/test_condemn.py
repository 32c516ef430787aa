"""CallDisputes.condemn: the branches of condemn.tree."""

from __future__ import annotations

from dataclasses import replace

from accused import BOND, BURNT, DEFENCE
from brownie import chain as the_chain
from nodes import node_of
from reflexes import LATENCY, PRICE, SHARE, STAKE
from reverts import reverts_with
from system import DOLLAR, next_block_at

from thenar.domain.work.disputes import Ruling


def test_nobody_is_condemned_unaccused(trial, accused, carol):
    other = replace(accused, place=2)

    with reverts_with("CallDisputes_NotAccused", other.id):
        trial.condemn(carol, other)


def test_who_called_a_jury_is_not_condemned(trial, accused, node, carol):
    trial.defend(node)
    trial.pass_window()

    with reverts_with("CallDisputes_NotAccused", accused.id):
        trial.condemn(carol)


def test_nobody_is_condemned_within_the_window(trial, accused, carol):
    end = the_chain[-1].timestamp + DEFENCE
    next_block_at(end - 1)

    with reverts_with("CallDisputes_TooEarly", end):
        trial.condemn(carol)


def test_half_the_stake_is_the_accusers(trial, accused, node, carol, dave):
    before = node_of(trial.system.node_registry, node)
    trial.pass_window()
    trial.condemn(dave)
    after = node_of(trial.system.node_registry, node)

    assert (before.stake - after.stake, before.bound - after.bound) == (STAKE, STAKE)
    assert trial.balances(carol, BURNT) == [200 * DOLLAR + STAKE // 2, STAKE - STAKE // 2]
    assert trial.ledger.lockedBy(trial.disputes) == trial.ledger.balanceOf(trial.disputes) == 0
    assert trial.disputes.accusationOf(accused.id) == ("0x" + "00" * 20, 0)


def test_a_condemned_node_never_serves_the_model_again(trial, accused, node, carol):
    trial.pass_window()
    trial.condemn(carol)

    with reverts_with("ReflexDesk_Runs", node, trial.served.model):
        trial.desk.serve(trial.served.model, PRICE, SHARE, STAKE, LATENCY, {"from": node})


def test_a_second_accusation_brings_its_bond_home(trial, accused, carol):
    trial.accuse(carol, place=2)
    trial.pass_window()
    trial.condemn(carol)
    held = trial.ledger.balanceOf(carol)

    tx = trial.condemn(carol, trial.charge(place=2))

    assert trial.ledger.balanceOf(carol) == held + BOND
    assert (tx.events["CallJudged"]["toWinner"], tx.events["CallJudged"]["burnt"]) == (0, 0)


def test_it_emits_call_judged_without_a_jury(trial, accused, node, carol):
    trial.pass_window()

    event = trial.condemn(carol).events["CallJudged"]

    assert (event["accusation"], event["dispute"], event["node"]) == ("0x" + accused.id.hex(), 0, node)
    assert (event["model"], event["ruling"]) == ("0x" + trial.served.model.hex(), Ruling.OTHER)
    assert (event["toWinner"], event["toJurors"], event["burnt"]) == (500, 0, 500)
