"""AnswerDisputes.resolve: the branches of resolve.tree, through the court itself."""

from __future__ import annotations

import pytest
from capture_town import BURNT, REFUTED, REVEALED, SETTLED, VOIDED, Town, call, copied, overrated
from reverts import reverts_with
from system import DOLLAR, as_sender, deploy_system

from thenar.domain.bounty.coverage import worth
from thenar.domain.work.disputes import Ruling

WHOLE = worth(100 * DOLLAR, 20_000, 0, 10_000)
BOND, CHALLENGE = 5 * DOLLAR + WHOLE // 4, 50 * DOLLAR
CLAIM, OTHER, NEITHER = 1, 2, 3


def judged(town, answer, challenger, charge, votes, by):
    """Challenge, let the jury vote as told, and carry out; returns the case and the last transaction."""
    case = town.challenge(answer, challenger, charge)
    case.judge(by, votes)
    return case, case.close(by)


def test_nobody_but_the_court_rules(town, honest, copy, carol):
    town.challenge(copy, carol, copied(town.shown[honest][0]))

    with reverts_with("AnswerDisputes_NotCourt", carol):
        town.disputes.resolve(1, 2, True, {"from": carol})


def test_a_dispute_is_resolved_once(town, honest, copy, carol, frank):
    case, _ = judged(town, copy, carol, copied(town.shown[honest][0]), [OTHER] * 7, frank)

    for number in (case.id, case.id + 1):
        with reverts_with("AnswerDisputes_Unknown", number):
            town.disputes.resolve(number, 2, True, as_sender(town.system.segment_court))


def test_a_copier_loses_the_bond(town, honest, copy, carol, mallory, frank):
    held = [town.ledger.balanceOf(one) for one in (carol, mallory, BURNT)]

    case, tx = judged(town, copy, carol, copied(town.shown[honest][0]), [OTHER] * 7, frank)

    half, quarter = BOND // 2, BOND // 4
    said = tx.events["AnswerJudged"]
    assert (said["answer"], said["ruling"], said["until"]) == (copy, Ruling.OTHER, 0)
    assert (said["toWinner"], said["toJurors"], said["burnt"]) == (half, quarter, BOND - half - quarter)
    assert town.ledger.balanceOf(carol) == held[0] + half
    assert town.ledger.balanceOf(mallory) == held[1]
    assert town.ledger.balanceOf(BURNT) == held[2] + BOND - half - quarter + quarter % 7
    assert town.stage(copy) == REFUTED
    assert town.ledger.lockedBy(town.disputes) == 0
    juror = case.panel[0]
    earned = town.ledger.balanceOf(juror)
    case.court.collectFee(case.id, 0, juror, {"from": frank})
    assert town.ledger.balanceOf(juror) == earned + quarter // 7


def test_a_refuted_asset_answers_nothing(town, bounty, honest, copy, carol, mallory, frank):
    judged(town, copy, carol, copied(town.shown[honest][0]), [OTHER] * 7, frank)
    shown = town.shown[copy][0]

    with reverts_with("CaptureBounties_Answered", bytes.fromhex(shown.asset[2:]), copy):
        town.reveal(town.commit(bounty, mallory, shown), mallory)


def test_a_refuted_answer_lets_the_next_one_pass(town, bounty, honest, copy, carol, dave, frank):
    after = town.answer(bounty, dave, "hall by another")
    judged(town, copy, carol, copied(town.shown[honest][0]), [OTHER] * 7, frank)
    town.settle(honest, frank)

    assert town.paid(after, frank) > 0
    assert town.bounties.bountyOf(bounty)["next"] == 3


def test_a_false_charge_costs_the_bond(town, honest, bob, carol, frank):
    held = [town.ledger.balanceOf(one) for one in (carol, bob)]

    _, tx = judged(town, honest, carol, overrated(town.shown[honest][0], 5_000), [CLAIM] * 7, frank)

    half, quarter = CHALLENGE // 2, CHALLENGE // 4
    said = tx.events["AnswerJudged"]
    assert (said["ruling"], said["toWinner"], said["toJurors"]) == (Ruling.CLAIM, half, quarter)
    assert town.ledger.balanceOf(carol) == held[0] - CHALLENGE
    assert town.ledger.balanceOf(bob) == held[1] + half
    assert town.stage(honest) == REVEALED


