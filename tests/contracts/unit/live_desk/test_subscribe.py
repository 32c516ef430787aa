"""LiveDesk.subscribe: the branches of subscribe.tree."""

import pytest
from assets import CAPTURE, mint, write_terms
from reverts import reverts_with
from system import contract

KEY = (5, 6)


def test_an_unknown_stream_has_no_subscribers(desk, stream, bob):
    with reverts_with("LiveDesk_Unknown", 2):
        desk.subscribe(2, 5_000, 10, *KEY, {"from": bob})


def test_a_seller_who_sold_the_asset_finds_no_new_subscribers(desk, registry, stream, hand, alice, bob, carol):
    registry.transferFrom(alice, carol, int.from_bytes(hand, "big"), {"from": alice})

    with reverts_with("LiveDesk_NotOwner", hand, alice):
        desk.subscribe(stream, 5_000, 10, *KEY, {"from": bob})


def test_an_exclusive_license_keeps_newcomers_out(world, alice, bob, judge):
    """Judge stands for the license desk, which marks what is licensed exclusively."""
    sender, book = {"from": judge}, world.terms_book
    registry = contract("AssetRegistry").deploy(book, judge, sender)
    desk = contract("LiveDesk").deploy(world.ledger, registry, book, sender)
    asset, terms = mint(registry, alice, "taken later", CAPTURE), write_terms(book, alice)
    desk.openStream(asset, terms, 10, 100, {"from": alice})
    registry.markExclusive(asset, True, sender)

    with reverts_with("LiveDesk_Exclusive", asset):
        desk.subscribe(1, 5_000, 10, *KEY, {"from": bob})
    with reverts_with("LiveDesk_Exclusive", asset):
        desk.openStream(asset, terms, 10, 100, {"from": alice})


@pytest.mark.parametrize("is_closed", [False, True])
def test_an_ended_stream_finds_no_new_subscribers(desk, registry, stream, hand, alice, bob, at, is_closed):
    ended = at(50)
    if is_closed:
        desk.close(stream, {"from": alice})
    else:
        registry.revokeAll(hand, bytes(32), {"from": alice})

    with reverts_with("LiveDesk_Ended", stream, ended):
        desk.subscribe(stream, 5_000, 10, *KEY, {"from": bob})


def test_a_rate_above_the_guard_is_refused(desk, stream, bob):
    with reverts_with("LiveDesk_RateAbove", 10, 9):
        desk.subscribe(stream, 5_000, 9, *KEY, {"from": bob})


def test_a_deposit_lasts_for_an_epoch_at_least(desk, stream, bob):
    with reverts_with("LiveDesk_DepositTooSmall", 999, 1_000):
        desk.subscribe(stream, 999, 10, *KEY, {"from": bob})
    desk.subscribe(stream, 1_000, 10, *KEY, {"from": bob})


def test_a_deposit_lasts_no_longer_than_the_terms_allow(desk, world, hand, alice, bob):
    short = write_terms(world.terms_book, alice, max_duration=300)
    desk.openStream(hand, short, 10, 100, {"from": alice})
    number = desk.count()

    with reverts_with("LiveDesk_TooLong", 301, 300):
        desk.subscribe(number, 3_010, 10, *KEY, {"from": bob})
    desk.subscribe(number, 3_009, 10, *KEY, {"from": bob})
    with reverts_with("LiveDesk_TooLong", 301, 300):
        desk.topUp(number, 1, {"from": bob})


def test_one_subscription_runs_at_a_time(desk, stream, subscribed, bob, at):
    at(5_000)  # used up, but not settled
    with reverts_with("LiveDesk_Runs", stream, bob):
        desk.subscribe(stream, 5_000, 10, *KEY, {"from": bob})


def test_a_fee_on_transfer_is_short_payment(hostile, bob):
    system = hostile("FeeOnTransferToken", 100)

    with reverts_with("LiveDesk_ShortPaid", 4_950, 5_000):
        system.live_desk.subscribe(1, 5_000, 10, *KEY, {"from": bob})


def test_a_surplus_is_the_subscribers(hostile, bob):
    system = hostile("ReentrantToken")
    system.token.arm(system.token, system.token.mint.encode_input(system.ledger, 50), {"from": bob})

    system.live_desk.subscribe(1, 5_000, 10, *KEY, {"from": bob})

    assert system.ledger.lockedBy(system.live_desk) == 5_000
    assert system.ledger.balanceOf(bob) == 50


def test_who_stops_inside_his_payment_gains_nothing(hostile, bob, carol):
    system = hostile("ReentrantToken")
    desk, ledger, token = system.live_desk, system.ledger, system.token
    desk.subscribe(1, 5_000, 10, *KEY, {"from": carol})
    actor = contract("Actor").deploy({"from": bob})
    token.mint(actor, 5_000, {"from": bob})
    actor.run(token, token.approve.encode_input(ledger, 5_000), {"from": bob})
    token.arm(actor, actor.run.encode_input(desk, desk.stop.encode_input(1, actor)), {"from": bob})

    actor.run(desk, desk.subscribe.encode_input(1, 5_000, 10, *KEY), {"from": bob})

    assert token.lastWorked()
    assert ledger.balanceOf(actor) == 5_000 == ledger.lockedBy(desk)
    assert token.balanceOf(ledger) == 10_000


@pytest.mark.parametrize(("second", "begins"), [(1, 100), (100, 100), (101, 200), (199, 200), (200, 200)])
def test_debt_begins_with_the_next_epoch(desk, stream, bob, at, opened_at, second, begins):
    at(second)
    desk.subscribe(stream, 5_000, 10, *KEY, {"from": bob})

    assert desk.subscriptionOf(stream, bob) == (opened_at + begins, 0, 5_000, 0)
    assert desk.coverOf(stream, bob) == (opened_at + begins, opened_at + begins + 500)


def test_the_deposit_is_locked(desk, ledger, world, stream, subscribed, bob):
    assert ledger.lockedBy(desk) == 5_000
    assert world.token.balanceOf(ledger) == 5_000
    assert ledger.balanceOf(bob) == 0


def test_it_emits_subscribed(desk, stream, bob, at, opened_at):
    at(130)
    tx = desk.subscribe(stream, 5_000, 10, 7, 8, {"from": bob})

    said = {"stream": stream, "subscriber": bob, "since": opened_at + 200, "deposit": 5_000, "keyX": 7, "keyY": 8}
    assert dict(tx.events["Subscribed"]) == said


def test_who_stopped_subscribes_again(desk, stream, subscribed, bob, at, opened_at):
    at(250)
    desk.stop(stream, bob, {"from": bob})
    at(260)
    desk.subscribe(stream, 2_000, 10, *KEY, {"from": bob})

    assert desk.subscriptionOf(stream, bob) == (opened_at + 300, 0, 2_000, 0)
