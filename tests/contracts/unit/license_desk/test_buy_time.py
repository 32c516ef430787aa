"""LicenseDesk.buy: what becomes of the price of time, and what others were promised. The branches of buy_time.tree."""

import pytest
from assets import ALL_PURPOSES, EVAL, FOREVER, MODEL, TRAIN, WHOLE, commitment, mint
from reverts import reverts_with
from system import DOLLAR

DAY = 86_400
FAR = 2**39
PRICE = 5 * DOLLAR


@pytest.fixture
def offer(desk, capture, train, alice):
    """Offer the capture; returns the terms."""

    def make(price=PRICE, duration=DAY, terms=train, asset=capture, part=0):
        desk.offer(asset, terms, part, (price, duration, FAR, 0), {"from": alice})
        return terms

    return make


@pytest.fixture
def alone(terms):
    """Exclusive terms."""
    return terms(purposes=TRAIN, exclusive=True)


@pytest.fixture
def bound(shop, model, terms, alice, carol):
    """Carol's child of alice's model, bound to a floor of 100 units."""
    dear = terms(price_floor=100)
    shop.desk.offer(model, dear, 0, (100, 0, FAR, 0), {"from": alice})
    shop.desk.buy(model, dear, 100, 0, 0, {"from": carol})
    child = commitment(carol, "child", MODEL)
    mint(shop.registry, carol, "child", MODEL)
    shop.graph.link(child.id, [(model, 1)], {"from": carol})
    shop.covenants.bindFloor(child.call, model, carol, {"from": alice})
    return child.id


def stream_of(tx):
    """The stream a purchase started, by field."""
    fields = ("asset", "batch", "range", "source", "licensee", "seller", "price", "boughtAt", "since", "until")
    return dict(zip((*fields, "epoch", "derived"), tx.events["StreamStarted"]["stream"], strict=True))


def ask(desk, asset, seller, terms, buyer, price=PRICE):
    """Ask for a quote as the KeyExchange does."""
    return desk.quote((asset, terms, price, WHOLE, 0, 0, 0, 0), seller, buyer)


def test_the_price_of_time_waits_in_the_escrow(shop, desk, capture, train, alice, bob, offer):
    offer()

    tx = desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    made = stream_of(tx)
    now = tx.timestamp
    assert shop.ledger.lockedBy(shop.escrow) == PRICE
    assert shop.ledger.balanceOf(alice) == 0
    assert (made["source"], made["licensee"], made["seller"]) == (desk, bob, alice)
    assert [made[name] for name in ("price", "boughtAt", "since", "until", "epoch", "derived")] == [
        *(PRICE, now, now, now + DAY, 0, False)
    ]


def test_a_derived_assets_stream_is_marked(desk, model, train, bob, offer):
    offer(asset=model)

    tx = desk.buy(model, train, PRICE, 0, 0, {"from": bob})

    assert stream_of(tx)["derived"]


def test_prolonging_is_earned_when_it_comes(desk, capture, train, bob, offer):
    offer()
    first = desk.buy(capture, train, PRICE, 0, 0, {"from": bob}).timestamp

    tx = desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    made = stream_of(tx)
    assert (made["boughtAt"], made["since"], made["until"]) == (tx.timestamp, first + DAY, first + 2 * DAY)


def test_time_adds_to_time(desk, capture, train, bob, offer):
    offer()

    for _ in range(2):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob)["price"] == 2 * PRICE


def test_time_without_end_counts_alone(desk, capture, train, bob, offer):
    offer()
    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})
    offer(duration=0, price=PRICE + 1)

    desk.buy(capture, train, PRICE + 1, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob)[0] == FOREVER
    assert desk.grantOf(capture, bob)["price"] == PRICE + 1


def test_time_without_end_adds_to_itself(desk, capture, train, terms, bob, offer):
    offer(duration=0)
    more = offer(duration=0, terms=terms(purposes=ALL_PURPOSES), price=3)
    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    desk.buy(capture, more, 3, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob)["price"] == PRICE + 3


