"""LicenseDesk.revokeOne: the branches of revoke_one.tree."""

import pytest
from assets import FOREVER, TRAIN
from brownie import chain
from reverts import ANY, reverts_with
from sales import licensed_id
from system import DOLLAR

DAY = 86_400
FAR = 2**39
PRICE = 5 * DOLLAR
SETTLED = 3


@pytest.fixture
def bought(desk, capture, train, alice, bob):
    """Bob buys a license; returns the transaction."""

    def buy(duration=DAY, terms=train, price=PRICE):
        desk.offer(capture, terms, 0, (price, duration, FAR, 0), {"from": alice})
        return desk.buy(capture, terms, price, 0, 0, {"from": bob})

    return buy


@pytest.fixture
def sold(shop, capture, train, bob):
    """Put a fair sale to bob on the shelf."""

    def put(until=FAR, asset=capture):
        shop.shelf.put(asset, bob, (SETTLED, 1, until, 0, train, PRICE, False), {"from": bob})

    return put


def test_a_stranger_revokes_nothing(desk, capture, bob, mallory):
    with reverts_with("LicenseDesk_NotOwner", capture, mallory):
        desk.revokeOne(capture, 0, bob, {"from": mallory})


def test_there_must_be_a_license(desk, capture, alice, bob):
    with reverts_with("LicenseDesk_NoLicense", capture, bob):
        desk.revokeOne(capture, 0, bob, {"from": alice})


def test_an_ended_license_is_none(desk, capture, alice, bob, bought, sold, at):
    end = bought().timestamp + DAY
    sold(until=end)
    at(DAY)

    with reverts_with("LicenseDesk_NoLicense", capture, bob):
        desk.revokeOne(capture, 0, bob, {"from": alice})


def test_a_license_that_ended_with_consent_is_none(shop, desk, capture, alice, bob, bought, sold):
    bought()
    sold()
    shop.registry.revokeAll(capture, bytes(32), {"from": alice})

    with reverts_with("LicenseDesk_NoLicense", capture, bob):
        desk.revokeOne(capture, 0, bob, {"from": alice})


def test_a_gift_is_over_at_once(desk, capture, train, alice, bob):
    desk.grant(capture, bob, train, FOREVER, {"from": alice})

    tx = desk.revokeOne(capture, 0, bob, {"from": alice})

    assert not desk.isAllowed(capture, bob, TRAIN, tx.timestamp)
    assert "Collected" not in tx.events


def test_nobody_else_is_touched(desk, capture, train, alice, bob, carol):
    for one in (bob, carol):
        desk.grant(capture, one, train, FAR, {"from": alice})

    desk.revokeOne(capture, 0, bob, {"from": alice})

    assert desk.isAllowed(capture, carol, TRAIN, FAR - 1)


