"""What this node must now do, derived from facts alone."""

from __future__ import annotations

from collections.abc import Iterator

from thenar.domain import facts as f
from thenar.domain.bounty.duties import for_captures
from thenar.domain.catalog import Catalog, StreamRecord
from thenar.domain.duty import LONG, Duty, DutyKind, Me
from thenar.domain.epochs.epoch_duties import for_epochs
from thenar.domain.ids import Address, AssetId
from thenar.domain.licenses import Stage
from thenar.domain.reflex.channel_duties import for_call, for_channel
from thenar.domain.runs.run_duties import for_run, refunds_of
from thenar.domain.storage.storage_duties import for_storage
from thenar.domain.work.court_duties import for_case
from thenar.domain.work.work_duties import for_work

__all__ = ["LONG", "Duty", "DutyKind", "Me", "react"]


def react(catalog: Catalog, fact: f.Fact, me: Me) -> tuple[Duty, ...]:
    """The duties a fact gives this node; the catalog already holds the fact."""
    block = fact.at.block
    if isinstance(fact, f.RevenueFact | f.OmissionFact):
        return tuple(_for_revenue(catalog, fact, me))
    if isinstance(fact, f.BountyFact | f.ClaimFact | f.PoolFact):
        return tuple(for_work(catalog, fact, me))
    if isinstance(fact, f.DisputeFact | f.CourtFact):
        return tuple(for_case(catalog, fact, me))
    if isinstance(fact, f.ReflexFact):
        return tuple(for_channel(catalog, fact, me))
    if isinstance(fact, f.CallFact):
        return tuple(for_call(fact, me))
    if isinstance(fact, f.RunFact):
        return tuple(for_run(catalog, fact, me))
    if isinstance(fact, f.CaptureFact | f.WordFact):
        return tuple(for_captures(catalog, fact, me))
    if isinstance(fact, f.EpochFact) or (isinstance(fact, f.NodeRegistered) and fact.operator == me.account):
        return tuple(for_epochs(catalog, fact, me))
    if isinstance(fact, f.ReplicaFact | f.StorageFact):
        return tuple(for_storage(catalog, fact, me))
    if isinstance(fact, f.ConsentChanged | f.LicenseEnded | f.StreamStarted):
        return tuple(_for_consent(catalog, fact, me))
    if isinstance(fact, f.MarkFact):
        return tuple(_for_mark(catalog, fact, me))
    match fact:
        case f.AssetMinted(id=asset, author=author):
            return _for_new_asset(asset, author, me, block)
        case f.Materialised(id=asset, owner=owner):
            return _for_new_asset(asset, owner, me, block)
        case f.SaleOpened():
            return _for_opened_sale(catalog, fact, me)
        case f.KeyDelivered(deal_id=deal_id, deadline=deadline):
            return _for_delivery(catalog, deal_id, deadline, me, block)
        case f.PreviewAsked(preview_id=preview_id):
            return _for_preview(catalog, preview_id, me, block)
        case f.PreviewOpened(preview_id=preview_id):
            return _for_opened_preview(catalog, preview_id, me, block)
        case _:
            pass
    return ()


def _for_new_asset(asset: AssetId, author: Address, me: Me, block: int) -> tuple[Duty, ...]:
    if me.acts_for(author):
        return (Duty(DutyKind.ANNOUNCE_ASSET, asset, block),)
    if me.pins_for_others:
        return (Duty(DutyKind.PIN_ASSET, asset, block),)
    return ()


def _for_opened_sale(catalog: Catalog, fact: f.SaleOpened, me: Me) -> tuple[Duty, ...]:
    deal, subject, block = fact.deal, fact.deal_id.hex(), fact.at.block
    if deal.seller == me.account:
        return (Duty(DutyKind.DELIVER_KEY, subject, block, deep=True),)
    if catalog.keepers.get(deal.seller) == me.account:  # the seller has the first half of the time
        halfway = 0 if deal.seller in me.wallets else (deal.opened_at + fact.deadline) // 2
        return (Duty(DutyKind.DELIVER_KEY, subject, block, not_before=halfway, deep=True),)
    if me.acts_for(deal.buyer):
        return (Duty(DutyKind.REFUND_LATE_SALE, subject, block, not_before=fact.deadline + 1),)
    return ()


