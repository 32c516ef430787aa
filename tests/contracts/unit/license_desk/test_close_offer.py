"""LicenseDesk.closeOffer: the branches of close_offer.tree."""

import pytest
from reverts import reverts_with

FAR = 2**39


@pytest.fixture
def offered(desk, capture, train, alice):
    desk.offer(capture, train, 0, (7, 0, FAR, 0), {"from": alice})


def test_nothing_cannot_be_closed(desk, capture, train, alice):
    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        desk.closeOffer(capture, train, 0, {"from": alice})


def test_a_stranger_cannot_close_an_offer(desk, capture, train, mallory, offered):
    with reverts_with("LicenseDesk_NoOffer", capture, mallory, train):
        desk.closeOffer(capture, train, 0, {"from": mallory})


def test_a_closed_offer_cannot_be_bought(desk, capture, train, alice, bob, offered):
    desk.closeOffer(capture, train, 0, {"from": alice})

    assert desk.offerOf(capture, alice, train, 0) == (0, 0, 0, 0)
    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        desk.buy(capture, train, 7, 0, 0, {"from": bob})


def test_it_emits_offer_closed(desk, capture, train, alice, offered):
    tx = desk.closeOffer(capture, train, 0, {"from": alice})

    assert dict(tx.events["OfferClosed"]) == {
        "asset": "0x" + capture.hex(),
        "seller": alice,
        "terms": train,
        "range": 0,
    }


def test_the_offer_of_a_part_is_closed_alone(desk, capture, train, alice, offered):
    desk.offer(capture, train, 2, (3, 0, FAR, 0), {"from": alice})

    desk.closeOffer(capture, train, 2, {"from": alice})

    assert desk.offerOf(capture, alice, train, 2) == (0, 0, 0, 0)
    assert desk.offerOf(capture, alice, train, 0) == (7, 0, FAR, 0)


def test_a_former_owner_closes_an_offer(desk, registry, capture, train, alice, bob, offered):
    registry.transferFrom(alice, bob, int.from_bytes(capture, "big"), {"from": alice})

    desk.closeOffer(capture, train, 0, {"from": alice})

    assert desk.offerOf(capture, alice, train, 0) == (0, 0, 0, 0)
