"""CaptureBounties.lapse, close, skip, and what only its disputes may call: the branches of ways_out.tree."""

from __future__ import annotations

from capture_town import BURNT, COMMITTED, DISPUTED, LAPSED, REVEALED, call
from reverts import reverts_with
from system import DOLLAR, as_sender

from thenar.domain.bounty.coverage import worth

WHOLE = worth(100 * DOLLAR, 20_000, 0, 10_000)
BOND = 5 * DOLLAR + WHOLE // 4


def test_what_was_shown_does_not_lapse(town, revealed, bob):
    with reverts_with("CaptureBounties_WrongStage", revealed, REVEALED, COMMITTED):
        town.bounties.lapse(revealed, {"from": bob})


def test_nothing_lapses_while_it_can_be_shown(town, committed, carol):
    until = town.bounties.answerOf(committed)["until"]
    town.at(until - 1)

    with reverts_with("CaptureBounties_TooEarly", until):
        town.bounties.lapse(committed, {"from": carol})


def test_half_a_lapsed_bond_is_the_callers(town, committed, carol):
    held, burnt = town.ledger.balanceOf(carol), town.ledger.balanceOf(BURNT)
    town.at(town.bounties.answerOf(committed)["until"])

    tx = town.bounties.lapse(committed, {"from": carol})

    assert dict(tx.events["AnswerLapsed"]) == {"answer": committed, "by": carol, "bond": BOND}
    assert town.ledger.balanceOf(carol) == held + BOND // 2
    assert town.ledger.balanceOf(BURNT) == burnt + BOND - BOND // 2
    assert town.stage(committed) == LAPSED
    assert town.ledger.lockedBy(town.bounties) == 1_000 * DOLLAR


def test_nothing_is_closed_before_the_deadline(town, bounty, alice):
    deadline = town.bounties.bountyOf(bounty)["deadline"]
    town.at(deadline - 1)

    with reverts_with("CaptureBounties_TooEarly", deadline):
        town.bounties.close(bounty, {"from": alice})


def test_nothing_is_closed_while_an_answer_is_not_over(town, bounty, revealed, alice):
    town.at(town.bounties.bountyOf(bounty)["deadline"])

    with reverts_with("CaptureBounties_StillAnswered", bounty, 0, 1):
        town.bounties.close(bounty, {"from": alice})


def test_a_bounty_is_closed_once(town, bounty, alice):
    town.at(town.bounties.bountyOf(bounty)["deadline"])
    town.bounties.close(bounty, {"from": alice})

    with reverts_with("CaptureBounties_Closed", bounty):
        town.bounties.close(bounty, {"from": alice})
    with reverts_with("CaptureBounties_Unknown", bounty + 1):
        town.bounties.close(bounty + 1, {"from": alice})


def test_anybody_gives_the_rest_back(town, bounty, revealed, alice, carol):
    town.settle(revealed, carol)
    held = town.ledger.balanceOf(alice)
    town.at(town.bounties.bountyOf(bounty)["deadline"])

    tx = town.bounties.close(bounty, {"from": carol})

    rest = 1_000 * DOLLAR - WHOLE
    assert dict(tx.events["AskClosed"]) == {"bounty": bounty, "sponsor": alice, "rest": rest}
    assert town.ledger.balanceOf(alice) == held + rest
    assert town.ledger.lockedBy(town.bounties) == 0
    kept = town.bounties.bountyOf(bounty)
    assert (kept["left"], kept["closed"]) == (0, True)


def test_what_was_paid_in_full_is_closed_too(town, alice, bob):
    bounty = town.post(alice, budget=100 * DOLLAR)
    town.settle(town.answer(bounty, bob, "hall"), bob)
    town.at(town.bounties.bountyOf(bounty)["deadline"])

    tx = town.bounties.close(bounty, {"from": bob})

    assert tx.events["AskClosed"]["rest"] == 0 and "Released" not in tx.events


def test_answers_that_are_over_keep_nothing_open(town, bounty, committed, bob, carol):
    town.at(town.bounties.bountyOf(bounty)["deadline"])
    town.bounties.lapse(committed, {"from": carol})

    town.bounties.close(bounty, {"from": carol})

    assert town.bounties.bountyOf(bounty)["closed"]


def test_nothing_is_skipped_of_a_closed_bounty(town, bounty, alice):
    town.at(town.bounties.bountyOf(bounty)["deadline"])
    town.bounties.close(bounty, {"from": alice})

    with reverts_with("CaptureBounties_Closed", bounty):
        town.bounties.skip(bounty, 1, {"from": alice})


def test_skipping_stops_at_what_is_not_over(town, bounty, committed, bob, carol):
    town.answer(bounty, bob, "stairs")
    town.at(town.bounties.answerOf(committed)["until"])
    town.bounties.lapse(committed, {"from": carol})

    town.bounties.skip(bounty, 10, {"from": carol})

    assert town.bounties.bountyOf(bounty)["next"] == 1


def test_the_parameters_are_told(town):
    assert town.bounties.parameters() == (5 * DOLLAR, 100 * DOLLAR, 86_400, 3 * 86_400)


def test_nobody_but_the_disputes_stops_an_answer(town, revealed, bob):
    shown = town.shown[revealed][0]

    with reverts_with("CaptureBounties_NotDisputes", bob):
        town.bounties.hold(revealed, call(shown), {"from": bob})
    with reverts_with("CaptureBounties_NotDisputes", bob):
        town.bounties.carryOut(revealed, shown.asset, 1, {"from": bob})


def test_nothing_is_carried_out_about_an_undisputed_answer(town, revealed):
    with reverts_with("CaptureBounties_WrongStage", revealed, REVEALED, DISPUTED):
        town.bounties.carryOut(revealed, town.shown[revealed][0].asset, 1, as_sender(town.disputes))
