"""CallDisputes.resolve: the branches of resolve.tree, through the court itself."""

from __future__ import annotations

from accused import BOND, BURNT, CLAIM, NEITHER, OTHER
from reflexes import STAKE
from reverts import reverts_with
from system import DOLLAR, as_sender

from thenar.domain.work.disputes import Ruling

HELD = 200 * DOLLAR


def test_nobody_but_the_court_rules(trial, accused, node, carol):
    trial.defend(node)

    with reverts_with("CallDisputes_NotCourt", carol):
        trial.disputes.resolve(1, Ruling.OTHER, True, {"from": carol})


def test_a_dispute_is_resolved_once(trial, accused, node, frank):
    case, _ = trial.judged(frank, [OTHER] * 7)

    for number in (case.id, case.id + 1):
        with reverts_with("CallDisputes_Unknown", number):
            trial.disputes.resolve(number, Ruling.OTHER, True, as_sender(trial.system.segment_court))


def test_a_liar_loses_the_stake(trial, accused, node, carol, frank):
    _, tx = trial.judged(frank, [OTHER] * 7)

    said = tx.events["CallJudged"]
    assert (said["dispute"], said["ruling"], said["node"]) == (1, Ruling.OTHER, node)
    assert (said["toWinner"], said["toJurors"], said["burnt"]) == (500, 250, 250)
    assert trial.balances(carol, BURNT) == [HELD + 500, 250 + 250 % 7]
    assert trial.desk.serviceOf(node, trial.served.model)[0] == 0
    assert trial.ledger.lockedBy(trial.disputes) == 0


def test_jurors_are_paid_by_who_loses(trial, accused, node, frank):
    case, _ = trial.judged(frank, [OTHER] * 7)
    juror = case.panel[0]
    earned = trial.ledger.balanceOf(juror)

    case.court.collectFee(case.id, 0, juror, {"from": frank})

    assert trial.ledger.balanceOf(juror) == earned + 250 // 7


def test_without_a_jury_nobody_is_paid_for_one(trial, accused, node, carol):
    case = trial.defend(node)

    tx = trial.disputes.resolve(case.id, Ruling.OTHER, False, as_sender(trial.system.segment_court))

    said = tx.events["CallJudged"]
    assert (said["toWinner"], said["toJurors"], said["burnt"]) == (500, 0, 500)


def test_who_comes_second_has_his_bond(trial, accused, node, carol, frank):
    trial.accuse(carol, place=2)
    case = trial.defend(frank)
    trial.pass_window()
    trial.condemn(carol, trial.charge(place=2))
    held = trial.ledger.balanceOf(carol)
    case.judge(frank, [OTHER] * 7)

    tx = case.close(frank)

    assert tx.events["CallJudged"]["toWinner"] == tx.events["CallJudged"]["toJurors"] == 0
    assert trial.ledger.balanceOf(carol) == held + BOND
    assert trial.ledger.lockedBy(trial.disputes) == 0


def test_an_honest_node_has_half_of_the_bond(trial, accused, node, carol, frank):
    _, tx = trial.judged(frank, [CLAIM] * 7)

    said = tx.events["CallJudged"]
    assert (said["toWinner"], said["toJurors"], said["burnt"]) == (BOND // 2, BOND // 4, BOND // 4)
    assert trial.balances(node, carol) == [BOND // 2, HELD - BOND]
    assert trial.desk.serviceOf(node, trial.served.model)[0] == STAKE
    assert trial.ledger.lockedBy(trial.disputes) == 0


def test_a_void_costs_nobody_anything(empty_trial, carol, frank):
    trial = empty_trial
    trial.accuse(carol)
    case = trial.defend(frank)
    case.draw(frank)

    tx = case.close(frank)

    said = tx.events["CallJudged"]
    assert (said["ruling"], said["toWinner"], said["toJurors"], said["burnt"]) == (Ruling.VOID, 0, 0, 0)
    assert trial.balances(trial.served.node, carol) == [0, HELD]
    assert trial.desk.serviceOf(trial.served.node, trial.served.model)[0] == STAKE


def test_after_a_void_it_can_be_accused_again(trial, accused, node, carol, frank):
    case = trial.defend(frank)
    for seats in (7, 15, 31):
        case.judge(frank, [NEITHER] * seats)
    case.close(frank)

    trial.accuse(carol)

    assert trial.disputes.accusationOf(accused.id)[0] == carol


def test_an_appeal_is_heard_by_a_larger_panel(trial, accused, node, carol, frank):
    """The first seven find for the node, fifteen find against it."""
    case = trial.defend(node)
    case.judge(frank, [CLAIM] * 7)
    trial.system.segment_court.appeal(case.id, {"from": carol})
    case.judge(frank, [OTHER] * 15)
    assert len(case.panel) > 7

    case.close(frank)

    assert trial.desk.serviceOf(node, trial.served.model)[0] == 0
