"""Sales that run while the asset changes hands, consent is withdrawn or the shares are given away: who loses what."""

import pytest
from assets import FOREVER, MODEL, SIM, TRAIN, mint, write_terms
from brownie import chain
from payouts import publish, to_account
from reverts import ANY, reverts_with
from sales import (
    ANY_SHARE,
    CONSENT_REVOKED,
    NOWHERE,
    OPEN,
    REFUNDED,
    deal_of,
    deliver,
    dispute,
    open_sale,
    order,
    point,
    put_on_sale,
    seeded,
    settle,
)
from system import fund

PRICE = 1_000_000
SECRET = seeded("the buyer's one-time secret")


@pytest.fixture(scope="module")
def exchange(system):
    return system.key_exchange


@pytest.fixture(scope="module")
def ledger(system):
    return system.ledger


@pytest.fixture(scope="module")
def capture(system, alice):
    return put_on_sale(system, alice, PRICE, "capture")


@pytest.fixture(scope="module")
def model(system, alice, capture):
    return put_on_sale(system, alice, PRICE, "model", MODEL)


@pytest.fixture
def give(system, alice):
    def give_(ware, receiver, giver=alice):
        system.asset_registry.transferFrom(giver, receiver, ware.id, {"from": giver})

    return give_


def test_a_new_owner_who_revokes_gives_the_buyer_the_money_back(
    system, exchange, ledger, capture, give, alice, bob, carol
):
    """What a seller risks who hands on an asset before a delivered sale has settled."""
    deal = open_sale(system, capture, bob, SECRET)
    delivery = deliver(system, deal, capture.root_key, alice)
    give(capture, carol)
    system.asset_registry.revokeAll(capture.id, bytes(32), {"from": carol})

    tx = exchange.consentRefund(deal.call, delivery.call, {"from": bob})

    assert tx.events["SaleRefunded"]["reason"] == CONSENT_REVOKED
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob), ledger.balanceOf(carol)) == (0, PRICE, 0)


def test_a_seller_is_not_paid_for_a_license_that_his_straw_man_ended(
    system, exchange, ledger, capture, give, alice, bob, carol
):
    """Why that risk is the seller's: else handing on and revoking would take the price and leave no license."""
    deal = open_sale(system, capture, bob, SECRET)
    delivery = deliver(system, deal, capture.root_key, alice)
    give(capture, carol)
    withdrawn = system.asset_registry.revokeAll(capture.id, bytes(32), {"from": carol})
    give(capture, alice, carol)

    with reverts_with("KeyExchange_ConsentRevoked", 0, withdrawn.timestamp):
        settle(system, deal, delivery, alice)

    assert ledger.balanceOf(alice) == 0
    assert ledger.lockedBy(exchange) == PRICE


def test_a_license_survives_a_transfer_and_ends_with_the_new_owners_consent(system, capture, give, alice, bob, carol):
    deal = open_sale(system, capture, bob, SECRET)
    settle(system, deal, deliver(system, deal, capture.root_key, alice), bob)
    give(capture, carol)
    assert system.license_desk.isAllowed(capture.id, bob, TRAIN, chain.time())

    system.asset_registry.revokeAll(capture.id, bytes(32), {"from": carol})

    assert not system.license_desk.isAllowed(capture.id, bob, TRAIN, chain.time())


def test_a_buyer_who_becomes_the_owner_still_pays_for_the_key(system, ledger, capture, give, alice, bob):
    deal = open_sale(system, capture, bob, SECRET)
    give(capture, bob)

    settle(system, deal, deliver(system, deal, capture.root_key, alice), alice)

    assert ledger.balanceOf(alice) == PRICE


def test_the_income_of_a_model_goes_with_the_model(system, ledger, model, give, alice, bob, carol):
    """A sale of anything derived pays its node: whoever owns that when income is taken has it."""
    deal = open_sale(system, model, bob, SECRET)
    delivery = deliver(system, deal, model.root_key, alice)
    give(model, carol)

    settle(system, deal, delivery, alice)
    system.revenue_graph.takeOwn(model.id, {"from": alice})

    assert (ledger.balanceOf(alice), ledger.balanceOf(carol)) == (0, PRICE)


