"""Escrow.refund: the branches of refund.tree."""

from dataclasses import replace

import pytest
from brownie import history
from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with
from system import DOLLAR

PRICE, SPAN = 100 * DOLLAR, 1_000
NOTHING = bytes(32)


@pytest.fixture
def revoke(till, capture, alice, mined_at):
    """Withdraw consent of alice's capture at a time."""

    def at(moment):
        mined_at(moment)
        return till.registry.revokeAll(capture, NOTHING, {"from": alice})

    return at


def test_what_was_never_started_is_not_refunded(till, escrow, capture, alice, bob):
    made = till.stream(capture, alice, bob)

    with reverts_with("Escrow_NotRunning", made.id(escrow)):
        escrow.refund(made.call, {"from": bob})


def test_a_running_license_is_not_refunded(escrow, running, bob):
    with reverts_with("Escrow_StillRuns", running.id(escrow)):
        escrow.refund(running.call, {"from": bob})


def test_a_license_that_lasted_is_not_refunded(escrow, running, revoke, bob):
    revoke(running.until)

    with reverts_with("Escrow_StillRuns", running.id(escrow)):
        escrow.refund(running.call, {"from": bob})


def test_the_seconds_that_were_lost_are_paid_back(escrow, ledger, running, revoke, alice, bob, mallory):
    revoke(running.since + SPAN // 4)

    escrow.refund(running.call, {"from": mallory})

    assert ledger.balanceOf(alice) == PRICE // 4
    assert ledger.balanceOf(bob) == PRICE - PRICE // 4
    assert tuple(escrow.flowOf(running.id(escrow))) == (True, True, PRICE // 4)


def test_what_was_collected_is_not_paid_again(escrow, ledger, running, revoke, mined_at, alice, bob):
    mined_at(running.since + SPAN // 4)
    escrow.collect(running.call, {"from": alice})
    revoke(running.since + SPAN // 2)

    event = escrow.refund(running.call, {"from": bob}).events["StreamRefunded"]

    assert event["collected"] == PRICE // 4
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (PRICE // 2, PRICE // 2)


def test_time_not_begun_is_paid_back_whole(till, escrow, ledger, capture, revoke, alice, bob):
    now = till.stream(capture, alice, bob)
    later = replace(now, since=now.since + 500, until=now.until + 500)
    till.start(later)
    revoke(now.since + 400)

    escrow.refund(later.call, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (0, PRICE)


@pytest.mark.parametrize("more", [1, 2])
def test_withdrawing_again_earns_nothing(escrow, ledger, running, revoke, alice, bob, more):
    revoke(running.since + SPAN // 4)
    for times in range(more):
        revoke(running.since + SPAN // 2 + times)

    escrow.refund(running.call, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (PRICE // 4, PRICE - PRICE // 4)


def test_a_license_of_a_later_epoch_runs_on(till, escrow, capture, alice, bob):
    till.registry.revokeAll(capture, NOTHING, {"from": alice})
    made = till.stream(capture, alice, bob)
    till.start(made)

    with reverts_with("Escrow_StillRuns", made.id(escrow)):
        escrow.refund(made.call, {"from": bob})


def test_an_ended_sale_is_paid_back(till, escrow, ledger, running, capture, alice, bob):
    till.desk.put(capture, bob, 0, running.since + SPAN // 4, {"from": alice})

    escrow.refund(running.call, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (PRICE // 4, PRICE - PRICE // 4)


def test_an_ended_gift_does_not_touch_a_sale(till, escrow, running, capture, alice, bob):
    till.desk.put(capture, bob, running.since + SPAN // 4, 0, {"from": alice})

    assert escrow.endedAt(running.call) == 0


def test_an_ended_desk_license_is_paid_back(till, escrow, running, capture, alice, bob):
    till.desk.put(capture, bob, running.since + SPAN // 4, running.since + 1, {"from": alice})
    from_the_desk = replace(running, source=str(till.desk))

    assert escrow.endedAt(from_the_desk.call) == running.since + SPAN // 4


def test_a_license_bought_later_runs_on(till, escrow, running, capture, alice, bob):
    till.desk.put(capture, bob, 0, running.bought_at - 1, {"from": alice})

    assert escrow.endedAt(running.call) == 0


def test_a_license_bought_in_that_second_has_ended(till, escrow, running, capture, alice, bob):
    till.desk.put(capture, bob, 0, running.bought_at, {"from": alice})

    assert escrow.endedAt(running.call) == running.bought_at


@pytest.mark.parametrize("ended", [-10, 10])
def test_the_first_of_two_ends_counts(till, escrow, running, capture, revoke, alice, bob, ended):
    moment = running.since + SPAN // 2
    revoke(moment)
    till.desk.put(capture, bob, 0, moment + ended, {"from": alice})

    assert escrow.endedAt(running.call) == moment + min(ended, 0)


@given(price=st.integers(1, 2**64), taken=st.integers(60, 400), end=st.integers(401, SPAN - 1))
def test_parts_sum_to_the_price(till, escrow, ledger, capture, web3, alice, bob, carol, price, taken, end):
    till.token.mint(bob, price, {"from": bob})
    till.token.approve(till.ledger, 2**256 - 1, {"from": bob})
    made = till.stream(capture, carol, bob, price=price)
    till.start(made)
    before = [ledger.balanceOf(one) for one in (carol, bob)]
    web3.provider.make_request("evm_setNextBlockTimestamp", [made.since + taken])
    if price * taken // SPAN:
        escrow.collect(made.call, {"from": bob})
    web3.provider.make_request("evm_setNextBlockTimestamp", [made.since + end])
    till.registry.revokeAll(capture, NOTHING, {"from": alice})

    escrow.refund(made.call, {"from": bob})

    earned, back = (ledger.balanceOf(one) - had for one, had in zip((carol, bob), before, strict=True))
    assert (earned, back) == (price * end // SPAN, price - price * end // SPAN)


def test_a_stream_is_refunded_once(escrow, running, revoke, bob):
    revoke(running.since + 10)
    escrow.refund(running.call, {"from": bob})

    with reverts_with("Escrow_NotRunning", running.id(escrow)):
        escrow.refund(running.call, {"from": bob})


def test_due_of_is_what_the_seller_gets(escrow, ledger, running, revoke, alice, bob):
    revoke(running.since + SPAN // 4)
    due = escrow.dueOf(running.call)

    escrow.refund(running.call, {"from": bob})

    assert ledger.balanceOf(alice) == due == PRICE // 4


def test_it_emits_stream_refunded(escrow, running, revoke, bob):
    revoked = revoke(running.since + SPAN // 4)

    escrow.refund(running.call, {"from": bob})

    assert dict(history[-1].events["StreamRefunded"]) == {
        "id": "0x" + running.id(escrow).hex(),
        "endedAt": revoked.timestamp,
        "collected": PRICE // 4,
        "refunded": PRICE - PRICE // 4,
    }


def test_a_derived_assets_node_keeps_the_earned_part(till, escrow, ledger, model, mined_at, alice, bob):
    made = till.stream(model, alice, bob)
    till.start(made)
    mined_at(made.since + SPAN // 4)
    till.registry.revokeAll(model, NOTHING, {"from": alice})

    escrow.refund(made.call, {"from": bob})

    assert till.graph.nodeOf(model)["received"] == PRICE // 4
    assert ledger.balanceOf(bob) == PRICE - PRICE // 4


def test_what_cost_nothing_ends_without_money(till, escrow, ledger, capture, revoke, alice, bob):
    free = till.stream(capture, alice, bob, price=0)
    escrow.start(free.call, {"from": till.exchange})
    revoke(free.since + SPAN // 4)

    event = escrow.refund(free.call, {"from": bob}).events["StreamRefunded"]

    assert (event["collected"], event["refunded"]) == (0, 0)
    assert tuple(escrow.flowOf(free.id(escrow))) == (True, True, 0)
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (0, 0)