def _for_consent(catalog: Catalog, fact: f.ConsentChanged | f.LicenseEnded | f.StreamStarted, me: Me) -> Iterator[Duty]:
    """Bring money of licenses with an end home, and drop what may not be kept."""
    block = fact.at.block
    match fact:
        case f.StreamStarted(stream=stream):
            if me.acts_for(stream.seller):
                yield Duty(DutyKind.COLLECT_EARNED, fact.id.hex(), block, not_before=stream.until)
        case f.LicenseEnded(asset=asset, range=part):
            for record in _streams_of(catalog, me):
                if (record.stream.asset, record.stream.range) == (asset, part) and me.acts_for(fact.licensee):
                    yield Duty(DutyKind.REFUND_UNEARNED, f"{record.id.hex()}/{block}", block)
            yield from refunds_of(catalog, asset, me.account, block)
        case f.ConsentChanged(id=asset):
            yield from refunds_of(catalog, asset, me.account, block)
            yield from _refunds(catalog, asset, me, block)
            for record in _streams_of(catalog, me):
                stream = record.stream
                if stream.asset == asset or (stream.batch == asset and stream.asset not in catalog.assets):
                    yield Duty(DutyKind.REFUND_UNEARNED, f"{record.id.hex()}/{block}", block)
            if not any(fact.exclusion_root) and not me.acts_for(catalog.assets[asset].owner):
                allowed = fact.revoked_at + notice_of(catalog, asset, me.account)
                yield Duty(DutyKind.DROP_COPY, f"{asset}/{fact.consent_epoch}", block, not_before=allowed, deep=True)


def notice_of(catalog: Catalog, asset: AssetId, who: Address) -> int:
    """Seconds ``who`` has, after consent was withdrawn, to delete copies: what its own license said, else the asset."""
    sold = (s.deal for s in catalog.sales.values() if s.stage is Stage.SETTLED)
    bought = [deal.terms for deal in sold if asset in (deal.asset, deal.batch) and deal.buyer == who]
    granted = catalog.grants.get((asset, who))
    named = [*bought, *([granted.terms] if granted else [])] or [catalog.assets[asset].terms]
    return max((catalog.terms[terms].notice for terms in named if terms in catalog.terms), default=0)


def _streams_of(catalog: Catalog, me: Me) -> list[StreamRecord]:
    """Money still in the Escrow of licenses bought here."""
    return [record for record in catalog.streams.values() if record.open and me.acts_for(record.stream.licensee)]


def _refunds(catalog: Catalog, asset: AssetId, me: Me, block: int) -> Iterator[Duty]:
    """A buyer's money comes back at once while no key came, and after the window otherwise: a wrong key brings more."""
    for sale in catalog.sales.values():
        deal = sale.deal
        under = deal.asset == asset or (deal.batch == asset and deal.asset not in catalog.assets)
        if under and me.acts_for(deal.buyer) and sale.stage in (Stage.OPEN, Stage.DELIVERED):
            after = sale.deadline + 1 if sale.stage is Stage.DELIVERED else 0
            yield Duty(DutyKind.REFUND_REVOKED_SALE, sale.deal_id.hex(), block, not_before=after)


def _for_delivery(catalog: Catalog, deal_id: bytes, deadline: int, me: Me, block: int) -> tuple[Duty, ...]:
    deal = catalog.sales[deal_id].deal
    subject = deal_id.hex()
    if me.acts_for(deal.buyer):
        return (Duty(DutyKind.CHECK_KEY, subject, block), Duty(DutyKind.OPEN_ASSET, subject, block))
    if me.acts_for(deal.seller):
        return (Duty(DutyKind.SETTLE_SALE, subject, block, not_before=deadline + 1),)
    return ()


def _for_revenue(catalog: Catalog, fact: f.RevenueFact | f.OmissionFact, me: Me) -> Iterator[Duty]:
    block = fact.at.block
    match fact:
        case f.Paid(asset=asset) | f.Rolled(parent=asset):
            yield from _for_income(catalog, asset, fact.at, me)
        case f.Linked(child=child, parents=parents):
            for parent in parents:
                bound = bought_floor(catalog, child, parent.asset)
                if catalog.assets[parent.asset].owner == me.account and bound > catalog.floors.get(child, 0):
                    yield Duty(DutyKind.BIND_FLOOR, f"{child}/{parent.asset}", block)
        case f.Claimed(to=to, beneficiary=beneficiary) if int(to, 16) == 0:
            yield from _for_income(catalog, AssetId("0x" + beneficiary.hex()), fact.at, me)
        case f.PayoutPublished():
            yield from _for_payout(catalog, fact, me)
        case f.OmissionAccused(answer_by=answer_by):
            subject = f"{fact.asset}/{fact.payout}/{fact.omitted}"
            if catalog.income_of(fact.asset).payouts[fact.payout - 1].statement.publisher == me.account:
                yield Duty(DutyKind.ANSWER_ACCUSATION, subject, block)
            if fact.accuser == me.account:
                yield Duty(DutyKind.CONDEMN_OMISSION, subject, block, not_before=answer_by)
        case f.OmissionProved(frozen_until=until):
            if catalog.income_of(fact.asset).payouts[fact.payout - 1].statement.publisher == me.account:
                yield Duty(DutyKind.END_FREEZE, f"{fact.asset}/{fact.payout}", block, not_before=until)
        case _:
            pass


