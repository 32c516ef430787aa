"""LicenseDesk.buy: the branches of buy.tree that need an honest token."""

import pytest
from assets import EVAL, FOREVER, TRAIN, WHOLE
from reverts import reverts_with
from system import DOLLAR

DAY = 86_400
FAR = 2**39
PRICE = 5 * DOLLAR


@pytest.fixture
def offer(desk, capture, train, alice):
    """Offer the capture; returns the terms."""

    def make(price=PRICE, duration=DAY, expires_at=FAR, terms=train, asset=capture):
        desk.offer(asset, terms, 0, (price, duration, expires_at, 0), {"from": alice})
        return terms

    return make


def number(asset):
    return int.from_bytes(asset, "big")


def test_what_is_not_offered_cannot_be_bought(desk, capture, train, alice, bob):
    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})


def test_an_offer_ends_at_its_second(desk, capture, train, alice, bob, offer, at):
    offer(expires_at=at(1) + 10)
    at(10)

    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})


def test_an_offer_stands_until_its_second(desk, capture, train, bob, offer, at):
    offer(expires_at=at(1) + 10)
    at(9)

    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob)[2] == train


def test_revoking_consent_ends_offers(desk, registry, capture, train, alice, bob, offer):
    offer()
    registry.revokeAll(capture, bytes(32), {"from": alice})

    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})


def test_a_transfer_silences_offers(desk, registry, capture, train, alice, bob, carol, offer):
    offer()
    registry.transferFrom(alice, carol, number(capture), {"from": alice})

    with reverts_with("LicenseDesk_NoOffer", capture, carol, train):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})


def test_an_offer_stands_again_with_its_maker(desk, registry, capture, train, alice, bob, carol, offer):
    offer()
    registry.transferFrom(alice, carol, number(capture), {"from": alice})
    registry.transferFrom(carol, alice, number(capture), {"from": carol})

    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    assert desk.isAllowed(capture, bob, TRAIN, 0)


def test_a_raised_price_is_not_paid(desk, capture, train, bob, offer):
    offer(price=PRICE + 1)

    with reverts_with("LicenseDesk_PriceAbove", PRICE + 1, PRICE):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})


def test_a_larger_share_is_not_owed(desk, capture, terms, bob, offer):
    sharing = offer(terms=terms(derivative_share=2))

    with reverts_with("LicenseDesk_ShareAbove", 2, 1):
        desk.buy(capture, sharing, PRICE, 1, 0, {"from": bob})


@pytest.mark.parametrize("wanted", [DAY + 1, FOREVER])
def test_shorter_time_is_not_bought(desk, capture, train, bob, offer, wanted):
    offer(duration=DAY)

    with reverts_with("LicenseDesk_TooShort", DAY, wanted):
        desk.buy(capture, train, PRICE, 0, wanted, {"from": bob})


def test_guards_that_just_hold_pass(desk, capture, terms, bob, offer):
    sharing = offer(terms=terms(derivative_share=2))

    desk.buy(capture, sharing, PRICE, 2, DAY, {"from": bob})

    assert desk.grantOf(capture, bob)[2] == sharing


def test_a_license_lasts_the_offered_time(desk, capture, train, bob, offer):
    offer(duration=DAY)

    tx = desk.buy(capture, train, PRICE, 0, DAY, {"from": bob})

    assert desk.grantOf(capture, bob) == (tx.timestamp + DAY, 0, train, tx.timestamp, PRICE)


def test_a_license_without_end(desk, capture, train, bob, offer):
    offer(duration=0)

    desk.buy(capture, train, PRICE, 0, FOREVER, {"from": bob})

    assert desk.grantOf(capture, bob)[0] == FOREVER


def test_the_largest_time_counts_as_without_end(desk, capture, train, bob, offer):
    offer(duration=2**40 - 1)

    desk.buy(capture, train, PRICE, 0, FOREVER, {"from": bob})

    assert desk.grantOf(capture, bob)[0] == FOREVER


def test_it_emits_license_granted(desk, capture, train, bob, offer):
    offer()

    tx = desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    assert dict(tx.events["LicenseGranted"]) == {
        "asset": "0x" + capture.hex(),
        "licensee": bob,
        "grant": (tx.timestamp + DAY, 0, train, tx.timestamp, PRICE),
    }


def test_an_ended_license_leaves_nothing_behind(desk, capture, train, terms, bob, offer, at):
    offer(duration=10)
    evaluate = offer(terms=terms(purposes=EVAL), duration=5)
    at(1)
    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})
    start = at(10)

    desk.buy(capture, evaluate, PRICE, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob) == (start + 5, 0, evaluate, start, PRICE)


def test_the_same_terms_add_time(desk, capture, train, bob, offer):
    offer(duration=DAY)
    first = desk.buy(capture, train, PRICE, 0, 0, {"from": bob}).timestamp

    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob)[0] == first + 2 * DAY


