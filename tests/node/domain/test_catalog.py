"""What facts add up to."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from chain_facts import ANA, BEN, CHIDI, NOBODY, TRAIN, at, deal, delivered, materialised, minted, opened
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import facts as f
from thenar.domain.assets import AssetKind, Purpose
from thenar.domain.catalog import Catalog, IncomeRecord, apply
from thenar.domain.catalog.omissions import bought_before, must_name
from thenar.domain.ids import AssetId, TermsId, peer_id_of
from thenar.domain.licenses import FOREVER, Grant, Offer, Stage
from thenar.domain.revenue import WHOLE, Parent


def fold(*facts: f.Fact) -> Catalog:
    catalog = Catalog()
    for fact in facts:
        apply(catalog, fact)
    return catalog


def written() -> f.TermsWritten:
    return f.TermsWritten(at(0), TermsId(1), bytes(32), TRAIN)


def test_an_asset_belongs_to_its_author_until_it_is_transferred():
    capture = minted(ANA)
    asset = capture.id

    before = fold(f.Transfer(at(1), NOBODY, ANA, asset), capture)
    after = fold(capture, f.Transfer(at(2), ANA, BEN, asset))

    assert before.assets[asset].owner == ANA
    assert after.assets[asset].owner == BEN
    assert after.assets[asset].author == ANA


def test_a_materialised_member_has_a_record_like_its_batch():
    batch = minted(ANA, kind=AssetKind.BATCH)
    revoked = f.ConsentChanged(at(2), batch.id, 1, 1_000, bytes(31) + b"\x01")
    own = materialised(batch, BEN, block=3)

    record = fold(batch, revoked, f.Transfer(at(3), NOBODY, BEN, own.id), own).assets[own.id]

    assert (record.owner, record.author, record.kind) == (BEN, ANA, AssetKind.CAPTURE)
    assert (record.revoked_at, record.exclusion_root) == (1_000, revoked.exclusion_root)
    assert record.commitment.batch == batch.id


def test_an_offer_dies_with_the_transfer_of_its_asset():
    capture = minted(ANA)
    made = f.Offered(at(2), capture.id, ANA, TermsId(1), Offer(10, 0, 10**9))

    catalog = fold(capture, made, f.Transfer(at(3), ANA, BEN, capture.id))

    assert catalog.offers_of(capture.id) == []


def test_an_owner_may_do_everything_and_a_stranger_nothing():
    catalog = fold(written(), minted(ANA))
    asset = next(iter(catalog.assets))

    assert catalog.is_allowed(asset, ANA, Purpose.BIOMETRIC_ID, 0)
    assert not catalog.is_allowed(asset, BEN, Purpose.TRAIN, 0)
    assert not catalog.is_allowed(asset, ANA, Purpose(0), 0)


def test_a_grant_allows_until_the_second_it_ends_and_only_its_purposes():
    capture = minted(ANA)
    granted = f.LicenseGranted(at(2), capture.id, BEN, Grant(1000, 0, TermsId(1), 0))

    catalog = fold(written(), capture, granted)

    assert catalog.is_allowed(capture.id, BEN, Purpose.TRAIN, 999)
    assert not catalog.is_allowed(capture.id, BEN, Purpose.TRAIN, 1000)
    assert not catalog.is_allowed(capture.id, BEN, Purpose.TRAIN | Purpose.SIM, 0)


def test_raising_the_consent_epoch_ends_grants_and_settled_sales():
    capture = minted(ANA)
    sale = opened(deal(capture.id))
    settled = f.SaleSettled(at(4), sale.deal_id, capture.id, BEN, 10, FOREVER)
    granted = f.LicenseGranted(at(2), capture.id, CHIDI, Grant(FOREVER, 0, TermsId(1), 0))

    before = fold(written(), capture, granted, sale, delivered(sale), settled)
    withdrawn = f.ConsentChanged(at(5), capture.id, 1, 1_000, bytes(32))
    after = fold(written(), capture, granted, sale, delivered(sale), settled, withdrawn)

    assert before.is_allowed(capture.id, BEN, Purpose.TRAIN, 10) and before.is_allowed(
        capture.id, CHIDI, Purpose.TRAIN, 10
    )
    assert not after.is_allowed(capture.id, BEN, Purpose.TRAIN, 10)
    assert not after.is_allowed(capture.id, CHIDI, Purpose.TRAIN, 10)


def test_a_sale_is_no_license_before_it_is_settled_or_after_a_refund():
    capture = minted(ANA)
    sale = opened(deal(capture.id))
    refunded = f.SaleRefunded(at(4), sale.deal_id, capture.id, BEN, 10, 2)

    running = fold(written(), capture, sale, delivered(sale))
    ended = fold(written(), capture, sale, delivered(sale), refunded)

    assert not running.is_allowed(capture.id, BEN, Purpose.TRAIN, 10)
    assert not ended.is_allowed(capture.id, BEN, Purpose.TRAIN, 10)
    assert (ended.sales[sale.deal_id].stage, ended.sales[sale.deal_id].reason) == (Stage.REFUNDED, 2)


def test_what_was_once_paid_for_must_be_named_whatever_became_of_it():
    capture, model = minted(ANA), minted(BEN, kind=AssetKind.MODEL)
    paid = f.LicenseGranted(at(2), capture.id, BEN, Grant(1_000, 0, TermsId(1), 500, 7))
    again = f.LicenseGranted(at(3), capture.id, BEN, Grant(9_000, 0, TermsId(1), 2_000, 7))
    ended = f.LicenseEnded(at(4), capture.id, BEN, 0, 0)

    for later in ((), (again,), (ended,), (again, ended)):
        catalog = fold(written(), capture, model, paid, *later)

        assert must_name(catalog, model.id, BEN) == (capture.id,)
        assert list(bought_before(catalog, BEN, at(9), 501)) == [(capture.id, 0)]
        assert not list(bought_before(catalog, BEN, at(9), 500))


def test_a_gift_and_what_does_not_permit_training_need_not_be_named():
    capture, model = minted(ANA), minted(BEN, kind=AssetKind.MODEL)
    looking = f.TermsWritten(at(0), TermsId(2), bytes(32), replace(TRAIN, purposes=Purpose.EVAL))
    for grant in (Grant(1_000, 0, TermsId(1), 500, 0), Grant(1_000, 0, TermsId(2), 500, 7)):
        catalog = fold(written(), looking, capture, model, f.LicenseGranted(at(2), capture.id, BEN, grant))

        assert not must_name(catalog, model.id, BEN)


def test_a_registered_peer_is_known_by_the_key_of_its_newest_registration():
    first = f.NodeRegistered(at(1), ANA, b"\x01" * 32, 1, 100)
    again = f.NodeRegistered(at(2), ANA, b"\x02" * 32, 1, 150)

    catalog = fold(first, again)
    gone = fold(first, again, f.NodeLeft(at(3), ANA))

    assert catalog.operators[peer_id_of(b"\x02" * 32)] == {ANA}
    assert not catalog.operators[peer_id_of(b"\x01" * 32)]
    assert not gone.operators[peer_id_of(b"\x02" * 32)] and ANA not in gone.nodes


def test_money_moves_between_accounts_and_locks_without_loss():
    module, other = CHIDI, NOBODY
    facts = (
        f.Deposited(at(1), ANA, BEN, 100),
        f.Locked(at(2), module, ANA, 40),
        f.Collected(at(3), module, 10),
        f.Moved(at(4), module, other, 15),
        f.Released(at(5), other, BEN, 5),
        f.Withdrawn(at(6), ANA, BEN, 20),
    )

    catalog = fold(*facts)

    assert catalog.accounts == {ANA: 40, BEN: 5}
    assert catalog.locks == {module: 35, other: 10}


@given(
    st.lists(st.integers(1, 10**12), min_size=1, max_size=12),
    st.integers(0, WHOLE),
    st.lists(st.integers(1, 2**40), min_size=1, max_size=6),
    st.integers(0, 11),
)
def test_parents_and_leaves_never_get_more_than_came_in_and_lose_less_than_a_unit_each(
    amounts, share, weights, linked_at
):
    child, parent = minted(ANA, 2, kind=AssetKind.MODEL), minted(BEN, 1)
    catalog = fold(parent, child, _published(child.id, 1, 0, sum(weights)))
    total, after_link = 0, 0
    for number, amount in enumerate(amounts):
        if number == linked_at:
            apply(catalog, f.Linked(at(5), child.id, (Parent(parent.id, share),), total))
        total += amount
        after_link += amount if number >= linked_at else 0
        apply(catalog, f.Paid(at(6 + number), child.id, CHIDI, amount, bytes(32)))
    income = catalog.income_of(child.id)

    due = [income.due(1, index, weight) for index, weight in enumerate(weights)]
    up = income.roll_due(parent.id)

    exact_up = Fraction(after_link * share, WHOLE) if linked_at < len(amounts) else Fraction(0)
    assert 0 <= exact_up - up < 1
    assert 0 <= total - up - sum(due) < len(weights) + 3
    assert all(part >= 0 for part in due)


def _published(asset, payout, start, total_weight):
    return f.PayoutPublished(at(4), asset, payout, bytes(32), total_weight, 3, start, bytes(32), bytes(32))


def test_a_new_payout_never_changes_what_an_earlier_one_owes():
    child = minted(ANA, 2, kind=AssetKind.MODEL)
    paid = f.Paid(at(5), child.id, BEN, 100, bytes(32))
    catalog = fold(child, _published(child.id, 1, 0, 4), paid)
    before = catalog.income_of(child.id).due(1, 0, 3)

    apply(catalog, _published(child.id, 2, 100, 1))
    apply(catalog, f.Paid(at(7), child.id, BEN, 50, bytes(32)))

    assert catalog.income_of(child.id).due(1, 0, 3) == before == 75
    assert catalog.income_of(child.id).due(2, 0, 1) == 50


def test_the_own_part_before_the_first_payout_is_the_owners():
    child = minted(ANA, 2, kind=AssetKind.MODEL)
    catalog = fold(
        child,
        f.Paid(at(3), child.id, BEN, 80, bytes(32)),
        _published(child.id, 1, 80, 1),
        f.OwnTaken(at(5), child.id, ANA, 30),
    )

    assert catalog.income_of(child.id).own_due() == 50
    assert IncomeRecord().own_due() == 0


def test_looking_at_what_an_asset_earned_makes_no_record_of_it() -> None:
    catalog = Catalog()

    assert catalog.income_of(AssetId("0x" + "ab" * 32)).received == 0

    assert not catalog.income
