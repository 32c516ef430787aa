"""What leaves a house is bounded, whoever asks, however often and under however many names; and it is paid once.

Precedents: query budgets kept per account fell to second accounts; so the day's budget here is everybody's together;
escrows that a party could settle and refund both.
"""

import pytest
from brownie import chain
from reverts import reverts_with
from runs import DAY, KEY, LIMITS, OTHER_PROGRAM, PRICE, PROGRAM, housed
from system import next_block_at


@pytest.fixture(scope="module")
def home(deployer, alice, bob, carol, dave, erin):
    """Alice's capture; four buyers, who may be one person."""
    return housed(deployer, alice, [bob, carol, dave, erin])


def test_many_names_of_one_buyer_order_no_more_than_the_day_allows(home, bob, carol, dave, erin):
    next_block_at((chain[-1].timestamp // DAY + 1) * DAY)
    chain.mine()
    ordered = 0
    for who in (bob, carol, dave, erin) * LIMITS.per_buyer:
        if ordered < LIMITS.per_day:
            home.order(who)
            ordered += 1
        else:
            with reverts_with("RunDesk_DaySpent", home.asset, PROGRAM, LIMITS.per_day):
                home.order(who)

    assert ordered == LIMITS.per_day


def test_approving_and_disapproving_fills_no_budget_again(home, alice, bob):
    next_block_at((chain[-1].timestamp // DAY + 1) * DAY)
    chain.mine()
    for _ in range(LIMITS.per_buyer):
        home.order(bob)
    home.desk.disapprove(home.asset, PROGRAM, {"from": alice})
    home.approve()

    with reverts_with("RunDesk_BuyerSpent", bob, LIMITS.per_buyer):
        home.order(bob)


def test_money_that_came_back_gives_no_run_back(home, alice, bob):
    """A program that fails on purpose, to have its run for nothing, spends its buyer's day all the same."""
    next_block_at((chain[-1].timestamp // DAY + 1) * DAY)
    chain.mine()
    for number in range(1, LIMITS.per_buyer + 1):
        home.order(bob)
        home.desk.refund(number, {"from": alice})

    with reverts_with("RunDesk_BuyerSpent", bob, LIMITS.per_buyer):
        home.order(bob)


def test_another_program_under_an_approved_ones_price_is_not_run(home, bob):
    with reverts_with("RunDesk_NotApproved", home.asset, OTHER_PROGRAM):
        home.desk.order(home.asset, OTHER_PROGRAM, 0, PRICE, *KEY, {"from": bob})


def test_the_price_is_not_raised_at_the_last_moment(home, bob):
    home.approve(price=PRICE + 1)

    with reverts_with("RunDesk_PriceAbove", PRICE + 1, PRICE):
        home.order(bob)


def test_a_run_pays_out_once_whatever_everybody_tries(home, alice, bob, mallory):
    desk, ledger, graph = home.desk, home.system.ledger, home.system.revenue_graph
    home.order(bob)
    home.deliver(1, bob)
    desk.settle(1, {"from": bob})

    for call, who in ((desk.settle, mallory), (desk.reject, bob), (desk.refund, alice), (desk.refund, bob)):
        with reverts_with("RunDesk_Ended", 1):
            call(1, {"from": who})
    with reverts_with("RunDesk_Ended", 1):
        home.deliver(1, bob)
    assert (ledger.lockedBy(desk), ledger.lockedBy(graph)) == (0, PRICE)


def test_a_delivery_is_not_replayed_for_another_run(home, alice, bob, carol):
    """A run's number alone delivers nothing: after a reorganisation it may be somebody else's."""
    home.order(bob)
    home.order(carol)

    with reverts_with("RunDesk_NotBuyer", 2, bob):
        home.desk.deliver(2, bob, b"\x55" * 32, {"from": alice})


def test_nobody_but_the_owner_earns_by_delivering_nonsense(home, bob, mallory):
    home.order(bob)

    for who in (bob, mallory):
        with reverts_with("RunDesk_NotOwner", home.asset, who):
            home.desk.deliver(1, bob, b"\x55" * 32, {"from": who})


def test_an_owner_who_delivers_nothing_of_use_earns_nothing_by_it(home, bob, alice):
    home.order(bob)
    home.deliver(1, bob)
    home.desk.reject(1, {"from": bob})

    ledger = home.system.ledger
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob), ledger.lockedBy(home.desk)) == (0, 0, 0)


def test_a_withdrawal_in_between_lets_nothing_out_and_keeps_no_money(home, alice, bob, carol):
    for who in (bob, carol):
        home.order(who)
    home.system.asset_registry.revokeAll(home.asset, b"\0" * 32, {"from": alice})

    for number, who in ((1, bob), (2, carol)):
        with reverts_with("RunDesk_Withdrawn", number):
            home.deliver(number, who)
        home.desk.refund(number, {"from": carol})
    assert home.system.ledger.lockedBy(home.desk) == 0
