"""KeyExchange.consentRefund: the branches of consent_refund.tree."""

from dataclasses import replace

import pytest
from brownie import chain
from reverts import ANY, reverts_with
from sales import CONSENT_REVOKED, NO_DELIVERY, NONE, NOWHERE, REFUNDED, SETTLED, agreement, deliver, settle
from system import next_block_at

PRICE = 1_000_000


@pytest.fixture
def revoke(system, ware, alice):
    """Alice ends every license of her capture."""
    return lambda: system.asset_registry.revokeAll(ware.id, bytes(32), {"from": alice})


def test_an_open_sale_goes_on_while_consent_stands(exchange, opened, bob):
    with reverts_with("KeyExchange_ConsentStands", 0):
        exchange.consentRefund(opened.call, NOWHERE, {"from": bob})


def test_a_delivered_sale_goes_on_while_consent_stands(exchange, opened, delivered, bob):
    with reverts_with("KeyExchange_ConsentStands", 0):
        exchange.consentRefund(opened.call, delivered.call, {"from": bob})


def test_no_sale_no_refund(exchange, opened, revoke, carol):
    other = replace(opened, buyer=str(carol))
    revoke()

    with reverts_with("KeyExchange_WrongStage", other.id(exchange), NONE):
        exchange.consentRefund(other.call, NOWHERE, {"from": carol})


def test_a_settled_sale_is_not_refunded(system, exchange, opened, delivered, revoke, bob):
    settle(system, opened, delivered, bob)
    revoke()

    with reverts_with("KeyExchange_WrongStage", ANY, SETTLED):
        exchange.consentRefund(opened.call, delivered.call, {"from": bob})


def test_another_delivery_refunds_nothing(exchange, opened, delivered, revoke, bob):
    revoke()
    other = replace(delivered, wrapped=bytes(32))
    deal_id = opened.id(exchange)

    with reverts_with("KeyExchange_WrongDeal", agreement(deal_id, delivered), agreement(deal_id, other)):
        exchange.consentRefund(opened.call, other.call, {"from": bob})


def test_a_revoked_open_sale_is_refunded(exchange, ledger, ware, opened, revoke, bob, carol):
    revoke()

    exchange.consentRefund(opened.call, NOWHERE, {"from": carol})

    assert ledger.balanceOf(bob) == PRICE
    assert exchange.saleOf(ware.id, bob)[0] == REFUNDED


def test_the_delivery_is_ignored_while_open(exchange, ledger, opened, revoke, bob):
    revoke()

    exchange.consentRefund(opened.call, (b"\xff" * 32, 1, 2), {"from": bob})

    assert ledger.balanceOf(bob) == PRICE


def test_a_revoked_delivered_sale_is_refunded(exchange, ledger, opened, delivered, revoke, alice, bob, carol):
    revoke()
    chain.sleep(exchange.disputeWindow() + 60)

    exchange.consentRefund(opened.call, delivered.call, {"from": carol})

    assert (ledger.balanceOf(bob), ledger.balanceOf(alice)) == (PRICE, 0)


def test_within_the_window_only_the_buyer_takes_it(exchange, ware, opened, delivered, revoke, alice, bob):
    revoke()
    deadline = exchange.saleOf(ware.id, bob)[1]

    with reverts_with("KeyExchange_TooEarly", deadline):
        exchange.consentRefund(opened.call, delivered.call, {"from": alice})


@pytest.mark.parametrize("is_delivered", [False, True])
def test_each_has_his_bond_back(system, exchange, ledger, bonded, pledged, alice, bob, is_delivered):
    delivery = deliver(system, pledged, bytes(32), alice).call if is_delivered else NOWHERE
    system.asset_registry.revokeAll(bonded.id, bytes(32), {"from": alice})

    exchange.consentRefund(pledged.call, delivery, {"from": bob})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (bonded.bond, PRICE + bonded.bond)
    assert ledger.lockedBy(exchange) == 0


def test_who_withdraws_after_the_time_to_deliver_brought_no_key(
    system, exchange, ledger, bonded, pledged, alice, bob, mallory
):
    next_block_at(exchange.saleOf(bonded.id, bob)[1])
    system.asset_registry.revokeAll(bonded.id, bytes(32), {"from": alice})

    tx = exchange.consentRefund(pledged.call, NOWHERE, {"from": mallory})

    assert tx.events["SaleRefunded"]["reason"] == NO_DELIVERY
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (0, PRICE + 2 * bonded.bond)


def test_who_withdraws_in_time_keeps_his_bond_however_late_it_is_ended(
    system, exchange, ledger, bonded, pledged, alice, bob, mallory
):
    deadline = exchange.saleOf(bonded.id, bob)[1]
    for moment in (deadline - 1, deadline + 100):
        next_block_at(moment)
        system.asset_registry.revokeAll(bonded.id, bytes(32), {"from": alice})

    exchange.consentRefund(pledged.call, NOWHERE, {"from": mallory})

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (bonded.bond, PRICE + bonded.bond)


def test_it_emits_sale_refunded_for_consent(exchange, opened, delivered, revoke, bob):
    revoke()

    tx = exchange.consentRefund(opened.call, delivered.call, {"from": bob})

    assert tx.events["SaleRefunded"]["reason"] == CONSENT_REVOKED