def test_a_license_without_end_is_not_sold_twice(desk, capture, train, bob, offer):
    offer(duration=0)
    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, FOREVER):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})


def test_time_is_added_up_to_the_maximum(desk, capture, terms, bob, offer, at):
    limited = offer(terms=terms(max_duration=DAY), duration=DAY // 2)
    at(1)
    start = desk.buy(capture, limited, PRICE, 0, 0, {"from": bob}).timestamp
    at(1)

    desk.buy(capture, limited, PRICE, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob)[0] == start + DAY


def test_the_maximum_itself_can_be_left(desk, capture, terms, bob, chain, offer, at):
    limited = offer(terms=terms(max_duration=DAY), duration=DAY // 2)
    start = desk.buy(capture, limited, PRICE, 0, 0, {"from": bob}).timestamp
    offer(terms=limited, duration=DAY // 2 + 60)
    at(start + 60 - chain[-1].timestamp)

    desk.buy(capture, limited, PRICE, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob)[0] == start + 60 + DAY


def test_time_is_not_added_beyond_the_maximum(desk, capture, terms, bob, offer, at):
    limited = offer(terms=terms(max_duration=DAY), duration=DAY)
    desk.buy(capture, limited, PRICE, 0, 0, {"from": bob})
    at(10)

    with reverts_with("LicenseDesk_TooLong", 2 * DAY - 10, DAY):
        desk.buy(capture, limited, PRICE, 0, 0, {"from": bob})


def test_better_terms_take_the_place(desk, capture, train, terms, bob, offer, at):
    offer(duration=DAY)
    both = offer(terms=terms(purposes=TRAIN | EVAL, derivative_share=9), duration=DAY)
    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})
    start = at(10)

    desk.buy(capture, both, PRICE, WHOLE, 0, {"from": bob})

    assert desk.grantOf(capture, bob) == (start + DAY, 0, both, start, 2 * PRICE)


def test_fewer_purposes_do_not_take_the_place(desk, capture, terms, bob, offer):
    both = offer(terms=terms(purposes=TRAIN | EVAL), duration=DAY)
    evaluate = offer(terms=terms(purposes=EVAL), duration=0)
    end = desk.buy(capture, both, PRICE, 0, 0, {"from": bob}).timestamp + DAY

    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, both, end):
        desk.buy(capture, evaluate, PRICE, 0, 0, {"from": bob})


def test_less_time_does_not_take_the_place(desk, capture, train, terms, bob, offer, at):
    offer(duration=DAY)
    both = offer(terms=terms(purposes=TRAIN | EVAL), duration=DAY - 11)
    at(1)
    end = desk.buy(capture, train, PRICE, 0, 0, {"from": bob}).timestamp + DAY
    at(10)

    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, end):
        desk.buy(capture, both, PRICE, 0, 0, {"from": bob})


def test_a_captures_owner_is_paid(shop, desk, capture, train, alice, bob, offer):
    offer(duration=0)
    wallet = shop.token.balanceOf(bob)

    desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    assert shop.ledger.balanceOf(alice) == PRICE
    assert shop.token.balanceOf(bob) == wallet - PRICE


def test_a_derived_assets_node_is_paid(shop, desk, model, train, alice, bob, offer):
    offer(asset=model, duration=0)

    tx = desk.buy(model, train, PRICE, 0, 0, {"from": bob})

    assert shop.graph.nodeOf(model).dict()["received"] == PRICE == shop.ledger.lockedBy(shop.graph)
    assert shop.ledger.balanceOf(alice) == 0
    assert tx.events["Paid"]["payer"] == bob
    assert bytes.fromhex(str(tx.events["Paid"]["ref"])[2:]).rstrip(b"\0") == b"thenar.license/1"


def test_a_free_license_moves_no_money(desk, capture, model, train, bob, offer):
    for asset in (capture, model):
        offer(price=0, asset=asset)

        tx = desk.buy(asset, train, 0, 0, 0, {"from": bob})

        assert set(tx.events.keys()) == {"LicenseGranted"}


def test_who_did_not_approve_does_not_buy(shop, desk, capture, train, bob, offer):
    offer()
    shop.token.approve(shop.ledger, PRICE - 1, {"from": bob})

    with reverts_with("ERC20InsufficientAllowance", shop.ledger, PRICE - 1, PRICE):
        desk.buy(capture, train, PRICE, 0, 0, {"from": bob})

    assert desk.grantOf(capture, bob) == (0, 0, 0, 0, 0)


def test_the_desk_keeps_nothing(shop, desk, capture, model, train, bob, offer):
    for asset in (capture, model):
        for duration in (DAY, 0):
            offer(asset=asset, duration=duration)
            desk.buy(asset, train, PRICE, 0, 0, {"from": bob})

    assert shop.ledger.lockedBy(desk) == 0 == shop.token.balanceOf(desk)