def test_a_new_owners_offer_waits_for_the_old_owners_sale(system, exchange, capture, give, alice, bob, carol):
    deal = open_sale(system, capture, bob, SECRET)
    give(capture, carol)
    system.license_desk.offer(capture.id, capture.terms, 0, (PRICE // 2, 0, FOREVER, 0), {"from": carol})
    fund(system.token, bob, PRICE, system.ledger)
    call = (order(capture, point(SECRET)), {"from": bob})
    with reverts_with("KeyExchange_WrongStage", ANY, OPEN):
        exchange.open(*call)

    chain.sleep(exchange.deliveryWindow() + 60)
    exchange.timeoutRefund(deal.call, {"from": carol})
    chain.sleep(60)
    again = deal_of(exchange.open(*call))

    assert (again.seller, again.price) == (str(carol), PRICE // 2)


@pytest.mark.parametrize("right", [True, False])
def test_what_was_refunded_says_nothing_about_the_next_sale(system, exchange, ledger, capture, alice, bob, right):
    """The same buyer, asset, price and one-time key, and still neither the old deal nor the old delivery counts."""
    old = open_sale(system, capture, bob, SECRET)
    wrong = deliver(system, old, bytes(32), alice)
    dispute(system, capture, old, wrong, SECRET, bob)
    chain.sleep(60)
    new = open_sale(system, capture, bob, SECRET)
    root_key = capture.root_key if right else bytes(32)
    delivery = deliver(system, new, root_key, alice)

    for deal, given in ((old, wrong), (old, delivery), (new, wrong)):
        with reverts_with("KeyExchange_WrongDeal", ANY, ANY):
            dispute(system, capture, deal, given, SECRET, bob)
    dispute(system, capture, new, delivery, SECRET, bob)

    paid = PRICE if right else 0
    assert (ledger.balanceOf(alice), ledger.balanceOf(bob)) == (paid, 2 * PRICE - paid)
    assert ledger.lockedBy(exchange) == 0


def test_after_withdrawn_consent_only_a_new_offer_sells(system, exchange, capture, alice, bob):
    deal = open_sale(system, capture, bob, SECRET)
    system.asset_registry.revokeAll(capture.id, bytes(32), {"from": alice})
    exchange.consentRefund(deal.call, NOWHERE, {"from": bob})
    chain.sleep(60)
    with reverts_with("LicenseDesk_NoOffer", capture.id, alice, capture.terms):
        open_sale(system, capture, bob, SECRET)

    system.license_desk.offer(capture.id, capture.terms, 0, (PRICE, 60, FOREVER, 0), {"from": alice})
    again = open_sale(system, capture, bob, SECRET)
    settle(system, again, deliver(system, again, capture.root_key, alice), bob)

    assert again.consent_epoch == 1
    assert system.license_desk.isAllowed(capture.id, bob, TRAIN, chain.time())


@pytest.mark.parametrize("way", ["timeout", "consent", "dispute"])
def test_a_refund_of_nothing_takes_nothing_from_others(system, exchange, ledger, capture, alice, bob, dave, way):
    """A free sale ends beside one that holds money: the lock stays what the other buyer paid."""
    gift = put_on_sale(system, alice, 0, "gift")
    open_sale(system, capture, dave, SECRET)
    deal = open_sale(system, gift, bob, SECRET)

    if way == "timeout":
        chain.sleep(exchange.deliveryWindow() + 60)
        exchange.timeoutRefund(deal.call, {"from": bob})
    elif way == "consent":
        system.asset_registry.revokeAll(gift.id, bytes(32), {"from": alice})
        exchange.consentRefund(deal.call, NOWHERE, {"from": bob})
    else:
        dispute(system, gift, deal, deliver(system, deal, bytes(32), alice), SECRET, bob)

    assert exchange.saleOf(gift.id, bob)[0] == REFUNDED
    assert ledger.balanceOf(bob) == 0
    assert ledger.lockedBy(exchange) == PRICE


def test_the_largest_deal_settles(system, ledger, alice, bob):
    """Every field at its largest: 2^96 - 1 units for 2^40 - 1 seconds under an offer that never ends."""
    dearest = put_on_sale(system, alice, 2**96 - 1, "dearest", MODEL, duration=2**40 - 1)
    deal = open_sale(system, dearest, bob, SECRET)

    settle(system, deal, deliver(system, deal, dearest.root_key, alice), bob)
    system.revenue_graph.takeOwn(dearest.id, {"from": bob})

    assert ledger.balanceOf(alice) == 2**96 - 1
    assert system.license_desk.isAllowed(dearest.id, bob, TRAIN, FOREVER)


@pytest.mark.parametrize("fair", [True, False])
def test_a_sale_of_what_is_given_away_pays_the_parents_alone(system, ledger, capture, model, alice, bob, carol, fair):
    """All shares are linked while the sale runs; the payout published before keeps what it had earned, and no more."""
    graph = system.revenue_graph
    tree = publish(graph, model.id, [to_account(carol, 1)], alice)
    if fair:
        deal = open_sale(system, model, bob, SECRET)
        delivery = deliver(system, deal, model.root_key, alice)
    graph.link(model.id, [(capture.id, 1_000_000)], {"from": alice})

    if fair:
        settle(system, deal, delivery, bob)
    else:
        fund(system.token, bob, PRICE, ledger)
        system.license_desk.buy(model.id, model.terms, PRICE, ANY_SHARE, 0, {"from": bob})

    assert graph.dueOf(model.id, 1, 0, tree.total_weight) == graph.ownDueOf(model.id) == 0
    assert graph.roll(model.id, capture.id, {"from": bob}).return_value == PRICE
    assert graph.takeOwn(capture.id, {"from": bob}).return_value == PRICE
    assert ledger.balanceOf(alice) == PRICE


def test_a_bought_and_a_fair_license_add_up_and_end_together(system, capture, alice, bob):
    """Both doors into one asset: purposes are the union, one withdrawal of consent ends both."""
    simulate = write_terms(system.terms_book, alice, purposes=SIM)
    system.license_desk.offer(capture.id, simulate, 0, (PRICE, 0, FOREVER, 0), {"from": alice})
    deal = open_sale(system, capture, bob, SECRET)
    fund(system.token, bob, PRICE, system.ledger)
    system.license_desk.buy(capture.id, simulate, PRICE, ANY_SHARE, 0, {"from": bob})
    settle(system, deal, deliver(system, deal, capture.root_key, alice), bob)
    assert system.license_desk.isAllowed(capture.id, bob, TRAIN | SIM, chain.time())

    system.asset_registry.revokeAll(capture.id, bytes(32), {"from": alice})

    for purpose in (TRAIN, SIM):
        assert not system.license_desk.isAllowed(capture.id, bob, purpose, chain.time())


def test_a_stranger_asset_sells_nothing_of_this_one(system, exchange, capture, alice, bob, mallory):
    """Mallory mints beside Alice and offers under the same terms: her offer is good for her own asset alone."""
    other = mint(system.asset_registry, mallory, "look-alike")
    system.license_desk.offer(other, capture.terms, 0, (1, 0, FOREVER, 0), {"from": mallory})

    with reverts_with("LicenseDesk_NotOwner", capture.id, mallory):
        system.license_desk.offer(capture.id, capture.terms, 0, (1, 0, FOREVER, 0), {"from": mallory})
    with reverts_with("LicenseDesk_PriceAbove", PRICE, 1):
        exchange.open(order(capture, point(SECRET), max_price=1), {"from": bob})
