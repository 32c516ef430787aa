"""KeyExchange.settle: the branches of settle.tree."""

from dataclasses import replace

import pytest
from assets import FOREVER, MODEL, TRAIN
from brownie import chain, web3
from reverts import ANY, reverts_with
from sales import OPEN, SETTLED, agreement, deliver, open_sale, put_on_sale, seeded, settle, wrap
from system import fund

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
    withdrawn = system.asset_registry.revokeAll(ware.id, bytes(32), {"from": alice})

    with reverts_with("KeyExchange_ConsentRevoked", 0, withdrawn.timestamp):
        settle(system, opened, delivered, alice)


def test_a_sale_settles_once(system, opened, delivered, carol):
    settle(system, opened, delivered, carol)

    with reverts_with("KeyExchange_WrongStage", ANY, SETTLED):
        settle(system, opened, delivered, carol)


def test_the_seller_is_paid(system, finish, ledger, exchange, alice):
    ware = put_on_sale(system, alice, PRICE, "without end")
    before, held = ledger.balanceOf(alice), ledger.lockedBy(exchange)

    finish(ware)

    assert ledger.balanceOf(alice) == before + PRICE
    assert ledger.lockedBy(exchange) == held


def test_who_sold_is_paid_even_after_a_transfer(system, ledger, alice, bob, carol):
    ware = put_on_sale(system, alice, PRICE, "without end")
    deal = open_sale(system, ware, bob, SECRET)
    delivery = deliver(system, deal, ware.root_key, alice)
    system.asset_registry.transferFrom(alice, carol, ware.id, {"from": alice})

    settle(system, deal, delivery, carol)

    assert (ledger.balanceOf(alice), ledger.balanceOf(carol)) == (PRICE, 0)


def stream_of(tx):
    """The stream a settlement started, as calldata."""
    return tuple(tx.events["StreamStarted"]["stream"])


def test_the_price_of_time_waits_in_the_escrow(system, finish, ledger, exchange, ware, alice, bob):
    deal, tx = finish(ware)

    now = tx.timestamp
    terms = (ware.id, bytes(32), 0, str(exchange), str(bob), str(alice), PRICE, now, now, now + YEAR, 0, False)
    assert tx.events["StreamStarted"]["id"] == system.escrow.idOf(terms)
    assert (ledger.lockedBy(system.escrow), ledger.lockedBy(exchange), ledger.balanceOf(alice)) == (PRICE, 0, 0)
    chain.sleep(YEAR)
    system.escrow.collect(stream_of(tx), {"from": bob})
    assert (ledger.lockedBy(system.escrow), ledger.balanceOf(alice), deal.duration) == (0, PRICE, YEAR)


def test_the_price_of_a_models_time_reaches_its_node(system, finish, ledger, alice, bob):
    _, tx = finish(put_on_sale(system, alice, PRICE, "rented model", MODEL, duration=YEAR))
    node = tx.events["StreamStarted"]["asset"]

    assert (ledger.lockedBy(system.escrow), system.revenue_graph.ownOf(node)) == (PRICE, 0)
    chain.sleep(YEAR)
    system.escrow.collect(stream_of(tx), {"from": bob})
    assert (ledger.lockedBy(system.escrow), system.revenue_graph.ownOf(node)) == (0, PRICE)


def earned(tx, at):
    """What a year's price has come to by some time."""
    return PRICE * (at - tx.timestamp) // YEAR


