"""LicenseDesk's views: the branches of views.tree."""

import pytest
from assets import ALL_PURPOSES, EVAL, FOREVER, SIM, TRAIN, digest
from brownie.test import given
from hypothesis import strategies as st
from reverts import reverts_with
from sales import licensed_id

FAR = 2**39
SETTLED = 3


def number(asset):
    return int.from_bytes(asset, "big")


def shelve(shop, asset, buyer, terms, until=FAR, epoch=0, stage=SETTLED):
    """Put a sale in place of the KeyExchange's."""
    shop.shelf.put(asset, buyer, (stage, 0, until, epoch, terms, 5, False), {"from": buyer})


def quote(desk, asset, seller, terms, *guards, part=0):
    """Ask as the KeyExchange does."""
    return desk.quote((asset, terms, *guards, 0, 0, part), seller, seller)


def test_a_quote_is_the_offer(desk, capture, train, alice):
    desk.offer(capture, train, 0, (7, 8, FAR, 9), {"from": alice})

    assert quote(desk, capture, alice, train, 7, 0, 8) == (7, 8, 9, False)


def test_a_part_is_quoted_apart(desk, capture, train, alice):
    desk.offer(capture, train, 5, (3, 0, FAR, 0), {"from": alice})

    assert quote(desk, capture, alice, train, 3, 0, 8, part=5) == (3, 0, 0, False)
    for other in (0, 4, 2):
        licensed = licensed_id(capture, other)
        with reverts_with("LicenseDesk_NoOffer", licensed, alice, train):
            quote(desk, capture, alice, train, 3, 0, 8, part=other)


def test_a_former_owner_is_not_quoted(desk, registry, capture, train, alice, bob):
    desk.offer(capture, train, 0, (7, 8, FAR, 0), {"from": alice})
    registry.transferFrom(alice, bob, number(capture), {"from": alice})

    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        quote(desk, capture, alice, train, 7, 0, 0)


def test_what_is_not_offered_is_not_quoted(desk, capture, train, alice):
    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        quote(desk, capture, alice, train, 7, 0, 0)


def test_revoked_consent_is_not_quoted(desk, registry, capture, train, alice):
    desk.offer(capture, train, 0, (7, 8, FAR, 0), {"from": alice})
    registry.revokeAll(capture, bytes(32), {"from": alice})

    with reverts_with("LicenseDesk_NoOffer", capture, alice, train):
        quote(desk, capture, alice, train, 7, 0, 0)


def test_a_quote_checks_the_guards(desk, capture, terms, alice):
    sharing = terms(derivative_share=2)
    desk.offer(capture, sharing, 0, (7, 8, FAR, 0), {"from": alice})

    with reverts_with("LicenseDesk_PriceAbove", 7, 6):
        quote(desk, capture, alice, sharing, 6, 2, 8)
    with reverts_with("LicenseDesk_ShareAbove", 2, 1):
        quote(desk, capture, alice, sharing, 7, 1, 8)
    with reverts_with("LicenseDesk_TooShort", 8, 9):
        quote(desk, capture, alice, sharing, 7, 2, 9)


def test_nobody_may_use_an_unknown_asset(desk, alice):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        desk.isAllowed(digest("nothing"), alice, TRAIN, 0)


def test_an_owner_may(desk, capture, alice):
    assert all(desk.isAllowed(capture, alice, purposes, at) for purposes in (TRAIN, 2**16 - 1) for at in (0, FOREVER))


def test_no_purpose_is_not_allowed(desk, capture, train, alice, bob):
    desk.grant(capture, bob, train, FAR, {"from": alice})

    assert not desk.isAllowed(capture, bob, 0, 0)
    assert not desk.isAllowed(capture, alice, 0, 0)


