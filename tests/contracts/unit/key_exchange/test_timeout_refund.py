"""KeyExchange.timeoutRefund: the branches of timeout_refund.tree."""

from dataclasses import replace

import pytest
from brownie import chain, web3
from reverts import ANY, reverts_with
from sales import DELIVERED, NO_DELIVERY, REFUNDED, kept, open_sale, put_on_sale, seeded
from system import contract

PRICE = 1_000_000
SECRET = seeded("Bob's one-time secret")


@pytest.fixture
def late(exchange, opened):
    """The deal of a sale whose delivery window has passed."""
    chain.sleep(exchange.deliveryWindow() + 60)
    return opened


def test_a_delivered_sale_does_not_time_out(exchange, opened, delivered, bob):
    chain.sleep(exchange.deliveryWindow() + 60)

    with reverts_with("KeyExchange_WrongStage", ANY, DELIVERED):
        exchange.timeoutRefund(opened.call, {"from": bob})


def test_a_changed_deal_is_not_refunded(exchange, late, bob):
    changed = replace(late, price=late.price + 1)

    with reverts_with("KeyExchange_WrongDeal", kept(late.id(exchange)), kept(changed.id(exchange))):
        exchange.timeoutRefund(changed.call, {"from": bob})


def test_a_refund_before_the_deadline_is_refused(exchange, opened, bob):
    deadline = opened.opened_at + exchange.deliveryWindow()
    web3.provider.make_request("evm_setNextBlockTimestamp", [deadline - 1])

    with reverts_with("KeyExchange_TooEarly", deadline):
        exchange.timeoutRefund(opened.call, {"from": bob})


def test_money_comes_back_once(exchange, late, bob):
    exchange.timeoutRefund(late.call, {"from": bob})

    with reverts_with("KeyExchange_WrongStage", ANY, REFUNDED):
        exchange.timeoutRefund(late.call, {"from": bob})


def test_a_blocked_buyer_is_refunded_into_the_account(shop, deployer, bob, carol):
    token = contract("BlocklistToken").deploy({"from": deployer})
    system, ware = shop(token)
    deal = open_sale(system, ware, bob, SECRET)
    token.setBlocked(bob, True, {"from": deployer})
    chain.sleep(system.key_exchange.deliveryWindow() + 60)

    system.key_exchange.timeoutRefund(deal.call, {"from": carol})
    system.ledger.withdraw(carol, PRICE, {"from": bob})

    assert token.balanceOf(carol) == PRICE


def test_a_free_sale_times_out_too(system, exchange, gift, bob, carol):
    deal = open_sale(system, gift, bob, SECRET)
    chain.sleep(exchange.deliveryWindow() + 60)

    tx = exchange.timeoutRefund(deal.call, {"from": carol})

    assert set(tx.events.keys()) == {"SaleRefunded"}


def test_a_seller_who_brings_no_key_loses_the_bond(exchange, ledger, bonded, pledged, alice, bob, carol):
    chain.sleep(exchange.deliveryWindow() + 60)

    exchange.timeoutRefund(pledged.call, {"from": carol})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (0, PRICE + 2 * bonded.bond)
    assert ledger.lockedBy(exchange) == 0


def test_the_smallest_bond_is_the_buyers_too(system, exchange, ledger, alice, bob):
    deal = open_sale(system, put_on_sale(system, alice, 10, "small", bond_bps=1_000), bob, SECRET)
    chain.sleep(exchange.deliveryWindow() + 60)

    exchange.timeoutRefund(deal.call, {"from": bob})

    assert deal.bond == 1
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (0, 12)


def test_anybody_returns_the_buyers_money(exchange, ledger, late, bob, mallory):
    exchange.timeoutRefund(late.call, {"from": mallory})

    assert ledger.balanceOf(bob) == PRICE
    assert ledger.lockedBy(exchange) == 0


def test_the_end_is_kept(exchange, ware, late, bob):
    tx = exchange.timeoutRefund(late.call, {"from": bob})

    assert tuple(exchange.saleOf(ware.id, bob)) == (REFUNDED, tx.timestamp, 0, 0, 0, 0, False)
    assert exchange.agreementOf(ware.id, bob) == "0x" + "00" * 32


def test_it_emits_sale_refunded(exchange, ware, late, bob):
    tx = exchange.timeoutRefund(late.call, {"from": bob})

    assert dict(tx.events["SaleRefunded"]) == {
        "dealId": "0x" + late.id(exchange).hex(),
        "asset": "0x" + ware.id.hex(),
        "buyer": bob,
        "price": PRICE,
        "reason": NO_DELIVERY,
    }