def test_the_rest_of_bought_time_is_paid_back(shop, desk, capture, alice, bob, bought, at):
    tx = bought()
    made = tx.events["StreamStarted"]["stream"]
    at(DAY // 4)
    ended = desk.revokeOne(capture, 0, bob, {"from": alice})

    shop.escrow.refund(made, {"from": bob})

    assert "Collected" not in ended.events
    assert shop.ledger.balanceOf(bob) == PRICE - PRICE // 4
    assert shop.ledger.balanceOf(alice) == PRICE // 4


def test_time_without_end_is_paid_back_by_the_owner(shop, desk, capture, alice, bob, bought):
    bought(duration=0)
    wallet = shop.token.balanceOf(alice)

    desk.revokeOne(capture, 0, bob, {"from": alice})

    assert shop.ledger.balanceOf(bob) == PRICE
    assert shop.token.balanceOf(alice) == wallet - PRICE
    assert shop.ledger.lockedBy(desk) == 0


def test_without_the_money_it_is_not_ended(shop, desk, capture, alice, bob, bought):
    bought(duration=0)
    shop.token.approve(shop.ledger, PRICE - 1, {"from": alice})

    with reverts_with("ERC20InsufficientAllowance", shop.ledger, PRICE - 1, PRICE):
        desk.revokeOne(capture, 0, bob, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, FAR)


def test_a_fair_sale_is_ended(desk, capture, alice, bob, sold):
    sold()

    tx = desk.revokeOne(capture, 0, bob, {"from": alice})

    assert not desk.isAllowed(capture, bob, TRAIN, tx.timestamp)
    assert "Collected" not in tx.events


def test_a_fair_sale_without_end_is_paid_back(shop, desk, capture, alice, bob, sold):
    sold(until=FOREVER)

    desk.revokeOne(capture, 0, bob, {"from": alice})

    assert shop.ledger.balanceOf(bob) == PRICE


def test_a_part_is_ended_alone(desk, capture, train, alice, bob, sold):
    desk.grant(capture, bob, train, FAR, {"from": alice})
    part = licensed_id(capture, 5)
    sold(asset=part)

    tx = desk.revokeOne(capture, 5, bob, {"from": alice})

    assert desk.endedAt(part, bob, 0) == (0, tx.timestamp)
    assert desk.endedAt(capture, bob, 0) == (0, 0)
    assert desk.isAllowed(capture, bob, TRAIN, FAR - 1)


def test_both_kinds_end_together(shop, desk, capture, alice, bob, bought, sold):
    bought(duration=0)
    sold(until=FOREVER)

    tx = desk.revokeOne(capture, 0, bob, {"from": alice})

    assert shop.ledger.balanceOf(bob) == 2 * PRICE
    assert desk.endedAt(capture, bob, 0) == (tx.timestamp, tx.timestamp)


def test_exclusivity_ends_with_its_license(shop, desk, capture, train, terms, alice, bob, carol, bought):
    bought(terms=terms(exclusive=True))

    tx = desk.revokeOne(capture, 0, bob, {"from": alice})

    assert "ExclusiveDropped" in tx.events
    assert not shop.registry.saleInfo(capture)[4]
    desk.grant(capture, carol, train, FAR, {"from": alice})


def test_what_a_sale_reserved_stays(shop, desk, capture, train, alice, bob, web3, accounts):
    desk.grant(capture, bob, train, FAR, {"from": alice})
    web3.provider.make_request("anvil_impersonateAccount", [str(shop.shelf)])
    web3.provider.make_request("anvil_setBalance", [str(shop.shelf), hex(10**18)])
    shop.covenants.takeExclusive(capture, bob, FAR, {"from": accounts.at(str(shop.shelf), force=True)})

    desk.revokeOne(capture, 0, bob, {"from": alice})

    assert tuple(shop.covenants.exclusiveOf(capture)) == (bob, FAR, 0, True)


def test_ended_at_says_when(desk, capture, train, alice, bob):
    desk.grant(capture, bob, train, FAR, {"from": alice})

    tx = desk.revokeOne(capture, 0, bob, {"from": alice})

    assert desk.endedAt(capture, bob, tx.timestamp) == (tx.timestamp, 0)
    assert desk.endedAt(capture, bob, tx.timestamp + 1) == (0, 0)


def test_the_first_ending_since_a_time_is_told(desk, capture, train, alice, bob, sold):
    given, ends = [], []
    for times in range(5):
        given.append(desk.grant(capture, bob, train, FAR, {"from": alice}).timestamp)
        if times in (2, 4):
            sold()
        ends.append(desk.revokeOne(capture, 0, bob, {"from": alice}).timestamp)
        chain.sleep(10)

    for number, (begun, ended) in enumerate(zip(given, ends, strict=True)):
        sold_at = ends[2] if number <= 2 else ends[4]
        assert desk.endedAt(capture, bob, begun) == desk.endedAt(capture, bob, ended) == (ended, sold_at)
    assert desk.endedAt(capture, bob, 0) == (ends[0], ends[2])
    assert desk.endedAt(capture, bob, ends[-1] + 1) == (0, 0)


def test_a_part_is_no_promise_for_the_whole(desk, capture, terms, alice, bob, carol, train, sold, bought):
    bought(terms=terms(exclusive=True))
    sold(asset=licensed_id(capture, 5))

    desk.revokeOne(capture, 5, bob, {"from": alice})

    with reverts_with("Covenants_Exclusive", capture, bob, ANY):
        desk.grant(capture, carol, train, FAR, {"from": alice})


def test_it_emits_license_ended(desk, capture, alice, bob, bought):
    bought(duration=0)

    tx = desk.revokeOne(capture, 0, bob, {"from": alice})

    event = {"asset": "0x" + capture.hex(), "licensee": bob, "range": 0, "paidBack": PRICE}
    assert dict(tx.events["LicenseEnded"]) == event