def bought_floor(catalog: Catalog, child: AssetId, parent: AssetId) -> int:
    """The price floor a parent binds a child to: its own, or that of terms its maker bought a license under."""
    made, floors = catalog.assets[child], [catalog.floors.get(parent, 0)]
    for maker in {made.author, made.owner}:
        grant, deal_id = catalog.grants.get((parent, maker)), catalog.current_sale.get((parent, maker, 0))
        sale = catalog.sales[deal_id] if deal_id else None
        bought = [grant.terms] if grant and grant.price else []
        bought += [sale.deal.terms] if sale and sale.stage is Stage.SETTLED else []
        floors += [catalog.terms[terms].price_floor for terms in bought if terms in catalog.terms]
    return max(floors)


def _for_income(catalog: Catalog, child: AssetId, at: f.At, me: Me) -> Iterator[Duty]:
    """Move up what an asset of one's own is due from a child, once it is worth a transaction."""
    if me.roll_minimum is None:
        return
    income = catalog.income_of(child)
    for parent in income.parents:
        record = catalog.assets.get(parent)
        if record and record.owner == me.account and income.roll_due(parent) >= max(me.roll_minimum, 1):
            yield Duty(DutyKind.ROLL_SHARE, f"{child}/{parent}/{at.block}.{at.log_index}", at.block)


def _for_payout(catalog: Catalog, fact: f.PayoutPublished, me: Me) -> Iterator[Duty]:
    """Keep its tree, look for one's own captures in its license set, mend earlier omissions, ask for the bond back."""
    subject, block, stated = f"{fact.asset}/{fact.payout}", fact.at.block, fact.statement
    if stated.publisher == me.account:
        if catalog.income_of(fact.asset).frozen:
            yield Duty(DutyKind.THAW_PAYOUT, subject, block)
        if stated.bond:
            yield Duty(DutyKind.RETURN_BOND, subject, block, not_before=stated.published_at + me.bond_seconds)
        return
    if me.pins_for_others:
        yield Duty(DutyKind.KEEP_PAYOUT, subject, block)
    answerable = {stated.publisher, catalog.assets[fact.asset].author}
    if any(sale.deal.seller == me.account and sale.deal.buyer in answerable for sale in catalog.sales.values()):
        yield Duty(DutyKind.CHECK_PAYOUT, subject, block)


def _for_preview(catalog: Catalog, preview_id: bytes, me: Me, block: int) -> tuple[Duty, ...]:
    preview, subject = catalog.previews[preview_id].preview, preview_id.hex()
    if preview.seller == me.account:
        return (Duty(DutyKind.OPEN_PREVIEW, subject, block, deep=True),)
    if preview.challenger == me.account:
        return (Duty(DutyKind.EXPIRE_PREVIEW, subject, block),)
    return ()


def _for_opened_preview(catalog: Catalog, preview_id: bytes, me: Me, block: int) -> tuple[Duty, ...]:
    found, subject = catalog.previews[preview_id], preview_id.hex()
    if found.preview.challenger == me.account:
        return (Duty(DutyKind.CHECK_PREVIEW, subject, block),)
    if found.preview.seller == me.account:
        return (Duty(DutyKind.CLOSE_PREVIEW, subject, block, not_before=found.deadline + 1),)
    return ()


def _for_mark(catalog: Catalog, fact: f.MarkFact, me: Me) -> Iterator[Duty]:
    """Answer who found a leak, and bring home what was laid down."""
    block, subject = fact.at.block, fact.mark_id.hex()
    match fact:
        case f.MarkProposed(mark=mark):
            if mark.owner == me.account:
                yield Duty(DutyKind.RECALL_MARK, subject, block, not_before=mark.until)
        case f.MarkAccepted():
            mark = catalog.marks[fact.mark_id].mark
            if me.account in (mark.owner, mark.buyer):
                yield Duty(DutyKind.RELEASE_MARK, subject, block, not_before=mark.until)
        case f.LeakShown(answer_by=answer_by, leak=leak):
            mark, waiting = catalog.marks[fact.mark_id].mark, f"{subject}/{leak.chapter}/{block}"
            if mark.owner == me.account:
                yield Duty(DutyKind.ANSWER_LEAK, waiting, block, deep=True)
            if me.account in (fact.finder, mark.buyer):
                yield Duty(DutyKind.LAPSE_MARK, waiting, block, not_before=answer_by)
        case _:
            pass
