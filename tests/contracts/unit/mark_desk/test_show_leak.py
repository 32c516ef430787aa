"""A finder commits to what he read, and shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from brownie import chain
from marks import DAYS, DEPOSIT, PROPOSED, cell_in, leak_call, prepare
from reverts import ANY, reverts_with
from sales import open_sale, put_on_sale, seeded

from thenar.domain.ids import Address


def test_a_deposit_is_locked_and_the_reading_announced(marked, carol):
    marked.held()
    before, leak = marked.balances(), marked.reading()

    sent = marked.show(leak)

    told = sent.events["LeakShown"]
    assert marked.gained(before) == (0, 0, -DEPOSIT, 0)
    assert (told["finder"], told["leak"][0], list(told["leak"][2])) == (carol, 3, list(leak.seen))
    assert told["answerBy"] == sent.timestamp + 7 * DAYS
    assert marked.desk.stateOf(marked.id)[3:5] == (told["answerBy"], carol)


def test_what_was_committed_to_is_announced(marked, carol):
    marked.held()
    leak = marked.reading()
    commitment = leak.sealed_by(Address(str(carol)), marked.id)

    sent = marked.desk.sealLeak(marked.id, commitment, {"from": carol})

    told = sent.events["LeakSealed"]
    assert (told["finder"], told["commitment"]) == (carol, "0x" + commitment.hex())


def test_a_mark_that_is_not_held_has_no_leaks(marked):
    marked.proposed()

    with reverts_with("MarkDesk_WrongStage", marked.id, PROPOSED):
        marked.show(marked.reading())


def test_a_second_finder_waits(marked, carol, dave, system):
    marked.held()
    answer_by = marked.show(marked.reading()).events["LeakShown"]["answerBy"]

    with reverts_with("MarkDesk_Waiting", carol, answer_by):
        marked.show(marked.reading(chapter=4), finder=dave)


def test_a_leak_found_after_the_end_is_too_late(marked):
    marked.held()
    chain.sleep(91 * DAYS)

    with reverts_with("MarkDesk_TooLate", marked.mark.until):
        marked.show(marked.reading())


def test_a_copy_that_was_not_sold_has_no_leaks(unsold, dave):
    unsold.held()

    with reverts_with("MarkDesk_NotSold", unsold.mark.copy, dave):
        unsold.show(unsold.reading())


@pytest.mark.parametrize("count", [55, 257])
def test_too_few_or_too_many_cells_are_refused(marked, count):
    marked.held()

    with reverts_with("MarkDesk_BadReading", count, 3):
        marked.show(marked.reading(count=count))


def test_cells_must_rise_and_be_different(marked):
    marked.held()
    leak = marked.reading()
    twice = replace(leak, seen=(leak.seen[0], *leak.seen[:-1]))
    both_bits = replace(leak, seen=(leak.seen[0] & ~1, leak.seen[0] | 1, *leak.seen[2:]))

    for forged in (twice, both_bits, replace(leak, seen=leak.seen[::-1])):
        with reverts_with("MarkDesk_BadReading", 64, 3):
            marked.show(forged)


def test_cells_of_another_chapter_are_refused(marked):
    marked.held()
    leak = marked.reading()
    mixed = replace(leak, seen=(*leak.seen[:-1], cell_in(4, 1)))

    for forged in (replace(leak, chapter=2), replace(leak, chapter=16), mixed):
        with reverts_with("MarkDesk_BadReading", 64, forged.chapter):
            marked.show(forged)


def test_a_chapter_that_was_opened_is_not_judged_again(marked, alice, dave, system):
    marked.held()
    false = marked.reading(wrong=40)
    marked.show(false)
    marked.answer(false, alice)

    with reverts_with("MarkDesk_Spent", 3):
        marked.show(marked.reading())
    marked.show(marked.reading(chapter=4))


def test_only_what_was_committed_to_is_shown(marked, carol):
    marked.held()
    marked.seal(marked.reading())

    with reverts_with("MarkDesk_NotCommitted", ANY, ANY):
        marked.desk.showLeak(marked.call, leak_call(marked.reading(wrong=1)), {"from": carol})


def test_another_finders_reading_cannot_be_copied(marked, carol, dave):
    """Whoever copies a reading out of the mempool has committed to nothing, and cannot in the same block."""
    marked.held()
    leak = marked.reading()
    marked.seal(leak)

    with reverts_with("MarkDesk_NotCommitted", bytes(32), ANY):
        marked.desk.showLeak(marked.call, leak_call(leak), {"from": dave})
    marked.desk.sealLeak(marked.id, leak.sealed_by(Address(str(carol)), marked.id), {"from": dave})
    with reverts_with("MarkDesk_NotCommitted", ANY, ANY):
        marked.desk.showLeak(marked.call, leak_call(leak), {"from": dave})


def test_nothing_is_shown_in_the_block_of_its_commitment(marked, carol):
    """What is asked of the newest block runs in it, as a second transaction of that block would."""
    marked.held()
    leak = marked.reading()
    marked.seal(leak)

    with reverts_with("MarkDesk_TooEarly", chain.height + 1):
        marked.desk.showLeak.call(marked.call, leak_call(leak), {"from": carol})
    marked.desk.showLeak(marked.call, leak_call(leak), {"from": carol})


def test_a_finder_without_the_deposit_cannot_show(marked, system, carol):
    marked.held()
    system.ledger.withdraw(carol, system.ledger.balanceOf(carol) - DEPOSIT + 1, {"from": carol})

    with reverts_with("Ledger_NotEnough", carol, DEPOSIT - 1, DEPOSIT):
        marked.show(marked.reading())


@pytest.mark.parametrize("refunded", [False, True])
def test_a_new_sale_does_not_free_who_had_the_copy(system, alice, bob, carol, refunded):
    ware = put_on_sale(system, alice, 0, label="a copy for thirty days", duration=30 * DAYS)
    marked = prepare(system, alice, bob, carol, ware=ware).held()
    chain.sleep(31 * DAYS)
    again = open_sale(system, ware, bob, seeded("again"))
    if refunded:
        chain.sleep(system.key_exchange.deliveryWindow() + 60)
        system.key_exchange.timeoutRefund(again.call, {"from": bob})

    marked.show(marked.reading())

    assert marked.desk.stateOf(marked.id)[4] == carol
