"""LicenseDesk.setExpiry: the branches of set_expiry.tree."""

import pytest
from assets import FOREVER, TRAIN
from reverts import reverts_with

DAY = 86_400
FAR = 2**39


@pytest.fixture
def gift(desk, capture, train, alice, bob):
    """A gift to bob; returns when it ends."""
    desk.grant(capture, bob, train, FAR, {"from": alice})
    return FAR


@pytest.fixture
def bought(desk, capture, train, alice, bob):
    """A license bob bought for a day; returns when it ends."""
    desk.offer(capture, train, 0, (7, DAY, FAR, 0), {"from": alice})
    return desk.buy(capture, train, 7, 0, 0, {"from": bob}).timestamp + DAY


def test_a_stranger_sets_nothing(desk, capture, gift, bob, mallory):
    with reverts_with("LicenseDesk_NotOwner", capture, mallory):
        desk.setExpiry(capture, bob, FAR + 1, {"from": mallory})


def test_an_end_lies_in_the_future(desk, capture, gift, alice, bob, at):
    now = at(5)

    with reverts_with("LicenseDesk_Expired", now):
        desk.setExpiry(capture, bob, now, {"from": alice})


def test_what_does_not_run_has_no_end(desk, capture, alice, bob):
    with reverts_with("LicenseDesk_NoLicense", capture, bob):
        desk.setExpiry(capture, bob, FAR, {"from": alice})


def test_a_gift_is_shortened(desk, capture, gift, alice, bob):
    desk.setExpiry(capture, bob, FAR - 9, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, FAR - 10)
    assert not desk.isAllowed(capture, bob, TRAIN, FAR - 9)


@pytest.mark.parametrize("until", [FAR + 9, FOREVER])
def test_a_gift_is_prolonged(desk, capture, gift, alice, bob, until):
    desk.setExpiry(capture, bob, until, {"from": alice})

    assert desk.grantOf(capture, bob)[0] == until


def test_its_terms_still_end_it(desk, capture, terms, alice, bob):
    given = desk.grant(capture, bob, terms(max_duration=DAY), FAR, {"from": alice}).timestamp

    desk.setExpiry(capture, bob, FOREVER, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, given + DAY - 1)
    assert not desk.isAllowed(capture, bob, TRAIN, given + DAY)


@pytest.mark.parametrize("less", [0, 1])
def test_bought_time_is_not_shortened(desk, capture, train, bought, alice, bob, less):
    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, bought):
        desk.setExpiry(capture, bob, bought - less, {"from": alice})


def test_bought_time_is_prolonged(desk, capture, bought, alice, bob):
    desk.setExpiry(capture, bob, bought + 1, {"from": alice})

    assert desk.grantOf(capture, bob)[0] == bought + 1


def test_bought_time_does_not_become_endless(desk, capture, train, bought, alice, bob):
    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, bought):
        desk.setExpiry(capture, bob, FOREVER, {"from": alice})


def test_exclusivity_stops_prolonging_only(desk, capture, terms, gift, alice, bob, carol):
    alone = terms(exclusive=True)
    desk.offer(capture, alone, 0, (7, DAY, FAR, 0), {"from": alice})
    until = desk.buy(capture, alone, 7, 0, 0, {"from": carol}).timestamp + DAY

    with reverts_with("Covenants_Exclusive", capture, carol, until):
        desk.setExpiry(capture, bob, FAR + 1, {"from": alice})
    desk.setExpiry(capture, bob, FAR, {"from": alice})
    desk.setExpiry(capture, bob, FAR - 1, {"from": alice})

    assert desk.grantOf(capture, bob)[0] == FAR - 1


def test_it_emits_expiry_set(desk, capture, gift, alice, bob):
    event = desk.setExpiry(capture, bob, FAR - 1, {"from": alice}).events["ExpirySet"]

    assert dict(event) == {"asset": "0x" + capture.hex(), "licensee": bob, "until": FAR - 1}