def test_a_dispute_takes_nothing_from_the_window(town, honest, carol, frank):
    until = town.bounties.answerOf(honest)["until"]
    case = town.challenge(honest, carol, overrated(town.shown[honest][0], 5_000))
    left = until - town.now
    case.judge(frank, [CLAIM] * 7)

    tx = case.close(frank)

    assert tx.events["AnswerJudged"]["until"] == tx.timestamp + left == town.bounties.answerOf(honest)["until"]


def test_an_upheld_answer_is_paid(town, honest, carol, dave, frank):
    shown = town.shown[honest][0]
    judged(town, honest, carol, overrated(shown, 5_000), [CLAIM] * 7, frank)
    judged(town, honest, dave, overrated(shown, 4_000), [CLAIM] * 7, frank)

    assert town.paid(honest, frank) == WHOLE
    assert town.stage(honest) == SETTLED


@pytest.fixture
def empty_town(deployer, people):
    """A town without jurors."""
    town = Town(deploy_system(deployer))
    town.enrich(*people)
    return town


def voided(town, alice, mallory, bob, carol, frank):
    """Mallory's copy before a court without jurors."""
    bounty = town.post(alice)
    honest = town.answer(bounty, bob, "hall")
    copy = town.answer(bounty, mallory, "copy")
    case = town.challenge(copy, carol, copied(town.shown[honest][0]))
    case.draw(frank)
    return bounty, copy, case.close(frank)


def test_a_void_costs_nobody_anything(empty_town, alice, bob, carol, mallory, frank):
    town = empty_town
    held = [town.ledger.balanceOf(one) for one in (carol, mallory)]

    _, copy, tx = voided(town, alice, mallory, bob, carol, frank)

    said = tx.events["AnswerJudged"]
    assert (said["ruling"], said["toWinner"], said["toJurors"], said["burnt"]) == (Ruling.VOID, 0, 0, 0)
    assert [town.ledger.balanceOf(one) for one in (carol, mallory)] == held
    assert town.stage(copy) == VOIDED
    assert town.ledger.lockedBy(town.bounties) == 1_000 * DOLLAR + BOND


def test_a_voided_asset_answers_again(empty_town, alice, bob, carol, mallory, frank):
    town = empty_town
    bounty, copy, _ = voided(town, alice, mallory, bob, carol, frank)
    shown = town.shown[copy][0]

    town.reveal(town.commit(bounty, mallory, shown), mallory)

    assert town.bounties.answerWith(shown.asset) == bounty << 32 | 2


def test_an_appeal_is_heard_by_a_larger_panel(town, honest, copy, carol, mallory, frank):
    """The first seven find for Mallory, fifteen find against her."""
    case = town.challenge(copy, carol, copied(town.shown[honest][0]))
    case.judge(frank, [CLAIM] * 7)
    town.system.segment_court.appeal(case.id, {"from": carol})
    case.judge(frank, [OTHER] * 15)
    assert len(case.panel) > 7

    case.close(frank)

    assert town.stage(copy) == REFUTED


def test_without_a_jury_nobody_is_paid_for_one(town, honest, copy, carol):
    case = town.challenge(copy, carol, copied(town.shown[honest][0]))

    tx = town.disputes.resolve(case.id, 2, False, as_sender(town.system.segment_court))

    said = tx.events["AnswerJudged"]
    assert (said["toWinner"], said["toJurors"], said["burnt"]) == (BOND // 2, 0, BOND - BOND // 2)
    shown = call(town.shown[copy][0])
    with reverts_with("CaptureBounties_WrongStage", copy, REFUTED, REVEALED):
        town.bounties.settle(copy, shown, {"from": carol})
