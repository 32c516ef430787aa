"""KeyExchange.open: the branches of open.tree."""

from dataclasses import replace

import pytest
from brownie import chain, web3
from reverts import ANY, reverts_with
from sales import (
    DELIVERED,
    ENOUGH,
    FIELD,
    OPEN,
    ORDER,
    PLAIN,
    REFUNDED,
    Deal,
    deal_of,
    dispute,
    kept,
    licensed_id,
    open_sale,
    order,
    point,
    put_on_sale,
    seeded,
    settle,
)
from system import Params, contract, fund

PRICE = 1_000_000
SECRET = seeded("Bob's one-time secret")
KEY = point(SECRET)


@pytest.fixture
def buy(exchange):
    """Try to open a sale with nothing prepared."""

    def buy_(ware, buyer, key=KEY, max_price=ENOUGH, min_duration=0):
        return exchange.open(order(ware, key, max_price=max_price, min_duration=min_duration), {"from": buyer})

    return buy_


@pytest.mark.parametrize("key", [(KEY[0], KEY[1] ^ 1), (KEY[1], KEY[0]), (KEY[0], FIELD + 1), (1, 1)])
def test_a_key_off_the_curve_is_refused(buy, ware, bob, key):
    with reverts_with("KeyExchange_BadPoint", *key):
        buy(ware, bob, key)


def test_infinity_is_refused(buy, ware, bob):
    with reverts_with("KeyExchange_BadPoint", 0, 0):
        buy(ware, bob, (0, 0))


def test_an_x_beyond_the_group_order_is_refused(buy, ware, bob):
    x, y = point_beyond_the_order()

    with reverts_with("KeyExchange_BadPoint", x, y):
        buy(ware, bob, (x, y))


def test_an_unknown_asset_is_refused(exchange, ware, bob):
    with reverts_with("AssetRegistry_Unknown", b"\x01" * 32):
        exchange.open((b"\x01" * 32, *order(ware, KEY)[1:]), {"from": bob})


def test_the_owner_cannot_buy(buy, ware, alice):
    with reverts_with("KeyExchange_SellerBuys", alice):
        buy(ware, alice)


def test_without_an_offer_nothing_opens(system, buy, ware, alice, bob):
    system.license_desk.closeOffer(ware.id, ware.terms, 0, {"from": alice})

    with reverts_with("LicenseDesk_NoOffer", ware.id, alice, ware.terms):
        buy(ware, bob)


def test_a_price_above_the_buyers_limit_is_refused(buy, ware, bob):
    with reverts_with("LicenseDesk_PriceAbove", PRICE, PRICE - 1):
        buy(ware, bob, max_price=PRICE - 1)


def test_a_license_shorter_than_the_buyer_wants_is_refused(buy, ware, bob):
    with reverts_with("LicenseDesk_TooShort", 365 * 86_400, 366 * 86_400):
        buy(ware, bob, min_duration=366 * 86_400)


def test_a_second_sale_beside_an_open_one_is_refused(buy, ware, opened, bob):
    with reverts_with("KeyExchange_WrongStage", ANY, OPEN):
        buy(ware, bob)


def test_a_second_sale_beside_a_delivered_one_is_refused(buy, ware, delivered, bob):
    with reverts_with("KeyExchange_WrongStage", ANY, DELIVERED):
        buy(ware, bob)


def test_who_holds_a_license_cannot_buy_another(system, buy, ware, opened, delivered, bob):
    until = settle(system, opened, delivered, bob).events["SaleSettled"]["until"]

    with reverts_with("KeyExchange_AlreadyLicensed", ware.id, bob, until):
        buy(ware, bob)


def test_an_expired_license_can_be_bought_again(system, ware, opened, delivered, exchange, bob):
    until = settle(system, opened, delivered, bob).events["SaleSettled"]["until"]
    chain.sleep(until - chain.time() + 60)

    open_sale(system, ware, bob, SECRET)

    assert exchange.saleOf(ware.id, bob)[0] == OPEN


def test_the_next_sale_opens_the_second_after_a_license_ended(system, exchange, ware, opened, delivered, bob):
    until = settle(system, opened, delivered, bob).events["SaleSettled"]["until"]
    fund(system.token, bob, PRICE, system.ledger)

    at_second(until)
    with reverts_with("KeyExchange_AlreadyLicensed", ware.id, bob, until):
        exchange.open(order(ware, KEY), {"from": bob})
    at_second(until + 1)
    exchange.open(order(ware, KEY), {"from": bob})

    assert exchange.saleOf(ware.id, bob)[0] == OPEN