def test_nothing_is_bought_in_the_second_of_an_end(desk, capture, train, alice, bob, offer, web3):
    offer()
    start = desk.buy(capture, train, PRICE, 0, 0, {"from": bob}).timestamp
    web3.provider.make_request("evm_setNextBlockTimestamp", [start + 10])
    desk.revokeOne(capture, 0, bob, {"from": alice})
    web3.provider.make_request("evm_setNextBlockTimestamp", [start + 10])

    with reverts_with("LicenseDesk_JustEnded", capture, bob):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})


def test_a_part_is_not_offered_exclusively(desk, capture, alone, offer):
    with reverts_with("LicenseDesk_ExclusivePart", capture, 5):
        offer(terms=alone, part=5)


def test_an_exclusive_buyer_is_the_only_one(shop, desk, capture, alone, bob, offer):
    offer(terms=alone)

    tx = desk.buy(capture, alone, PRICE, 0, 0, {"from": bob})

    until = tx.timestamp + DAY
    assert tuple(shop.covenants.exclusiveOf(capture)) == (bob, until, 0, False)
    assert shop.registry.saleInfo(capture)[4]
    assert dict(tx.events["ExclusiveTaken"]) == {"asset": "0x" + capture.hex(), "licensee": bob, "until": until}


def test_nobody_else_is_licensed_meanwhile(desk, capture, train, alone, alice, bob, carol, offer, at):
    offer(terms=alone)
    offer()
    until = desk.buy(capture, alone, PRICE, 0, 0, {"from": bob}).timestamp + DAY

    held = ("Covenants_Exclusive", capture, bob, until)
    with reverts_with(*held):
        desk.buy(capture, train, PRICE, 0, 0, {"from": carol})
    with reverts_with(*held):
        desk.grant(capture, carol, train, FAR, {"from": alice})
    with reverts_with(*held):
        ask(desk, capture, alice, train, carol)

    assert ask(desk, capture, alice, train, bob)[0] == PRICE
    at(DAY)
    desk.buy(capture, train, PRICE, 0, 0, {"from": carol})


def test_its_holder_may_prolong_it(shop, desk, capture, alone, bob, offer):
    offer(terms=alone)
    start = desk.buy(capture, alone, PRICE, 0, 0, {"from": bob}).timestamp

    desk.buy(capture, alone, PRICE, 0, 0, {"from": bob})

    assert shop.covenants.exclusiveOf(capture)["until"] == start + 2 * DAY


def test_exclusivity_ends_with_consent(shop, desk, capture, train, alone, alice, bob, carol, offer):
    offer(terms=alone, duration=0)
    desk.buy(capture, alone, PRICE, 0, 0, {"from": bob})
    shop.registry.revokeAll(capture, bytes(32), {"from": alice})

    desk.grant(capture, carol, train, FAR, {"from": alice})

    assert desk.isAllowed(capture, carol, TRAIN, FAR - 1)


def test_earlier_licenses_run_on(desk, capture, terms, alone, alice, bob, carol, offer):
    desk.grant(capture, carol, terms(purposes=EVAL), FAR, {"from": alice})
    offer(terms=alone)

    desk.buy(capture, alone, PRICE, 0, 0, {"from": bob})

    assert desk.isAllowed(capture, carol, EVAL, FAR - 1)


def test_nothing_derived_is_bought_below_its_floor(desk, bound, train, bob, carol):
    desk.offer(bound, train, 0, (99, 0, FAR, 0), {"from": carol})
    with reverts_with("LicenseDesk_BelowFloor", 99, 100):
        desk.buy(bound, train, 99, 0, 0, {"from": bob})
    desk.offer(bound, train, 0, (100, 0, FAR, 0), {"from": carol})

    desk.buy(bound, train, 100, 0, 0, {"from": bob})

    assert desk.grantOf(bound, bob)["price"] == 100


def test_nothing_derived_is_quoted_below_its_floor(desk, bound, train, bob, carol):
    desk.offer(bound, train, 0, (99, 0, FAR, 0), {"from": carol})

    with reverts_with("LicenseDesk_BelowFloor", 99, 100):
        ask(desk, bound, carol, train, bob)
