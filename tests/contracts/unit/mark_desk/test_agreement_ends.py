"""A proposal is accepted or recalled; what nobody found ends by itself."""

from __future__ import annotations

from brownie import chain
from marks import BOND, DAYS, ENDED, HELD, PROPOSED, RAN_OUT, RECALLED, STAKE
from reverts import reverts_with
from system import next_block_at


def test_the_bond_is_locked_and_the_mark_held(marked, bob):
    marked.proposed()
    before = marked.balances()

    sent = marked.desk.accept(marked.call, {"from": bob})

    assert marked.gained(before) == (0, -BOND, 0, 0)
    assert sent.events["MarkAccepted"]["markId"] == "0x" + marked.id.hex()
    assert marked.desk.stateOf(marked.id)[0] == HELD


def test_only_the_named_buyer_accepts(marked, bob, carol):
    marked.proposed()

    with reverts_with("MarkDesk_NotBuyer", bob, carol):
        marked.desk.accept(marked.call, {"from": carol})


def test_what_was_not_proposed_is_not_accepted(marked, bob):
    with reverts_with("MarkDesk_WrongStage", marked.id, 0):
        marked.desk.accept(marked.call, {"from": bob})


def test_a_proposal_that_ran_out_is_not_accepted(marked, bob):
    marked.proposed()
    chain.sleep(91 * DAYS)

    with reverts_with("MarkDesk_TooLate", marked.mark.until):
        marked.desk.accept(marked.call, {"from": bob})


def test_a_buyer_without_the_bond_cannot_accept(marked, system, bob):
    marked.proposed()
    system.ledger.withdraw(bob, system.ledger.balanceOf(bob) - BOND + 1, {"from": bob})

    with reverts_with("Ledger_NotEnough", bob, BOND - 1, BOND):
        marked.desk.accept(marked.call, {"from": bob})


def test_an_owner_recalls_what_was_not_accepted(marked, alice):
    before = marked.balances()
    marked.proposed()

    sent = marked.desk.recall(marked.call, {"from": alice})

    assert marked.gained(before) == (0, 0, 0, 0)
    assert sent.events["MarkEnded"]["how"] == RECALLED
    assert marked.desk.stateOf(marked.id)[:2] == (ENDED, RECALLED)


def test_a_stranger_recalls_only_what_ran_out(marked, carol):
    before = marked.balances()
    marked.proposed()
    with reverts_with("MarkDesk_TooEarly", marked.mark.until):
        marked.desk.recall(marked.call, {"from": carol})
    chain.sleep(91 * DAYS)

    marked.desk.recall(marked.call, {"from": carol})

    assert marked.gained(before) == (0, 0, 0, 0)


def test_what_was_accepted_is_not_recalled(marked, alice):
    marked.held()

    with reverts_with("MarkDesk_WrongStage", marked.id, HELD):
        marked.desk.recall(marked.call, {"from": alice})


def test_what_was_recalled_does_not_come_back(marked, alice):
    marked.proposed().desk.recall(marked.call, {"from": alice})

    with reverts_with("MarkDesk_WrongStage", marked.id, ENDED):
        marked.desk.propose(marked.call, {"from": alice})


def test_anybody_gives_both_their_money_back_at_the_end(marked, carol):
    before = marked.balances()
    marked.held()
    with reverts_with("MarkDesk_TooEarly", marked.mark.until):
        marked.desk.release(marked.call, {"from": carol})
    chain.sleep(91 * DAYS)

    sent = marked.desk.release(marked.call, {"from": carol})

    assert marked.gained(before) == (0, 0, 0, 0)
    assert sent.events["MarkEnded"]["how"] == RAN_OUT


def test_nothing_is_given_back_while_a_finder_waits(marked, carol):
    marked.held()
    next_block_at(marked.mark.until - 60)
    sent = marked.show(marked.reading())
    answer_by = sent.events["LeakShown"]["answerBy"]
    next_block_at(marked.mark.until + 60)

    with reverts_with("MarkDesk_Waiting", carol, answer_by):
        marked.desk.release(marked.call, {"from": carol})


def test_what_was_not_accepted_is_not_released(marked, carol):
    marked.proposed()

    with reverts_with("MarkDesk_WrongStage", marked.id, PROPOSED):
        marked.desk.release(marked.call, {"from": carol})


def test_shares_are_eighths_of_the_bond_rounded_down(marked):
    assert marked.desk.sharesOf(BOND) == (STAKE, 1_000_000, 3_000_000)
    assert marked.desk.sharesOf(15) == (5, 1, 3)
    assert marked.desk.answerWindow() == 7 * DAYS
