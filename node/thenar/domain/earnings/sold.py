"""What buyers paid: sales, licenses by the second, live streams, previews, income of the graph, use in THN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from thenar.domain import facts as f
from thenar.domain.earnings.entries import DOLLARS, THN, Earning, Entry, Returned, whole
from thenar.domain.earnings.past import Scene
from thenar.domain.licenses import FOREVER
from thenar.domain.previews import End, Preview

AT_ONCE = "the price, at once: the license has no end"
CONSENT_REVOKED = 3
"""Why a sale was refunded without fault of its seller."""
Sold: TypeAlias = f.SaleSettled | f.SaleRefunded | f.ComplaintFailed
Streamed: TypeAlias = f.StreamCollected | f.StreamRefunded
Paid: TypeAlias = f.LivePaid | f.Unsubscribed
Income: TypeAlias = f.Claimed | f.OwnTaken


def sales(scene: Scene, fact: Sold) -> Iterator[Entry]:
    """The price of a license without end at once, a bond that a buyer lost by complaining, one that a seller lost."""
    record = scene.catalog.sales[fact.deal_id]
    deal, proof = record.deal, f"sale 0x{fact.deal_id.hex()} of {fact.asset}"
    how = "`thenar license list --all` shows the deal, which SaleOpened holds in full"
    match fact:
        case f.ComplaintFailed() if deal.seller == scene.who and fact.bond:
            formula = "the bond of a buyer who complained without cause"
            again = "disputeKey or disputeChunk holds the key: it opens what was sold"
            yield whole(fact.at, "sale", "bond", fact.bond, proof, again, formula)
        case f.SaleSettled():
            if deal.seller == scene.who and deal.price and fact.until == FOREVER and not deal.derived:
                yield whole(fact.at, "sale", "price", deal.price, proof, how, AT_ONCE)
            if deal.seller == scene.who and deal.bond:
                yield Returned(f"bond of {proof}", deal.bond, fact.at)
            if deal.buyer == scene.who and deal.bond and not _complained(scene, fact):
                yield Returned(f"bond of {proof}", deal.bond, fact.at)
        case f.SaleRefunded():
            revoked = fact.reason == CONSENT_REVOKED
            if deal.buyer == scene.who and deal.price + deal.bond:
                yield Returned(f"price and bond of {proof}", deal.price + deal.bond, fact.at)
            if deal.buyer == scene.who and deal.bond and not revoked:
                formula = "the bond of a seller who did not deliver what was sold"
                yield whole(fact.at, "sale", "bond", deal.bond, proof, f"{how}; SaleRefunded names the reason", formula)
            if deal.seller == scene.who and deal.bond and revoked:
                yield Returned(f"bond of {proof}", deal.bond, fact.at)
        case _:
            pass


def _complained(scene: Scene, fact: f.SaleSettled) -> bool:
    return any(isinstance(one, f.ComplaintFailed) and one.deal_id == fact.deal_id for one in scene.before())


def licenses(scene: Scene, fact: f.LicenseGranted | f.LicenseEnded) -> Iterator[Entry]:
    """The price of a license without a key and without end, at once; and prices that were paid back."""
    if isinstance(fact, f.LicenseEnded):
        back = scene.released() if fact.licensee == scene.who and fact.paid_back else 0
        if back:
            yield Returned(f"price of a license of {fact.asset} that its owner ended", back, fact.at)
    elif fact.grant.until == FOREVER and fact.grant.price:
        paid = _at_once(scene)
        if paid is not None and paid.account == scene.who:
            proof = f"license of {fact.licensee} for {fact.asset}"
            how = "`thenar license list --all` shows it; Collected and Released of the transaction are its price"
            yield whole(fact.at, "license", "price", paid.amount, proof, how, AT_ONCE)


def _at_once(scene: Scene) -> f.Released | None:
    """What was collected for a license, when all of it was released at once: to the owner."""
    after = [one for one in scene.after() if not isinstance(one, f.ExclusiveTaken)][:2]
    match after:
        case [f.Collected() as paid, f.Released() as released] if paid.module == released.module:
            return released
        case _:
            return None


def streams(scene: Scene, fact: Streamed) -> Iterator[Entry]:
    """What time has earned of a license with an end, and the rest of its price when it ended early."""
    started = scene.past.of(f.StreamStarted, fact.id)
    if started is None:
        return
    stream, proof = started.stream, f"license of {started.licensee} for {started.asset}"
    amount = fact.collected if isinstance(fact, f.StreamRefunded) else fact.amount
    if stream.seller == scene.who and not stream.derived and amount:
        formula = "⌊price · seconds passed / seconds of the license⌋, less what was collected before"
        numbers = (("collected", amount), ("price", stream.price), ("since", stream.since), ("until", stream.until))
        how = f"StreamStarted 0x{fact.id.hex()} holds price and times; the block's time is the other number"
        yield Earning("license", amount, DOLLARS, proof, fact.at, formula, numbers, how)
    if isinstance(fact, f.StreamRefunded) and stream.licensee == scene.who and fact.refunded:
        yield Returned(f"rest of the price of a license of {started.asset}", fact.refunded, fact.at)


def live(scene: Scene, fact: Paid) -> Iterator[Entry]:
    """What a subscriber of a live stream owed by the second, and the rest of his deposit."""
    stream, key = scene.catalog.live[fact.stream].stream, (fact.stream, fact.subscriber)
    before, begun = scene.past.of(f.LivePaid, key), scene.past.of(f.Subscribed, key)
    had = before.paid if before and begun and begun.at < before.at else 0
    if stream.seller == scene.who and fact.paid > had:
        proof = f"subscription of {fact.subscriber} to live stream {fact.stream}"
        numbers = (("debt", fact.paid), ("debt_paid_before", had), ("rate", stream.rate))
        formula = "rate · seconds since the subscription began, less what was paid before"
        how = "`thenar live list` shows rate and deposit; Subscribed says since when"
        yield Earning("live stream", fact.paid - had, DOLLARS, proof, fact.at, formula, numbers, how)
    if isinstance(fact, f.Unsubscribed) and fact.subscriber == scene.who and fact.rest:
        yield Returned(f"rest of a deposit for live stream {fact.stream}", fact.rest, fact.at)


def previews(scene: Scene, fact: f.PreviewEnded) -> Iterator[Entry]:
    """The fee of a preview that was opened, or the bond of one that was opened falsely."""
    preview, end = scene.catalog.previews[fact.preview_id].preview, End(fact.how)
    if (preview.seller if end is End.PAID else preview.challenger) != scene.who:
        return
    bond = 0 if end is End.EXPIRED else scene.released() - preview.fee
    if end is End.PAID:
        yield from _fee(fact, preview)
    elif preview.fee:
        yield Returned(f"fee of a preview of {fact.asset}", preview.fee, fact.at)
    if bond > 0 and end is End.PAID:
        yield Returned(f"bond of a preview of {fact.asset}", bond, fact.at)
    elif bond > 0:
        proof, how = _preview(fact)
        yield whole(fact.at, "preview", "bond", bond, proof, how, "the bond of a seller who opened something else")


def _fee(fact: f.PreviewEnded, preview: Preview) -> Iterator[Entry]:
    if preview.fee:
        proof, how = _preview(fact)
        yield whole(fact.at, "preview", "fee", preview.fee, proof, how, "the fee for opening the drawn chunks")


def _preview(fact: f.PreviewEnded) -> tuple[str, str]:
    number = f"0x{fact.preview_id.hex()}"
    return f"preview {number} of {fact.asset}", f"`thenar preview show {number}`"


def graph(scene: Scene, fact: Income) -> Iterator[Entry]:
    """What the revenue graph paid: an owner's own part, a leaf of a payout."""
    how = f"`thenar revenue show {fact.asset}`"
    if isinstance(fact, f.OwnTaken):
        if fact.owner == scene.who:
            formula = "received · (1 - linked shares), less what was taken before"
            yield whole(fact.at, "revenue graph", "taken", fact.amount, fact.asset, how, formula)
    elif fact.to == scene.who:
        payout = scene.catalog.income_of(fact.asset).payouts[fact.payout - 1]
        numbers = (("total_weight", payout.total_weight), ("start", payout.start), ("leaf", fact.index))
        formula = "own income since the payout · weight / total weight, less what was paid before"
        proof = f"leaf {fact.index} of payout {fact.payout} of {fact.asset}"
        yield Earning("revenue graph", fact.amount, DOLLARS, proof, fact.at, formula, numbers, how)


def usage(scene: Scene, fact: f.UsagePaid) -> Iterator[Entry]:
    """ThenarToken for using an asset, less what was burnt of it."""
    if fact.owner == scene.who != fact.payer:
        numbers = (("used", fact.amount), ("burnt", fact.burnt))
        proof, formula = f"use of {fact.asset} by {fact.payer}", "paid, less the twentieth that is burnt"
        how = "UsagePaid holds both numbers; the token's Transfer is the difference"
        yield Earning("usage", fact.amount - fact.burnt, THN, proof, fact.at, formula, numbers, how)
