"""LicenseDesk.offer: the branches of offer.tree."""

from assets import digest
from batches import commit
from reverts import reverts_with

FAR = 2**39


def test_an_unknown_asset_cannot_be_offered(desk, train, alice):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        desk.offer(digest("nothing"), train, 0, (1, 0, FAR, 0), {"from": alice})


def test_a_stranger_cannot_offer(desk, capture, train, mallory):
    with reverts_with("LicenseDesk_NotOwner", capture, mallory):
        desk.offer(capture, train, 0, (1, 0, FAR, 0), {"from": mallory})


def test_unwritten_terms_cannot_be_offered(shop, desk, capture, alice):
    for unwritten in (0, shop.book.count() + 1):
        with reverts_with("TermsBook_Unknown", unwritten):
            desk.offer(capture, unwritten, 0, (1, 0, FAR, 0), {"from": alice})


def test_a_price_below_the_floor_is_refused(desk, capture, terms, alice):
    with reverts_with("LicenseDesk_BelowFloor", 9, 10):
        desk.offer(capture, terms(price_floor=10), 0, (9, 0, FAR, 0), {"from": alice})


def test_the_floor_itself_is_a_price(desk, capture, terms, alice):
    floored = terms(price_floor=10)

    desk.offer(capture, floored, 0, (10, 0, FAR, 0), {"from": alice})

    assert desk.offerOf(capture, alice, floored, 0) == (10, 0, FAR, 0)


def test_a_longer_duration_is_refused(desk, capture, terms, alice):
    with reverts_with("LicenseDesk_TooLong", 11, 10):
        desk.offer(capture, terms(max_duration=10), 0, (1, 11, FAR, 0), {"from": alice})


def test_a_duration_without_end_is_refused(desk, capture, terms, alice):
    with reverts_with("LicenseDesk_TooLong", 0, 10):
        desk.offer(capture, terms(max_duration=10), 0, (1, 0, FAR, 0), {"from": alice})


def test_the_longest_duration_is_accepted(desk, capture, terms, alice):
    limited = terms(max_duration=10)

    desk.offer(capture, limited, 0, (1, 10, FAR, 0), {"from": alice})

    assert desk.offerOf(capture, alice, limited, 0) == (1, 10, FAR, 0)


def test_an_offer_must_last(desk, capture, train, alice, at):
    now = at(1)

    with reverts_with("LicenseDesk_Expired", now):
        desk.offer(capture, train, 0, (1, 0, now, 0), {"from": alice})


def test_the_offer_is_stored(desk, capture, train, alice):
    desk.offer(capture, train, 0, (2**96 - 1, 2**40 - 1, FAR, 10_000), {"from": alice})

    assert desk.offerOf(capture, alice, train, 0) == (2**96 - 1, 2**40 - 1, FAR, 10_000)


def test_it_emits_offered(desk, capture, train, alice):
    tx = desk.offer(capture, train, 5, (7, 8, FAR, 9), {"from": alice})

    assert dict(tx.events["Offered"]) == {
        "asset": "0x" + capture.hex(),
        "seller": alice,
        "terms": train,
        "range": 5,
        "offer": (7, 8, FAR, 9),
    }


def test_a_bond_above_the_price_is_refused(desk, capture, train, alice):
    with reverts_with("LicenseDesk_BondTooLarge", 10_001):
        desk.offer(capture, train, 0, (7, 8, FAR, 10_001), {"from": alice})


def test_an_offer_of_a_part_stands_beside_that_of_the_whole(desk, capture, train, alice):
    desk.offer(capture, train, 0, (7, 8, FAR, 0), {"from": alice})
    desk.offer(capture, train, 2, (3, 0, FAR, 0), {"from": alice})

    assert desk.offerOf(capture, alice, train, 0) == (7, 8, FAR, 0)
    assert desk.offerOf(capture, alice, train, 2) == (3, 0, FAR, 0)
    assert desk.offerOf(capture, alice, train, 3) == (0, 0, 0, 0)


def test_an_offer_replaces_the_one_before(desk, capture, train, alice):
    desk.offer(capture, train, 0, (7, 8, FAR, 0), {"from": alice})

    desk.offer(capture, train, 0, (9, 0, FAR + 1, 0), {"from": alice})

    assert desk.offerOf(capture, alice, train, 0) == (9, 0, FAR + 1, 0)


def test_a_batch_is_not_sold_to_one_alone(shop, desk, terms, alice):
    batch = commit(shop.registry, alice)
    alone = terms(exclusive=True)

    with reverts_with("LicenseDesk_ExclusivePart", batch.id, 0):
        desk.offer(batch.id, alone, 0, (1, 0, FAR, 0), {"from": alice})
    desk.offer(batch.id, terms(), 0, (1, 0, FAR, 0), {"from": alice})
