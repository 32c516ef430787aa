"""An owner opens a chapter, or says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from brownie import chain
from marks import BOND, BURNT, DAYS, DEPOSIT, ENDED, HELD, LEAKED, REWARD, STAKE, UNANSWERED, leak_call
from reverts import ANY, reverts_with

from thenar.domain.marking import agreeing, is_clear


def test_a_true_leak_pays_the_finder_and_burns_the_rest(marked, carol, dave):
    before = marked.balances()
    marked.held()
    leak = marked.reading()
    marked.show(leak)

    sent = marked.answer(leak, dave)

    burnt = BOND - REWARD + STAKE - DEPOSIT
    assert marked.gained(before) == (DEPOSIT - STAKE, -BOND, REWARD, burnt)
    assert (sent.events["MarkEnded"]["how"], sent.events["MarkEnded"]["finder"]) == (LEAKED, carol)
    assert marked.desk.stateOf(marked.id)[:2] == (ENDED, LEAKED)
    assert marked.system.ledger.lockedBy(marked.desk) == 0


def test_framing_a_buyer_costs_the_owner_an_eighth_of_the_bond(marked, alice, bob, system):
    """He knows the secrets, so he can make up the reading: acting as finder too, he is worse off than before."""
    before = system.ledger.balanceOf(alice)
    marked.held()
    leak = marked.reading()
    marked.show(leak, finder=alice)

    marked.answer(leak, alice)

    assert system.ledger.balanceOf(alice) == before - DEPOSIT
    assert system.ledger.balanceOf(BURNT) == BOND + DEPOSIT


def test_a_buyer_who_finds_himself_loses(marked, bob, system):
    before = system.ledger.balanceOf(bob)
    marked.held()
    leak = marked.reading()
    marked.show(leak, finder=bob)

    marked.answer(leak)

    assert system.ledger.balanceOf(bob) == before - BOND + REWARD


def test_a_reading_that_does_not_agree_costs_the_deposit(marked, carol):
    before = marked.balances()
    marked.held()
    leak = marked.reading(wrong=32)
    marked.show(leak)

    sent = marked.answer(leak)

    told = sent.events["LeakRefuted"]
    assert (told["finder"], told["chapter"], told["agreed"]) == (carol, 3, 32)
    assert marked.gained(before) == (DEPOSIT - STAKE, -BOND, -DEPOSIT, 0)
    state = marked.desk.stateOf(marked.id)
    assert (state[0], state[2], state[3]) == (HELD, 1 << 3, 0)


def test_the_line_lies_where_chance_is_below_two_to_the_minus_forty(marked):
    """64 cells: a margin of 60 is clear, of 58 is not; fewer than half never are."""
    marked.held()
    for chapter, wrong, clear in ((3, 3, False), (5, 60, False), (4, 2, True)):
        leak = marked.reading(chapter=chapter, wrong=wrong)
        marked.show(leak)
        events = marked.answer(leak).events
        agreed = agreeing(marked.secrets.chapters[chapter], leak.seen)
        assert (agreed, is_clear(agreed, 64)) == (64 - wrong, clear)
        assert ("MarkEnded" in events) is clear


def test_the_largest_reading_stays_within_its_budget(marked):
    marked.held()
    leak = marked.reading(count=256)

    shown, answered = marked.show(leak), marked.answer(leak)

    assert shown.gas_used < 700_000
    assert answered.gas_used < 700_000


def test_a_mark_without_a_leak_has_nothing_to_answer(marked):
    marked.held()

    with reverts_with("MarkDesk_NotShown", bytes(32), bytes(32)):
        marked.answer(marked.reading())


def test_a_mark_that_ended_has_nothing_to_answer(marked, alice):
    marked.proposed().desk.recall(marked.call, {"from": alice})

    with reverts_with("MarkDesk_WrongStage", marked.id, ENDED):
        marked.answer(marked.reading())


def test_another_reading_than_the_shown_one_is_not_judged(marked):
    marked.held()
    marked.show(marked.reading(wrong=32))

    with reverts_with("MarkDesk_NotShown", ANY, ANY):
        marked.answer(marked.reading())


def test_another_secret_is_refused(marked):
    marked.held()
    leak = marked.reading()
    marked.show(leak)

    with reverts_with("MarkDesk_WrongSecret", 3):
        marked.answer(leak, secret=bytes(32))
    with reverts_with("MarkDesk_WrongSecret", 3):
        marked.answer(leak, chapter=4)


def test_an_answer_after_the_deadline_is_too_late(marked):
    marked.held()
    leak = marked.reading()
    answer_by = marked.show(leak).events["LeakShown"]["answerBy"]
    chain.sleep(7 * DAYS + 1)

    with reverts_with("MarkDesk_TooLate", answer_by):
        marked.answer(leak)


def test_silence_burns_the_owners_stake_and_frees_the_others(marked, bob, carol, dave):
    before = marked.balances()
    marked.held()
    answer_by = marked.show(marked.reading()).events["LeakShown"]["answerBy"]
    with reverts_with("MarkDesk_TooEarly", answer_by):
        marked.desk.lapse(marked.call, {"from": carol})
    chain.sleep(7 * DAYS + 1)

    sent = marked.desk.lapse(marked.call, {"from": dave})

    assert marked.gained(before) == (-STAKE, 0, 0, STAKE)
    assert (sent.events["MarkEnded"]["how"], sent.events["MarkEnded"]["finder"]) == (UNANSWERED, carol)


def test_a_mark_without_a_leak_does_not_lapse(marked, carol):
    marked.held()

    with reverts_with("MarkDesk_NotShown", bytes(32), bytes(32)):
        marked.desk.lapse(marked.call, {"from": carol})


@pytest.mark.parametrize("end", ["answer", "lapse"])
def test_what_ended_pays_nobody_again(marked, carol, end):
    marked.held()
    leak = marked.reading()
    marked.show(leak)
    if end == "answer":
        marked.answer(leak)
    chain.sleep(91 * DAYS)
    if end == "lapse":
        marked.desk.lapse(marked.call, {"from": carol})

    for verb in (marked.desk.lapse, marked.desk.release, marked.desk.recall):
        with reverts_with("MarkDesk_WrongStage", marked.id, ENDED):
            verb(marked.call, {"from": carol})
    with reverts_with("MarkDesk_WrongStage", marked.id, ENDED):
        marked.desk.showLeak(marked.call, leak_call(leak), {"from": carol})


def test_a_reading_made_with_an_opened_chapter_is_worth_nothing_in_the_others(marked, alice, dave):
    """The buyer lets a false reading be answered to learn a secret: it tells nothing about the other fifteen."""
    marked.held()
    false = marked.reading(wrong=32)
    marked.show(false)
    marked.answer(false)

    known = marked.secrets.chapters[3]
    elsewhere = marked.reading(chapter=4, count=256)
    guessed = replace(elsewhere, seen=tuple(word & ~1 for word in elsewhere.seen))

    assert not is_clear(agreeing(known, elsewhere.seen), 256)
    assert not is_clear(agreeing(marked.secrets.chapters[4], guessed.seen), 256)