@pytest.mark.parametrize("withdrawn", [False, True])
def test_no_sale_opens_in_the_second_its_owner_ended_a_license(
    system, exchange, ware, opened, delivered, alice, bob, withdrawn
):
    """Its stream would count as ended when it begins: free, while the license runs."""
    settle(system, opened, delivered, bob)
    fund(system.token, bob, PRICE, system.ledger)
    ended = system.license_desk.revokeOne(ware.id, 0, bob, {"from": alice}).timestamp
    if withdrawn:
        at_second(ended)
        system.asset_registry.revokeAll(ware.id, bytes(32), {"from": alice})
        at_second(ended)
        system.license_desk.offer(ware.id, ware.terms, 0, (PRICE, 0, 2**40 - 1, 0), {"from": alice})

    at_second(ended)
    with reverts_with("KeyExchange_AlreadyLicensed", ware.id, bob, ended):
        exchange.open(order(ware, KEY), {"from": bob})


def test_a_revoked_license_can_be_bought_again(system, ware, opened, delivered, exchange, alice, bob):
    settle(system, opened, delivered, bob)
    system.asset_registry.revokeAll(ware.id, bytes(32), {"from": alice})
    system.license_desk.offer(ware.id, ware.terms, 0, (PRICE, 0, 2**40 - 1, 0), {"from": alice})

    open_sale(system, ware, bob, SECRET)

    assert exchange.saleOf(ware.id, bob)[0] == OPEN


def test_a_sale_cannot_return_in_the_second_it_ended(system, ware, exchange, deployer, bob):
    actor = contract("Actor").deploy({"from": deployer})
    system.token.mint(actor, 2 * PRICE, {"from": deployer})
    approve = system.token.approve.encode_input(system.ledger, 2 * PRICE)
    actor.run(system.token, approve, {"from": deployer})
    again = exchange.open.encode_input(order(ware, KEY))
    deal = deal_of(actor.run(exchange, again, {"from": deployer}))
    chain.sleep(exchange.deliveryWindow() + 60)

    at = exchange.timeoutRefund(deal.call, {"from": bob}).timestamp
    at_second(at)

    with reverts_with("KeyExchange_TooEarly", at):
        actor.run(exchange, again, {"from": deployer})


def test_a_refunded_sale_can_be_tried_again(system, ware, opened, cheated, exchange, bob):
    dispute(system, ware, opened, cheated, SECRET, bob)
    chain.sleep(2)

    again = open_sale(system, ware, bob, SECRET)

    assert again.id(exchange) != opened.id(exchange)
    assert exchange.saleOf(ware.id, bob)[0] == OPEN


