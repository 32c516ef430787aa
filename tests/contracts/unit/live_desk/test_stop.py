"""LiveDesk.stop: the branches of stop.tree."""

import pytest
from reverts import reverts_with


def test_what_does_not_run_cannot_be_stopped(desk, stream, subscribed, bob, carol):
    with reverts_with("LiveDesk_NotRunning", stream, carol):
        desk.stop(stream, carol, {"from": carol})
    desk.stop(stream, bob, {"from": bob})
    with reverts_with("LiveDesk_NotRunning", stream, bob):
        desk.stop(stream, bob, {"from": bob})


def test_a_stranger_stops_nothing_that_lasts(desk, stream, subscribed, bob, mallory, at):
    at(699)
    with reverts_with("LiveDesk_NotParty", stream, mallory):
        desk.stop(stream, bob, {"from": mallory})


def test_before_it_begins_everything_comes_back(desk, ledger, stream, subscribed, alice, bob, at, opened_at):
    at(199)
    desk.stop(stream, bob, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob), ledger.lockedBy(desk)) == (0, 5_000, 0)
    assert desk.subscriptionOf(stream, bob) == (opened_at + 200, opened_at + 200, 0, 0)
    assert desk.debtOf(stream, bob) == 0


@pytest.mark.parametrize("by_seller", [False, True])
def test_either_side_settles_to_the_second(desk, ledger, stream, subscribed, alice, bob, at, opened_at, by_seller):
    at(333)
    desk.stop(stream, bob, {"from": alice if by_seller else bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob), ledger.lockedBy(desk)) == (1_330, 3_670, 0)
    assert desk.subscriptionOf(stream, bob) == (opened_at + 200, opened_at + 333, 1_330, 1_330)
    assert desk.coverOf(stream, bob) == (opened_at + 200, opened_at + 333)


def test_what_was_collected_is_not_paid_twice(desk, ledger, stream, subscribed, alice, bob, at):
    at(300)
    desk.collect(stream, bob, {"from": alice})
    at(301)
    desk.stop(stream, bob, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob), ledger.lockedBy(desk)) == (1_010, 3_990, 0)


def test_a_deposit_used_up_is_the_sellers(desk, ledger, stream, subscribed, alice, bob, at, opened_at):
    at(10_000)
    desk.stop(stream, bob, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob), ledger.lockedBy(desk)) == (5_000, 0, 0)
    assert desk.subscriptionOf(stream, bob) == (opened_at + 200, opened_at + 700, 5_000, 5_000)


@pytest.mark.parametrize("end", ["used up", "closed", "withdrawn"])
def test_anybody_settles_what_has_ended(desk, registry, ledger, stream, subscribed, hand, alice, bob, mallory, at, end):
    at(400)
    if end == "closed":
        desk.close(stream, {"from": alice})
    elif end == "withdrawn":
        registry.revokeAll(hand, bytes(32), {"from": alice})
    at(700)
    desk.stop(stream, bob, {"from": mallory})

    paid = 5_000 if end == "used up" else 2_000
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob), ledger.lockedBy(desk)) == (paid, 5_000 - paid, 0)


def test_debt_stops_when_consent_is_withdrawn(desk, registry, stream, subscribed, hand, alice, bob, at, opened_at):
    at(150)  # before debt began
    registry.revokeAll(hand, bytes(32), {"from": alice})
    at(650)
    desk.stop(stream, bob, {"from": bob})

    assert desk.subscriptionOf(stream, bob) == (opened_at + 200, opened_at + 200, 0, 0)


def test_withdrawing_again_makes_no_debt(desk, registry, ledger, stream, subscribed, hand, alice, bob, at):
    for moment in (300, 500, 600):
        at(moment)
        registry.revokeAll(hand, bytes(32), {"from": alice})
    at(650)
    desk.stop(stream, bob, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (1_000, 4_000)


def test_it_emits_unsubscribed(desk, stream, subscribed, alice, bob, at, opened_at):
    at(333)
    tx = desk.stop(stream, bob, {"from": alice})

    said = {"stream": stream, "subscriber": bob, "until": opened_at + 333, "paid": 1_330, "rest": 3_670}
    assert dict(tx.events["Unsubscribed"]) == said
