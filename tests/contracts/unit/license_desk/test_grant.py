"""LicenseDesk.grant: the branches of grant.tree."""

import pytest
from assets import EVAL, FOREVER, TRAIN, digest, write_terms
from reverts import reverts_with

DAY = 86_400
FAR = 2**39


def test_an_unknown_asset_cannot_be_given(desk, train, alice, bob):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        desk.grant(digest("nothing"), bob, train, FAR, {"from": alice})


def test_a_stranger_cannot_give(desk, capture, train, bob, mallory):
    with reverts_with("LicenseDesk_NotOwner", capture, mallory):
        desk.grant(capture, bob, train, FAR, {"from": mallory})


def test_unwritten_terms_give_nothing(shop, desk, capture, alice, bob, at):
    unwritten = shop.book.count() + 1
    desk.grant(capture, bob, unwritten, FAR, {"from": alice})
    before = desk.isAllowed(capture, bob, TRAIN, 0)
    at(1)

    write_terms(shop.book, bob, purposes=TRAIN, text_digest=digest("written later"))

    assert shop.book.count() == unwritten
    assert not before
    assert not any(
        desk.isAllowed(capture, bob, TRAIN, moment) for moment in (0, desk.grantOf(capture, bob)[3], FAR - 1)
    )


def test_a_gift_of_nothing_stands_in_nobodys_way(shop, desk, capture, train, alice, bob):
    for unwritten in (0, shop.book.count() + 1):
        desk.grant(capture, bob, unwritten, FOREVER, {"from": alice})

    desk.grant(capture, bob, train, FAR, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, FAR - 1)


def test_a_gift_must_last(desk, capture, train, alice, bob, at):
    now = at(1)

    with reverts_with("LicenseDesk_Expired", now):
        desk.grant(capture, bob, train, now, {"from": alice})


def test_a_gift_ends_with_its_terms(desk, capture, terms, alice, bob):
    limited = terms(max_duration=DAY)

    start = desk.grant(capture, bob, limited, FAR, {"from": alice}).timestamp

    assert desk.isAllowed(capture, bob, TRAIN, start + DAY - 1)
    assert not desk.isAllowed(capture, bob, TRAIN, start + DAY)


def test_a_gift_without_end_ends_with_its_terms(desk, capture, terms, alice, bob):
    limited = terms(max_duration=DAY)

    start = desk.grant(capture, bob, limited, FOREVER, {"from": alice}).timestamp

    assert not desk.isAllowed(capture, bob, TRAIN, start + DAY)
    assert not desk.isAllowed(capture, bob, TRAIN, FOREVER)


def test_a_gift_as_long_as_its_terms_is_given(desk, capture, terms, alice, bob, at):
    limited = terms(max_duration=DAY)
    start = at(1)

    desk.grant(capture, bob, limited, start + DAY, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, start + DAY - 1)
    assert not desk.isAllowed(capture, bob, TRAIN, start + DAY)


def test_giving_it_again_counts_anew(desk, capture, terms, alice, bob, at):
    limited = terms(max_duration=DAY)
    desk.grant(capture, bob, limited, FOREVER, {"from": alice})
    again = at(DAY // 2)

    desk.grant(capture, bob, limited, FOREVER, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, again + DAY - 1)
    assert not desk.isAllowed(capture, bob, TRAIN, again + DAY)


def test_a_gift_cannot_change_running_terms(desk, capture, train, terms, alice, bob):
    desk.grant(capture, bob, train, FAR, {"from": alice})
    more = terms(purposes=TRAIN | EVAL)

    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, FAR):
        desk.grant(capture, bob, more, FOREVER, {"from": alice})


def test_a_gift_cannot_shorten_a_license(desk, capture, train, alice, bob):
    desk.grant(capture, bob, train, FAR, {"from": alice})

    for until in (FAR - 1, FAR):
        with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, FAR):
            desk.grant(capture, bob, train, until, {"from": alice})


def test_a_gift_cannot_shorten_what_was_bought(desk, capture, train, alice, bob, at):
    desk.offer(capture, train, 0, (5, 0, FAR, 0), {"from": alice})
    desk.buy(capture, train, 5, 0, FOREVER, {"from": bob})
    now = at(1)

    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, FOREVER):
        desk.grant(capture, bob, train, now + DAY, {"from": alice})


