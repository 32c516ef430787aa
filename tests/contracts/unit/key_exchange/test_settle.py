"""KeyExchange.settle: the branches of settle.tree."""

from dataclasses import replace

import pytest
from assets import FOREVER, TRAIN
from brownie import chain, web3
from reverts import ANY, reverts_with
from sales import OPEN, SETTLED, agreement, deliver, open_sale, put_on_sale, seeded, settle, wrap

PRICE = 1_000_000
SECRET = seeded("Bob's one-time secret")
YEAR = 365 * 86_400


@pytest.fixture
def finish(system, alice, bob, carol):
    """Take a sale from opening to settlement; returns the deal and the last transaction."""

    def finish_(ware):
        deal = open_sale(system, ware, bob, SECRET)
        delivery = deliver(system, deal, ware.root_key, alice)
        return deal, settle(system, deal, delivery, carol)

    return finish_


def test_an_open_sale_cannot_settle(system, exchange, ware, opened, carol):
    parcel = wrap(ware.root_key, opened, opened.id(exchange), 7)

    with reverts_with("KeyExchange_WrongStage", opened.id(exchange), OPEN):
        settle(system, opened, parcel, carol)


def test_another_delivery_settles_nothing(system, exchange, opened, delivered, carol):
    other = replace(delivered, wrapped=bytes(32))
    deal_id = opened.id(exchange)

    with reverts_with("KeyExchange_WrongDeal", agreement(deal_id, delivered), agreement(deal_id, other)):
        settle(system, opened, other, carol)


def test_a_delivery_cannot_settle_two_deals(system, exchange, ware, opened, delivered, alice, carol, dave):
    second = open_sale(system, ware, dave, SECRET)
    second_delivery = deliver(system, second, ware.root_key, alice, ephemeral=8)
    second_id = second.id(exchange)

    with reverts_with("KeyExchange_WrongDeal", agreement(second_id, second_delivery), agreement(second_id, delivered)):
        settle(system, second, delivered, carol)


def test_settling_within_the_window_is_refused(exchange, ware, opened, delivered, bob, carol):
    deadline = exchange.saleOf(ware.id, bob)[1]
    web3.provider.make_request("evm_setNextBlockTimestamp", [deadline - 1])

    with reverts_with("KeyExchange_TooEarly", deadline):
        exchange.settle(opened.call, delivered.call, {"from": carol})


def test_nobody_pays_for_a_license_that_has_ended(system, ware, opened, delivered, alice):
    system.asset_registry.revokeAll(ware.id, {"from": alice})

    with reverts_with("KeyExchange_ConsentRevoked", 0, 1):
        settle(system, opened, delivered, alice)


def test_a_sale_settles_once(system, opened, delivered, carol):
    settle(system, opened, delivered, carol)

    with reverts_with("KeyExchange_WrongStage", ANY, SETTLED):
        settle(system, opened, delivered, carol)


def test_the_seller_is_paid(finish, ledger, exchange, ware, alice):
    before, held = ledger.balanceOf(alice), ledger.lockedBy(exchange)

    finish(ware)

    assert ledger.balanceOf(alice) == before + PRICE
    assert ledger.lockedBy(exchange) == held


def test_who_sold_is_paid_even_after_a_transfer(system, ledger, ware, opened, delivered, alice, carol):
    system.asset_registry.transferFrom(alice, carol, ware.id, {"from": alice})

    settle(system, opened, delivered, carol)

    assert (ledger.balanceOf(alice), ledger.balanceOf(carol)) == (PRICE, 0)


def test_a_models_income_goes_through_the_graph(system, finish, ledger, exchange, model, alice, bob):
    deal, tx = finish(model)

    graph = system.revenue_graph
    assert ledger.balanceOf(alice) == 0
    assert ledger.lockedBy(graph) == PRICE
    assert graph.ownOf(model.id) == PRICE
    paid = tx.events["Paid"]
    assert (paid["payer"], paid["amount"], paid["ref"]) == (bob, PRICE, "0x" + deal.id(exchange).hex())
    assert tuple(exchange.saleOf(model.id, bob))[5:] == (PRICE, True)


def test_a_free_capture_settles_without_money(finish, exchange, gift, bob):
    _, tx = finish(gift)

    assert set(tx.events.keys()) == {"SaleSettled"}
    assert exchange.saleOf(gift.id, bob)[0] == SETTLED


def test_a_free_model_settles_without_money(finish, exchange, free_model, bob):
    _, tx = finish(free_model)

    assert set(tx.events.keys()) == {"SaleSettled"}
    assert exchange.saleOf(free_model.id, bob)[0] == SETTLED


def test_a_license_without_end(finish, exchange, gift, bob):
    finish(gift)

    assert exchange.saleOf(gift.id, bob)[2] == FOREVER


def test_a_license_of_a_year_starts_when_it_settles(finish, exchange, ware, bob):
    _, tx = finish(ware)

    assert tuple(exchange.saleOf(ware.id, bob)) == (SETTLED, 0, tx.timestamp + YEAR, 0, ware.terms, PRICE, False)


def test_a_duration_beyond_time_does_not_hold_up_the_money(system, finish, exchange, ledger, alice, bob):
    ware = put_on_sale(system, alice, PRICE, "for ever and a day", duration=FOREVER)

    finish(ware)

    assert exchange.saleOf(ware.id, bob)[2] == FOREVER
    assert ledger.balanceOf(alice) == PRICE


def test_it_emits_sale_settled(finish, exchange, ware, bob):
    deal, tx = finish(ware)

    assert dict(tx.events["SaleSettled"]) == {
        "dealId": "0x" + deal.id(exchange).hex(),
        "asset": "0x" + ware.id.hex(),
        "buyer": bob,
        "price": PRICE,
        "until": tx.timestamp + YEAR,
    }


def test_the_agreement_is_forgotten(finish, exchange, ware, bob):
    finish(ware)

    assert exchange.agreementOf(ware.id, bob) == "0x" + "00" * 32


def test_the_settled_sale_is_the_license(system, finish, ware, bob):
    _, tx = finish(ware)

    allowed = system.license_desk.isAllowed
    assert allowed(ware.id, bob, TRAIN, chain.time())
    assert not allowed(ware.id, bob, TRAIN, tx.timestamp + YEAR)