def test_lost_time_is_paid_back_when_consent_is_withdrawn(system, finish, ledger, ware, alice, bob, carol):
    _, tx = finish(ware)
    chain.sleep(YEAR // 4)
    end = system.asset_registry.revokeAll(ware.id, bytes(32), {"from": alice}).timestamp
    chain.sleep(YEAR // 4)

    system.escrow.refund(stream_of(tx), {"from": carol})

    assert 0 < earned(tx, end) < PRICE
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (earned(tx, end), PRICE - earned(tx, end))
    assert ledger.lockedBy(system.escrow) == 0


def test_lost_time_is_paid_back_when_the_owner_ends_it(system, finish, ledger, ware, alice, bob, carol):
    _, tx = finish(ware)
    chain.sleep(YEAR // 2)
    ended = system.license_desk.revokeOne(ware.id, 0, bob, {"from": alice})

    system.escrow.refund(stream_of(tx), {"from": carol})

    paid = earned(tx, ended.timestamp)
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (paid, PRICE - paid)
    assert ended.events["LicenseEnded"]["paidBack"] == 0
    assert not system.license_desk.isAllowed(ware.id, bob, TRAIN, chain.time())


def test_the_time_of_a_part_is_its_own(system, finish, ledger, exchange, alice, bob, carol):
    ware = put_on_sale(system, alice, PRICE, "in parts", duration=YEAR, part=3)
    _, tx = finish(ware)
    with reverts_with("LicenseDesk_NoLicense", ANY, ANY):
        system.license_desk.revokeOne(ware.id, 0, bob, {"from": alice})
    with reverts_with("Escrow_StillRuns", ANY):
        system.escrow.refund(stream_of(tx), {"from": carol})

    ended = system.license_desk.revokeOne(ware.id, 3, bob, {"from": alice}).timestamp
    system.escrow.refund(stream_of(tx), {"from": carol})

    assert ledger.balanceOf(bob) == PRICE - earned(tx, ended)


@pytest.fixture
def alone(system, alice):
    """Alice's capture under exclusive terms for a year."""
    return put_on_sale(system, alice, PRICE, "alone", duration=YEAR, exclusive=True)


def test_an_exclusive_sale_keeps_others_out(system, finish, alone, bob, carol):
    _, tx = finish(alone)

    end = tx.timestamp + YEAR
    assert tuple(system.covenants.exclusiveOf(alone.id)) == (bob, end, 0, True)
    with reverts_with("Covenants_Exclusive", alone.id, bob, end):
        open_sale(system, alone, carol, SECRET)
    chain.sleep(YEAR)
    open_sale(system, alone, carol, SECRET)


def test_an_exclusive_sale_keeps_others_out_as_soon_as_it_is_opened(system, alone, bob, carol):
    """Of two sales that ran side by side the second buyer would have paid for a promise that was given away."""
    open_sale(system, alone, bob, SECRET)

    assert tuple(system.covenants.exclusiveOf(alone.id)) == (bob, 2**40 - 1, 0, True)
    with reverts_with("Covenants_Exclusive", alone.id, bob, 2**40 - 1):
        open_sale(system, alone, carol, SECRET)
    fund(system.token, carol, PRICE, system.ledger)
    with reverts_with("Covenants_Exclusive", alone.id, bob, 2**40 - 1):
        system.license_desk.buy(alone.id, alone.terms, PRICE, 10**6, 0, {"from": carol})


def test_an_exclusive_sale_that_is_refunded_lets_others_in(system, exchange, alone, alice, bob, carol):
    deal = open_sale(system, alone, bob, SECRET)
    chain.sleep(exchange.deliveryWindow() + 1)

    exchange.timeoutRefund(deal.call, {"from": alice})

    assert system.covenants.exclusiveOf(alone.id)[1] == 0
    open_sale(system, alone, carol, SECRET)


def test_an_exclusive_sale_that_is_ended_lets_others_in(system, finish, alone, alice, bob, carol):
    finish(alone)

    system.license_desk.revokeOne(alone.id, 0, bob, {"from": alice})

    assert system.covenants.exclusiveOf(alone.id)[1] == 0
    open_sale(system, alone, carol, SECRET)


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

    assert tuple(exchange.saleOf(ware.id, bob)) == (
        SETTLED,
        tx.timestamp,
        tx.timestamp + YEAR,
        0,
        ware.terms,
        PRICE,
        False,
    )


def test_a_duration_beyond_time_does_not_hold_up_the_money(system, finish, exchange, ledger, alice, bob):
    ware = put_on_sale(system, alice, PRICE, "for ever and a day", duration=FOREVER)

    finish(ware)

    assert exchange.saleOf(ware.id, bob)[2] == FOREVER
    assert ledger.balanceOf(alice) == PRICE


def test_both_have_their_bonds_back(system, ledger, exchange, bonded, pledged, alice, bob, carol):
    delivery = deliver(system, pledged, bonded.root_key, alice)

    settle(system, pledged, delivery, carol)

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (PRICE + bonded.bond, bonded.bond)
    assert ledger.lockedBy(exchange) == 0


def test_the_bonds_of_a_model_do_not_go_through_the_graph(system, finish, ledger, exchange, alice, bob):
    ware = put_on_sale(system, alice, PRICE, "bonded model", MODEL, bond_bps=5_000)

    finish(ware)

    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (PRICE // 2, PRICE // 2)
    assert (ledger.lockedBy(system.revenue_graph), ledger.lockedBy(exchange)) == (PRICE, 0)


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
