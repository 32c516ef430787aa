"""KeyExchange.deliver: the branches of deliver.tree."""

from dataclasses import astuple, replace

import pytest
from brownie import chain, web3
from reverts import ANY, reverts_with
from sales import DELIVERED, NONE, agreement, deliver, kept, seeded, unwrap, wrap

SECRET = seeded("Bob's one-time secret")


@pytest.fixture
def parcel(exchange, ware, opened):
    """The right key, wrapped but not delivered."""
    return wrap(ware.root_key, opened, opened.id(exchange), 7)


def test_nothing_is_delivered_where_nothing_was_sold(exchange, opened, parcel, alice, carol):
    other = replace(opened, buyer=str(carol))

    with reverts_with("KeyExchange_WrongStage", other.id(exchange), NONE):
        exchange.deliver(other.call, parcel.call, {"from": alice})


@pytest.mark.parametrize(
    "field", ["key_x", "key_y", "opened_at", "duration", "consent_epoch", "terms", "price", "bond"]
)
def test_a_changed_deal_is_refused(exchange, opened, parcel, alice, field):
    changed = replace(opened, **{field: getattr(opened, field) + 1})
    expected, given = kept(opened.id(exchange)), kept(changed.id(exchange))

    with reverts_with("KeyExchange_WrongDeal", expected, given):
        exchange.deliver(changed.call, parcel.call, {"from": alice})


def test_only_the_seller_delivers(exchange, opened, parcel, alice, mallory):
    with reverts_with("KeyExchange_NotSeller", alice, mallory):
        exchange.deliver(opened.call, parcel.call, {"from": mallory})


def test_a_keeper_delivers_in_the_sellers_name(exchange, opened, parcel, alice, carol, mallory):
    exchange.appoint(carol, {"from": alice})
    exchange.appoint(mallory, {"from": mallory})

    with reverts_with("KeyExchange_NotSeller", alice, mallory):
        exchange.deliver(opened.call, parcel.call, {"from": mallory})
    exchange.deliver(opened.call, parcel.call, {"from": carol})

    assert exchange.saleOf(opened.asset, opened.buyer)[0] == DELIVERED


def test_a_delivery_at_the_deadline_is_too_late(exchange, opened, parcel, alice):
    deadline = opened.opened_at + exchange.deliveryWindow()
    web3.provider.make_request("evm_setNextBlockTimestamp", [deadline])

    with reverts_with("KeyExchange_TooLate", deadline):
        exchange.deliver(opened.call, parcel.call, {"from": alice})


def test_a_delivery_in_the_last_second_counts(exchange, ware, opened, parcel, alice, bob):
    deadline = opened.opened_at + exchange.deliveryWindow()
    web3.provider.make_request("evm_setNextBlockTimestamp", [deadline - 1])

    exchange.deliver(opened.call, parcel.call, {"from": alice})

    assert exchange.saleOf(ware.id, bob)[0] == DELIVERED


def test_an_ephemeral_key_off_the_curve_is_refused(exchange, opened, parcel, alice):
    wrapped, x, y = astuple(parcel)

    with reverts_with("KeyExchange_BadPoint", x, y ^ 1):
        exchange.deliver(opened.call, (wrapped, x, y ^ 1), {"from": alice})


def test_a_key_is_delivered_once(exchange, opened, delivered, alice):
    with reverts_with("KeyExchange_WrongStage", ANY, DELIVERED):
        exchange.deliver(opened.call, delivered.call, {"from": alice})


def test_who_sold_delivers_even_after_a_transfer(system, exchange, ware, opened, alice, bob, carol):
    system.asset_registry.transferFrom(alice, carol, ware.id, {"from": alice})

    deliver(system, opened, ware.root_key, alice)

    assert exchange.saleOf(ware.id, bob)[0] == DELIVERED


def test_the_delivery_is_remembered_by_its_hash(exchange, ware, opened, delivered, bob):
    expected = agreement(opened.id(exchange), delivered)

    assert exchange.agreementOf(ware.id, bob) == "0x" + expected.hex()


def test_the_dispute_window_starts(exchange, ware, delivered, bob):
    deadline = chain[-1].timestamp + exchange.disputeWindow()

    assert tuple(exchange.saleOf(ware.id, bob)) == (DELIVERED, deadline, 0, 0, 0, 0, False)


def test_it_emits_key_delivered(exchange, ware, opened, parcel, alice, bob):
    tx = exchange.deliver(opened.call, parcel.call, {"from": alice})

    event = tx.events["KeyDelivered"]
    assert event["dealId"] == "0x" + opened.id(exchange).hex()
    assert (event["asset"], event["buyer"]) == ("0x" + ware.id.hex(), bob)
    wrapped, *ephemeral = event["delivery"]
    assert (bytes(wrapped), *ephemeral) == parcel.call
    assert event["deadline"] == tx.timestamp + exchange.disputeWindow()


def test_the_buyer_unwraps_the_key(exchange, ware, opened, delivered):
    assert unwrap(delivered, opened.id(exchange), SECRET) == ware.root_key
