"""Which facts give whom which duties."""

from __future__ import annotations

from chain_facts import ANA, BEN, CHIDI, deal, delivered, minted, opened

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import Duty, DutyKind, Me, react


def duties_of(me: Me, *facts: f.Fact) -> tuple[Duty, ...]:
    """The duties the last fact gives."""
    catalog, found = Catalog(), ()
    for fact in facts:
        apply(catalog, fact)
        found = react(catalog, fact, me)
    return found


def test_an_author_announces_and_a_keeper_pins():
    capture = minted(ANA)

    assert [duty.kind for duty in duties_of(Me(ANA, True), capture)] == [DutyKind.ANNOUNCE_ASSET]
    assert [duty.kind for duty in duties_of(Me(BEN, True), capture)] == [DutyKind.PIN_ASSET]
    assert duties_of(Me(BEN, False), capture) == ()


def test_a_seller_delivers_only_when_the_sale_is_deep_enough():
    sale = opened(deal(minted(ANA).id))

    (duty,) = duties_of(Me(ANA, False), minted(ANA), sale)

    assert (duty.kind, duty.subject, duty.deep) == (DutyKind.DELIVER_KEY, sale.deal_id.hex(), True)


def test_a_buyer_watches_the_delivery_deadline():
    sale = opened(deal(minted(ANA).id), deadline=160)

    (duty,) = duties_of(Me(BEN, False), minted(ANA), sale)

    assert (duty.kind, duty.not_before) == (DutyKind.REFUND_LATE_SALE, 161)


def test_a_delivery_makes_the_buyer_check_and_open_and_the_seller_settle_later():
    sale = opened(deal(minted(ANA).id))
    delivery = delivered(sale, deadline=200)

    buyer = duties_of(Me(BEN, False), minted(ANA), sale, delivery)
    (seller,) = duties_of(Me(ANA, False), minted(ANA), sale, delivery)

    assert [duty.kind for duty in buyer] == [DutyKind.CHECK_KEY, DutyKind.OPEN_ASSET]
    assert (seller.kind, seller.not_before) == (DutyKind.SETTLE_SALE, 201)
    assert duties_of(Me(CHIDI, True), minted(ANA), sale, delivery) == ()
