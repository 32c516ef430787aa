"""Which facts give whom which duties."""

from __future__ import annotations

from dataclasses import replace

from chain_facts import ANA, BEN, CHIDI, TRAIN, at, deal, delivered, materialised, minted, opened

from thenar.domain import facts as f
from thenar.domain.assets import NO_BATCH, AssetKind
from thenar.domain.catalog import Catalog, apply
from thenar.domain.duties import Duty, DutyKind, Me, react
from thenar.domain.ids import AssetId, TermsId
from thenar.domain.licenses import Grant
from thenar.domain.revenue import Parent
from thenar.domain.streams import Stream


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


def test_the_owner_of_a_materialised_member_announces_it():
    batch = minted(ANA, kind=AssetKind.BATCH)

    (duty,) = duties_of(Me(BEN, True), batch, materialised(batch, BEN))

    assert (duty.kind, duty.subject) == (DutyKind.ANNOUNCE_ASSET, materialised(batch, BEN).id)


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


DAY = 86_400
CAPTURE, BATCH = minted(ANA), minted(ANA, 2, kind=AssetKind.BATCH)
WEEK = f.TermsWritten(at(1), TermsId(1), bytes(32), replace(TRAIN, notice=7 * DAY, price_floor=500))
MONTH = f.TermsWritten(at(1), TermsId(2), bytes(32), replace(TRAIN, notice=30 * DAY))


def started(asset: AssetId = CAPTURE.id, batch: AssetId = NO_BATCH, part: int = 0) -> f.StreamStarted:
    """Ben paid Ana for a license from 100 to 200."""
    stream = Stream(asset, batch, part, CHIDI, BEN, ANA, 1_000, 100, 100, 200, 0, False)
    return f.StreamStarted(at(3), bytes([part]) * 32, asset, BEN, stream)


def revoked(asset: AssetId, root: bytes = bytes(32)) -> f.ConsentChanged:
    return f.ConsentChanged(at(5), asset, 1, 150, root)


def test_a_seller_collects_once_a_license_has_earned_all_of_its_price():
    (duty,) = duties_of(Me(ANA, False), CAPTURE, started())

    assert (duty.kind, duty.not_before) == (DutyKind.COLLECT_EARNED, 200)
    assert duties_of(Me(BEN, False), CAPTURE, started()) == ()


def test_a_licensee_takes_back_what_lost_time_cost_and_everybody_else_drops_copies_after_the_notice():
    facts = (WEEK, CAPTURE, started(), revoked(CAPTURE.id))

    refund, drop = duties_of(Me(BEN, False), *facts)

    assert (refund.kind, refund.not_before) == (DutyKind.REFUND_UNEARNED, 0)
    assert (drop.kind, drop.not_before, drop.deep) == (DutyKind.DROP_COPY, 150 + 7 * DAY, True)
    assert [duty.kind for duty in duties_of(Me(CHIDI, True), *facts)] == [DutyKind.DROP_COPY]
    assert duties_of(Me(ANA, True), *facts) == ()


def test_the_notice_is_that_of_the_license_somebody_holds():
    grant = f.LicenseGranted(at(2), CAPTURE.id, BEN, Grant(2**40 - 1, 0, TermsId(2), 1, 0))

    (drop,) = duties_of(Me(BEN, False), WEEK, MONTH, CAPTURE, grant, revoked(CAPTURE.id))

    assert drop.not_before == 150 + 30 * DAY


def test_nobody_drops_what_is_left_out_only_in_part():
    assert duties_of(Me(CHIDI, True), WEEK, CAPTURE, revoked(CAPTURE.id, b"\1" * 32)) == ()


def test_consent_for_a_batch_is_that_of_its_members_without_a_record():
    member = materialised(BATCH, ANA)
    stream, sale = started(member.id, BATCH.id), opened(replace(deal(member.id), batch=BATCH.id))

    kinds = [duty.kind for duty in duties_of(Me(BEN, False), WEEK, BATCH, stream, sale, revoked(BATCH.id))]
    own = [duty.kind for duty in duties_of(Me(BEN, False), WEEK, BATCH, stream, sale, member, revoked(BATCH.id))]

    assert kinds == [DutyKind.REFUND_REVOKED_SALE, DutyKind.REFUND_UNEARNED, DutyKind.DROP_COPY]
    assert own == [DutyKind.DROP_COPY]


def test_only_the_license_that_was_ended_is_paid_back():
    whole, part = started(), started(part=2)
    ended = f.LicenseEnded(at(5), CAPTURE.id, BEN, 2, 0)

    (duty,) = duties_of(Me(BEN, False), CAPTURE, whole, part, ended)

    assert duty.subject.startswith(part.id.hex())
    assert duties_of(Me(CHIDI, False), CAPTURE, whole, part, ended) == ()


def test_an_owner_binds_the_floor_that_came_with_a_bought_license():
    model = minted(BEN, 3, kind=AssetKind.MODEL)
    bought = f.LicenseGranted(at(2), CAPTURE.id, BEN, Grant(2**40 - 1, 0, TermsId(1), 1, 700))
    linked = f.Linked(at(5), model.id, (Parent(CAPTURE.id, 10),), 0)

    (duty,) = duties_of(Me(ANA, False), WEEK, CAPTURE, model, bought, linked)

    assert (duty.kind, duty.subject) == (DutyKind.BIND_FLOOR, f"{model.id}/{CAPTURE.id}")
    assert duties_of(Me(BEN, False), WEEK, CAPTURE, model, bought, linked) == ()
    assert duties_of(Me(ANA, False), WEEK, CAPTURE, model, linked) == ()
