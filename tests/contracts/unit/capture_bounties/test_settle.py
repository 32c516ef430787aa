"""CaptureBounties.settle and skip: the branches of settle.tree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from capture_town import (
    BURNT,
    CHILDREN,
    COMMITTED,
    DAY,
    REVEALED,
    SETTLED,
    SOFT,
    SPATIAL,
    STREET,
    call,
    cell_at,
    spot_call,
)
from reverts import reverts_with
from system import DOLLAR

from thenar.domain.bounty.coverage import Spot, half_life_of, worth

PRICE, TARGET = 100 * DOLLAR, 20_000
WHOLE = worth(PRICE, TARGET, 0, 10_000)
BOND = 5 * DOLLAR + WHOLE // 4


def test_an_answer_is_settled_once(town, bounty, committed, bob):
    shown = call(town.shown[committed][0])
    with reverts_with("CaptureBounties_WrongStage", committed, COMMITTED, REVEALED):
        town.bounties.settle(committed, shown, {"from": bob})
    town.reveal(committed, bob)
    town.settle(committed, bob)

    with reverts_with("CaptureBounties_WrongStage", committed, SETTLED, REVEALED):
        town.bounties.settle(committed, shown, {"from": bob})


def test_nothing_else_is_settled_than_was_shown(town, revealed, bob):
    town.at(town.bounties.answerOf(revealed)["until"])
    other = replace(town.shown[revealed][0], cell=CHILDREN[0])

    with reverts_with("CaptureBounties_WrongProof", revealed):
        town.bounties.settle(revealed, call(other), {"from": bob})


def test_nothing_is_settled_within_the_window(town, revealed, bob):
    until = town.bounties.answerOf(revealed)["until"]
    town.at(until - 1)

    with reverts_with("CaptureBounties_TooEarly", until):
        town.bounties.settle(revealed, call(town.shown[revealed][0]), {"from": bob})


def test_answers_are_settled_in_the_order_of_commitments(town, bounty, committed, bob, carol):
    second = town.answer(bounty, carol, "stairs")
    town.at(town.bounties.answerOf(second)["until"])

    with reverts_with("CaptureBounties_NotNext", second, 0):
        town.bounties.settle(second, call(town.shown[second][0]), {"from": carol})


def test_answers_that_lapsed_are_passed_over(town, bounty, committed, bob, carol):
    second = town.answer(bounty, carol, "stairs")
    town.at(town.bounties.answerOf(second)["until"])
    town.bounties.lapse(committed, {"from": carol})

    assert town.paid(second, carol) == WHOLE
    assert town.bounties.bountyOf(bounty)["next"] == 2


def test_more_than_sixteen_are_passed_over_in_steps(town, bounty, bob, carol, dave):
    """Seventeen commitments that nobody shows stand before Carol's; each pays whoever ends it."""
    stale = [town.bounties.commit(bounty, bytes(31) + b"\x01", {"from": bob}).return_value for _ in range(17)]
    answer = town.answer(bounty, carol, "stairs")
    town.at(town.bounties.answerOf(answer)["until"])
    for each in stale:
        town.bounties.lapse(each, {"from": dave})

    with reverts_with("CaptureBounties_NotNext", answer, 16):
        town.bounties.settle(answer, call(town.shown[answer][0]), {"from": carol})
    town.bounties.skip(bounty, 3, {"from": dave})
    assert town.bounties.bountyOf(bounty)["next"] == 3
    town.bounties.skip(bounty, 100, {"from": dave})
    assert town.bounties.bountyOf(bounty)["next"] == 17
    assert town.paid(answer, carol) == WHOLE
    assert town.ledger.balanceOf(BURNT) == 17 * (BOND - BOND // 2)


def test_anybody_pays_an_answer_what_it_adds(town, bounty, revealed, bob, carol):
    held = town.ledger.balanceOf(bob)

    tx = town.settle(revealed, carol)

    said = {"answer": revealed, "contributor": bob, "paid": WHOLE, "before": 0, "covered": 10_000}
    assert dict(tx.events["AnswerSettled"]) == said
    assert town.ledger.balanceOf(bob) == held + WHOLE + BOND
    assert town.ledger.lockedBy(town.bounties) == 1_000 * DOLLAR - WHOLE == town.bounties.bountyOf(bounty)["left"]
    assert town.stage(revealed) == SETTLED
    assert tx.events["CoverageRaised"]["covered"] == 10_000


def test_an_answer_is_paid_the_price_of_its_time(town, alice, bob):
    bounty = town.post(alice, slope=DAY, top_price=300 * DOLLAR)
    opened = town.bounties.bountyOf(bounty)["openedAt"]
    shown = town.show(bob, "hall")
    town.at(opened + DAY)
    commitment = town.commitment(bounty, bob, shown)
    answer = town.bounties.commit(bounty, commitment, {"from": bob}).return_value
    town.shown[answer] = (shown, b"\x5a" * 32)
    town.reveal(answer, bob, seconds=DAY // 2)

    assert town.paid(answer, bob) == worth(200 * DOLLAR, TARGET, 0, 10_000)


def test_no_more_is_paid_than_is_left(town, alice, bob, carol):
    bounty = town.post(alice, budget=300 * DOLLAR)
    one, other = town.answer(bounty, bob, "hall"), town.answer(bounty, carol, "stairs", cell=CHILDREN[0])

    assert town.paid(one, bob) == WHOLE
    assert town.paid(other, bob) == 300 * DOLLAR - WHOLE < WHOLE
    assert town.bounties.bountyOf(bounty)["left"] == 0 == town.ledger.lockedBy(town.bounties)


def test_an_owner_is_paid_for_one_good_capture_a_spot(town, bounty, bob, carol):
    first, again = town.answer(bounty, bob, "hall"), town.answer(bounty, bob, "hall again")
    others = town.answer(bounty, carol, "hall by another")

    assert (town.paid(first, bob), town.paid(again, bob)) == (WHOLE, 0)
    assert 0 < town.paid(others, bob) < WHOLE


@pytest.mark.parametrize("parts", [(5_000, 5_000), (1_000, 2_000, 7_000), (3_333, 3_333, 3_334)])
def test_parts_are_paid_what_the_whole_is(town, alice, people, parts):
    """Parts of one capture by several owners, where nothing fades between them: touch, settled in one second."""
    bounty = town.post(alice, **SOFT, min_quality=1)
    owners = people[2 : 2 + len(parts)]
    answers = [
        town.answer(bounty, owner, f"part {at}", cell=0, quality=part)
        for at, (owner, part) in enumerate(zip(owners, parts, strict=True))
    ]
    town.at(town.bounties.answerOf(answers[-1])["until"])

    paid = []
    for answer in answers:
        town.later(0)
        tx = town.bounties.settle(answer, call(town.shown[answer][0]), {"from": alice})
        paid.append(tx.events["AnswerSettled"]["paid"])
    assert sum(paid) == WHOLE


def test_what_another_bounty_covered_is_paid_less(town, bounty, alice, bob, carol):
    other = town.post(alice)
    one, later = town.answer(bounty, bob, "hall"), town.answer(other, carol, "hall again")
    town.settle(one, bob)

    tx = town.settle(later, carol)

    said = tx.events["AnswerSettled"]
    assert said["paid"] == worth(PRICE, TARGET, said["before"], said["covered"]) < WHOLE
    assert 0 < said["before"] <= 10_000


def test_what_has_faded_is_paid_again(town, alice, bob):
    street = {"place_class": STREET, "grain": 12, "area": cell_at(7)}
    cell = cell_at(12)
    bounty = town.post(alice, **street)
    town.settle(town.answer(bounty, bob, "street", cell=cell), bob)
    town.later(half_life_of(STREET))
    second = town.post(alice, **street)

    tx = town.settle(town.answer(second, bob, "street again", cell=cell), bob)

    said = tx.events["AnswerSettled"]
    assert said["before"] <= 5_000 and said["covered"] == said["before"] + 10_000
    assert said["paid"] == worth(PRICE, TARGET, said["before"], said["covered"])
    assert town.map.coverageAt(spot_call(Spot(SPATIAL, STREET, cell, 0)), tx.timestamp) == said["covered"]