def test_a_gift_prolongs_a_license(desk, capture, train, alice, bob):
    desk.grant(capture, bob, train, FAR, {"from": alice})

    desk.grant(capture, bob, train, FOREVER, {"from": alice})

    assert desk.grantOf(capture, bob)[0] == FOREVER


def test_after_its_end_anything_can_be_given(desk, capture, train, terms, alice, bob, at):
    evaluate = terms(purposes=EVAL)
    start = at(1)
    desk.grant(capture, bob, train, start + 10, {"from": alice})
    now = at(10)

    desk.grant(capture, bob, evaluate, start + 11, {"from": alice})

    assert desk.grantOf(capture, bob) == (start + 11, 0, evaluate, now, 0)


def test_after_the_terms_end_anything_can_be_given(desk, capture, terms, alice, bob, at):
    limited, evaluate = terms(max_duration=10), terms(purposes=EVAL)
    at(1)
    desk.grant(capture, bob, limited, FOREVER, {"from": alice})
    now = at(10)

    desk.grant(capture, bob, evaluate, FAR, {"from": alice})

    assert desk.grantOf(capture, bob) == (FAR, 0, evaluate, now, 0)


def test_after_revocation_anything_can_be_given(desk, registry, capture, train, terms, alice, bob):
    evaluate = terms(purposes=EVAL)
    desk.grant(capture, bob, train, FAR, {"from": alice})
    registry.revokeAll(capture, bytes(32), {"from": alice})

    now = desk.grant(capture, bob, evaluate, FAR - 1, {"from": alice}).timestamp

    assert desk.grantOf(capture, bob) == (FAR - 1, 1, evaluate, now, 0)


def test_the_gift_is_stored(desk, registry, capture, train, alice, bob):
    registry.revokeAll(capture, bytes(32), {"from": alice})

    now = desk.grant(capture, bob, train, FAR, {"from": alice}).timestamp

    assert desk.grantOf(capture, bob) == (FAR, 1, train, now, 0)


def test_it_emits_license_granted(desk, capture, train, alice, bob):
    tx = desk.grant(capture, bob, train, FAR, {"from": alice})

    assert dict(tx.events["LicenseGranted"]) == {
        "asset": "0x" + capture.hex(),
        "licensee": bob,
        "grant": (FAR, 0, train, tx.timestamp, 0),
    }


def test_giving_is_cheap(desk, capture, train, alice, bob, carol):
    used = [desk.grant(capture, who, train, FOREVER, {"from": alice}).gas_used for who in (bob, carol)]

    assert max(used) <= 55_000


def test_a_floor_does_not_bind_gifts(desk, capture, terms, alice, bob):
    desk.grant(capture, bob, terms(price_floor=10**9), FAR, {"from": alice})

    assert desk.isAllowed(capture, bob, TRAIN, FAR - 1)


@pytest.mark.parametrize("price", [0, 1, 7])
def test_what_was_paid_for_is_noted_when_a_gift_takes_its_place(shop, desk, capture, train, alice, bob, price):
    desk.offer(capture, train, 0, (price, 1_000, FAR, 0), {"from": alice})
    bought = desk.buy(capture, train, price, 0, 0, {"from": bob})

    desk.grant(capture, bob, train, FAR, {"from": alice})

    since = bought.timestamp if price else 0
    assert tuple(shop.covenants.formerOf(capture, bob)) == (since, 0, 0)


def test_a_gift_keeps_what_was_paid(desk, capture, train, alice, bob):
    desk.offer(capture, train, 0, (7, 1_000, FAR, 0), {"from": alice})
    desk.buy(capture, train, 7, 0, 0, {"from": bob})

    given = desk.grant(capture, bob, train, FAR, {"from": alice})

    assert desk.grantOf(capture, bob) == (FAR, 0, train, given.timestamp, 7)


def test_a_gift_does_not_make_bought_time_endless(desk, capture, train, alice, bob):
    desk.offer(capture, train, 0, (7, 1_000, FAR, 0), {"from": alice})
    end = desk.buy(capture, train, 7, 0, 0, {"from": bob}).timestamp + 1_000

    with reverts_with("LicenseDesk_LicenseRuns", capture, bob, train, end):
        desk.grant(capture, bob, train, FOREVER, {"from": alice})
