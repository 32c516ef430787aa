"""CaptureBounties.commit: the branches of commit.tree."""

from __future__ import annotations

import pytest
from capture_town import COMMITTED, DAY, ask
from reverts import reverts_with
from system import DOLLAR

from thenar.domain.bounty.coverage import worth

HIDDEN = b"\x77" * 32
BOND = 5 * DOLLAR + worth(100 * DOLLAR, 20_000, 0, 10_000) // 4


def test_nobody_answers_what_was_not_asked(town, bounty, bob):
    with reverts_with("CaptureBounties_Unknown", 2):
        town.bounties.commit(2, HIDDEN, {"from": bob})
    for view, *more in ((town.bounties.bountyOf,), (town.bounties.bondFor, 0), (town.bounties.priceAt, 0)):
        with reverts_with("CaptureBounties_Unknown", 2):
            view(2, *more)


def test_a_sponsor_does_not_answer_himself(town, bounty, alice):
    with reverts_with("CaptureBounties_OwnAsk", bounty):
        town.bounties.commit(bounty, HIDDEN, {"from": alice})


def test_nobody_answers_after_the_deadline(town, bounty, bob):
    deadline = town.bounties.bountyOf(bounty)["deadline"]
    town.at(deadline - 1)
    town.bounties.commit(bounty, HIDDEN, {"from": bob})
    town.at(deadline)

    with reverts_with("CaptureBounties_Ended", bounty):
        town.bounties.commit(bounty, HIDDEN, {"from": bob})


def test_nobody_answers_what_was_closed(town, bounty, bob):
    town.at(town.bounties.bountyOf(bounty)["deadline"])
    town.bounties.close(bounty, {"from": bob})

    with reverts_with("CaptureBounties_Closed", bounty):
        town.bounties.commit(bounty, HIDDEN, {"from": bob})


def test_nobody_answers_where_nothing_is_left(town, alice, bob, carol):
    bounty = town.post(alice, budget=100 * DOLLAR)
    town.settle(town.answer(bounty, bob, "hall"), carol)

    with reverts_with("CaptureBounties_Full", bounty):
        town.bounties.commit(bounty, HIDDEN, {"from": carol})


def test_who_cannot_pay_the_bond_does_not_answer(town, bounty, bob):
    held = town.ledger.balanceOf(bob)
    town.ledger.withdraw(bob, held - BOND + 1, {"from": bob})

    with reverts_with("Ledger_NotEnough", bob, BOND - 1, BOND):
        town.bounties.commit(bounty, HIDDEN, {"from": bob})


def test_the_bond_is_a_quarter_of_the_most_and_a_fixed_part(town, bounty, bob):
    held = town.ledger.balanceOf(bob)
    town.bounties.commit(bounty, HIDDEN, {"from": bob})

    assert town.ledger.balanceOf(bob) == held - BOND
    assert town.ledger.lockedBy(town.bounties) == 1_000 * DOLLAR + BOND


@pytest.mark.parametrize(("days", "price"), [(0, 100), (1, 150), (2, 200), (3, 250), (5, 250)])
def test_the_bond_and_price_rise_until_the_top(town, alice, days, price):
    bounty = town.post(alice, slope=2 * DAY, top_price=250 * DOLLAR)
    kept = town.bounties.bountyOf(bounty)
    opened, time = kept["openedAt"], kept["openedAt"] + days * DAY
    twin = ask(kept["deadline"], slope=2 * DAY, top_price=250 * DOLLAR)

    assert town.bounties.priceAt(bounty, time) == price * DOLLAR == twin.price_at(opened, time)
    assert town.bounties.bondFor(bounty, time) == twin.bond_at(5 * DOLLAR, opened, time)


def test_answers_are_numbered_in_order(town, bounty, alice, bob, carol):
    other = town.post(alice)

    numbers = [
        town.commit(number, bob, town.show(bob, f"{number}/{at}")) for at in range(2) for number in (bounty, other)
    ]

    assert numbers == [bounty << 32, other << 32, bounty << 32 | 1, other << 32 | 1]
    assert town.bounties.bountyOf(bounty)["count"] == 2


def test_it_emits_answer_committed(town, bounty, bob):
    time = town.later(1)
    tx = town.bounties.commit(bounty, HIDDEN, {"from": bob})

    said = {"answer": bounty << 32, "contributor": bob, "bond": BOND, "until": time + DAY}
    assert {name: tx.events["AnswerCommitted"][name] for name in said} == said
    kept = town.bounties.answerOf(bounty << 32)
    assert kept[:4] == (bob, time, time + DAY, COMMITTED) and bytes(kept[4]) == HIDDEN