def test_a_token_that_takes_a_fee_cannot_pay(shop, deployer, bob):
    system, ware = shop(contract("FeeOnTransferToken").deploy(100, {"from": deployer}))

    with reverts_with("KeyExchange_ShortPaid", PRICE - PRICE // 100, PRICE):
        open_sale(system, ware, bob, SECRET)


def test_an_empty_purse_opens_nothing(system, buy, ware, carol):
    with reverts_with("ERC20InsufficientAllowance", system.ledger, 0, PRICE):
        buy(ware, carol)


def test_a_paused_token_opens_nothing(shop, deployer, bob):
    token = contract("PausableToken").deploy({"from": deployer})
    system, ware = shop(token)
    fund(token, bob, PRICE, system.ledger)
    token.setPaused(True, {"from": deployer})

    with reverts_with("PausableToken_Paused"):
        system.key_exchange.open(order(ware, KEY), {"from": bob})


def test_a_token_that_returns_nothing_pays(shop, deployer, bob):
    system, ware = shop(contract("NoReturnToken").deploy({"from": deployer}))

    open_sale(system, ware, bob, SECRET)

    assert system.ledger.lockedBy(system.key_exchange) == PRICE


def test_a_refund_inside_the_payment_is_only_that_buyers(shop, deployer, alice, bob, carol):
    token = contract("ReentrantToken").deploy({"from": deployer})
    system, ware = shop(token, Params(delivery_window=0))
    exchange, ledger = system.key_exchange, system.ledger
    open_sale(system, ware, carol, seeded("Carol's secret"))
    fund(token, bob, PRICE, ledger)
    at = chain.time() + 100
    deal = Deal(ware.id, str(alice), str(bob), *KEY, at, 0, 0, ware.terms, PRICE, False)
    token.arm(exchange, exchange.timeoutRefund.encode_input(deal.call), {"from": bob})
    at_second(at)

    exchange.open(order(ware, KEY), {"from": bob})

    assert token.lastWorked()
    assert exchange.saleOf(ware.id, bob)[0] == REFUNDED
    assert (ledger.balanceOf(bob), ledger.lockedBy(exchange)) == (PRICE, PRICE)
    assert token.balanceOf(ledger) == 2 * PRICE


def test_both_bonds_are_held(system, exchange, ledger, bonded, alice, bob):
    assert ledger.balanceOf(alice) == bonded.bond

    deal = open_sale(system, bonded, bob, SECRET)

    assert (deal.price, deal.bond) == (PRICE, PRICE // 10)
    assert ledger.lockedBy(exchange) == PRICE + 2 * bonded.bond
    assert (ledger.balanceOf(alice), system.token.balanceOf(bob)) == (0, 0)


def test_a_seller_without_his_bond_sells_nothing(system, buy, ledger, bonded, alice, bob):
    ledger.withdraw(alice, 1, {"from": alice})
    fund(system.token, bob, PRICE + bonded.bond, ledger)

    with reverts_with("Ledger_NotEnough", alice, bonded.bond - 1, bonded.bond):
        buy(bonded, bob)


def test_a_bond_is_a_share_of_the_price_rounded_down(system, alice, bob):
    ware = put_on_sale(system, alice, 9_999, "odd", bond_bps=1)
    nothing = put_on_sale(system, alice, 0, "free with a bond", bond_bps=10_000)

    assert open_sale(system, ware, bob, SECRET).bond == 0
    assert open_sale(system, nothing, bob, SECRET).bond == 0


def test_a_part_is_sold_beside_the_whole(system, exchange, ware, opened, alice, bob):
    system.license_desk.offer(ware.id, ware.terms, 3, (PRICE // 4, 0, 2**40 - 1, 0), {"from": alice})
    part = replace(ware, price=PRICE // 4, part=3)

    deal = open_sale(system, part, bob, SECRET)

    assert (deal.asset, deal.range, deal.price) == (ware.id, 3, PRICE // 4)
    assert exchange.saleOf(licensed_id(ware.id, 3), bob)[0] == OPEN
    assert exchange.agreementOf(licensed_id(ware.id, 3), bob) == "0x" + kept(deal.id(exchange)).hex()
    assert exchange.agreementOf(ware.id, bob) == "0x" + kept(opened.id(exchange)).hex()


@pytest.mark.parametrize("part", [1, 2**33])
def test_what_is_no_part_is_not_sold(buy, ware, bob, part):
    with reverts_with("KeyRange_Unknown", part):
        buy(replace(ware, part=part), bob)


def test_the_price_is_held(system, ware, bob, ledger, exchange):
    held = ledger.lockedBy(exchange)

    open_sale(system, ware, bob, SECRET)

    assert ledger.lockedBy(exchange) == held + PRICE
    assert system.token.balanceOf(bob) == 0


def test_the_deal_is_remembered_by_its_hash(exchange, ware, opened, bob):
    deal_id = opened.id(exchange)

    assert exchange.dealIdOf(opened.call) == "0x" + deal_id.hex()
    assert exchange.agreementOf(ware.id, bob) == "0x" + kept(deal_id).hex()
    deadline = opened.opened_at + exchange.deliveryWindow()
    assert tuple(exchange.saleOf(ware.id, bob)) == (OPEN, deadline, 0, 0, 0, 0, False)


def test_it_emits_sale_opened(system, exchange, ware, alice, bob):
    fund(system.token, bob, PRICE, system.ledger)

    tx = exchange.open(order(ware, KEY), {"from": bob})

    deal = deal_of(tx)
    assert deal.call == (ware.id, alice, bob, *KEY, tx.timestamp, 365 * 86_400, 0, ware.terms, PRICE, False, *PLAIN)
    assert tx.return_value == "0x" + deal.id(exchange).hex()
    event = tx.events["SaleOpened"]
    assert (event["dealId"], event["asset"], event["buyer"]) == (tx.return_value, "0x" + ware.id.hex(), bob)
    assert event["deadline"] == tx.timestamp + exchange.deliveryWindow()


def test_a_free_offer_opens_without_money(system, exchange, gift, bob):
    deal = open_sale(system, gift, bob, SECRET)

    assert deal.price == 0
    assert exchange.saleOf(gift.id, bob)[0] == OPEN


def at_second(timestamp):
    """Give the next block a timestamp, be it one already used."""
    web3.provider.make_request("evm_setNextBlockTimestamp", [timestamp])


def point_beyond_the_order():
    """Return a curve point whose x lies between the group order and the field prime."""
    for x in range(ORDER, ORDER + 1_000):
        square = (x**3 + 7) % FIELD
        y = pow(square, (FIELD + 1) // 4, FIELD)
        if y * y % FIELD == square:
            return x, y
    raise AssertionError("no such point found")