def test_a_former_owner_may_not(desk, registry, capture, alice, bob):
    registry.transferFrom(alice, bob, number(capture), {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, 0)
    assert not desk.isAllowed(capture, alice, TRAIN, 0)


def test_a_stranger_may_not(desk, capture, bob):
    assert not desk.isAllowed(capture, bob, TRAIN, 0)


def test_a_license_ends_at_its_second(desk, capture, train, alice, bob):
    desk.grant(capture, bob, train, FAR, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, FAR - 1)
    assert not desk.isAllowed(capture, bob, TRAIN, FAR)


def test_a_license_without_end_never_ends(desk, capture, train, alice, bob):
    desk.grant(capture, bob, train, FOREVER, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, FOREVER)


@given(named=st.integers(1, ALL_PURPOSES), asked=st.integers(1, 2**16 - 1))
def test_a_license_permits_what_its_terms_name(desk, capture, terms, alice, bob, named, asked):
    desk.grant(capture, bob, terms(purposes=named), FAR, {"from": alice})

    assert desk.isAllowed(capture, bob, asked, 0) == (asked & ~named == 0)


@given(at=st.integers(0, FOREVER))
def test_no_grant_outlives_consent(desk, registry, capture, train, alice, bob, at):
    desk.grant(capture, bob, train, FOREVER, {"from": alice})

    registry.revokeAll(capture, bytes(32), {"from": alice})

    assert not desk.isAllowed(capture, bob, TRAIN, at)


def test_a_license_outlives_a_transfer(desk, registry, capture, train, alice, bob, carol):
    desk.grant(capture, bob, train, FAR, {"from": alice})

    registry.transferFrom(alice, carol, number(capture), {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, FAR - 1)


@pytest.mark.parametrize("stage", range(5))
def test_only_a_settled_sale_counts(shop, desk, capture, train, bob, stage):
    shelve(shop, capture, bob, train, stage=stage)

    assert desk.isAllowed(capture, bob, TRAIN, 0) == (stage == SETTLED)


def test_a_sale_ends_at_its_second(shop, desk, capture, train, bob, carol):
    shelve(shop, capture, bob, train)
    shelve(shop, capture, carol, train, until=FOREVER)

    assert desk.isAllowed(capture, bob, TRAIN, FAR - 1)
    assert not desk.isAllowed(capture, bob, TRAIN, FAR)
    assert desk.isAllowed(capture, carol, TRAIN, FOREVER)


def test_no_sale_outlives_consent(shop, desk, registry, capture, train, alice, bob):
    shelve(shop, capture, bob, train)

    registry.revokeAll(capture, bytes(32), {"from": alice})

    assert not desk.isAllowed(capture, bob, TRAIN, 0)


def test_a_part_is_allowed_by_the_whole_and_by_parts_around_it(shop, desk, capture, train, alice, bob, carol, dave):
    shelve(shop, licensed_id(capture, 5), bob, train)
    shelve(shop, capture, carol, train)
    desk.grant(capture, dave, train, FAR, {"from": alice})

    def allowed(who, part, purposes=TRAIN, at=FAR - 1):
        return desk.isAllowedRange(capture, part, who, purposes, at)

    assert [allowed(bob, part) for part in (5, 10, 11, 23)] == [True] * 4
    assert [allowed(bob, part) for part in (0, 2, 3, 4, 6, 20 // 2 - 1)] == [False] * 6
    assert not allowed(bob, 5, at=FAR)
    assert not allowed(bob, 5, SIM)
    assert not desk.isAllowed(capture, bob, TRAIN, 0)
    assert all(allowed(who, part) for who in (alice, carol, dave) for part in (0, 2, 2**33 - 1))
    assert not allowed(alice, 5, 0)


def test_no_license_of_a_part_outlives_consent(shop, desk, registry, capture, train, alice, bob):
    shelve(shop, licensed_id(capture, 5), bob, train)

    registry.revokeAll(capture, bytes(32), {"from": alice})

    assert not desk.isAllowedRange(capture, 5, bob, TRAIN, 0)


@pytest.mark.parametrize("part", [1, 2**33, 2**64 - 1])
def test_what_is_no_part_is_refused(desk, capture, train, alice, part):
    with reverts_with("KeyRange_Unknown", part):
        desk.isAllowedRange(capture, part, alice, TRAIN, 0)
    with reverts_with("KeyRange_Unknown", part):
        desk.offer(capture, train, part, (7, 8, FAR, 0), {"from": alice})


@given(given_=st.integers(0, 7), sold=st.integers(0, 7), asked=st.integers(1, 7))
def test_purposes_add_up(shop, desk, capture, terms, alice, bob, given_, sold, asked):
    if given_:
        desk.grant(capture, bob, terms(purposes=given_), FAR, {"from": alice})
    if sold:
        shelve(shop, capture, bob, terms(purposes=sold))

    assert desk.isAllowed(capture, bob, asked, 0) == (asked & ~(given_ | sold) == 0)
    assert desk.isAllowed(capture, bob, asked, 0) == all(
        desk.isAllowed(capture, bob, bit, 0) for bit in (TRAIN, EVAL, SIM) if asked & bit
    )


def test_nothing_is_zero(desk, capture, train, alice, bob):
    assert desk.offerOf(capture, alice, train, 0) == (0, 0, 0, 0)
    assert desk.grantOf(capture, bob) == (0, 0, 0, 0, 0)
