"""Licenses that a payout must name: what is missing is found, proved, answered for, corrected."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from thenar.domain import facts as f
from thenar.domain.actions import (
    AccuseOmission,
    Action,
    AnswerAccusation,
    CondemnOmission,
    LapseFreeze,
    ProveOmission,
    ReturnBond,
    ThawPayout,
)
from thenar.domain.catalog import Catalog
from thenar.domain.catalog.omissions import bought_before
from thenar.domain.ids import AssetId
from thenar.domain.statements import Evidence, LicenseSet
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Reverted, Unavailable
from thenar.services.licensing import Trade
from thenar.services.payouts import fetch_payout, find_payout
from thenar.services.ports import Peers, Receipt, Store

MOVED_ON = (
    "OmissionCourt_Decided",
    "OmissionCourt_NotFrozen",
    "OmissionCourt_NotAccused",
    "OmissionCourt_AlreadyAccused",
)
"""Refusals that say somebody else was first."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A license a payout does not name, and what was done about it: proved at once, or accused and to be answered."""

    omitted: AssetId
    proved: bool
    receipt: Receipt


async def license_set(trade: Trade, store: Store, peers: Peers, published: f.PayoutPublished) -> LicenseSet | None:
    """The license set behind a payout's root, or None when it is not to be had."""
    stated = published.statement
    if not stated.license_count:
        return LicenseSet.of(())
    try:
        found = LicenseSet.as_written((await fetch_payout(trade, store, peers, published)).licenses)
    except (NotFound, Corrupt, BadInput, Unavailable, Refused):
        return None
    return found if (found.root, len(found.assets)) == (stated.license_set_root, stated.license_count) else None


def suspects(catalog: Catalog, published: f.PayoutPublished, named: Container[AssetId]) -> Iterator[Evidence]:
    """Licenses that publisher or author bought before the payout and that its set does not name."""
    record = catalog.assets[published.asset]
    for who in dict.fromkeys((published.statement.publisher, record.author)):
        end = published.at if who == published.statement.publisher else record.minted
        for omitted, part in bought_before(catalog, who, end, published.statement.published_at):
            if omitted not in named:
                yield Evidence(omitted, part, who, record.commitment)


async def challenge(
    trade: Trade,
    store: Store,
    peers: Peers,
    published: f.PayoutPublished,
    *,
    only: Container[AssetId] | None = None,
) -> Challenge | None:
    """Prove a license missing from a payout, or accuse when the set is hidden; None when nothing is missing.

    ``only`` keeps to these assets. Evidence the chain does not take, because a license came a second too late, is
    passed over.
    """
    found = await license_set(trade, store, peers, published)
    named = found.assets if found else ()
    for evidence in suspects(trade.belief.catalog, published, named):
        if only is not None and evidence.omitted not in only:
            continue
        name = f"{published.asset}/{published.payout}/{evidence.omitted}"
        action: Action = (
            ProveOmission(published.filing, evidence, found.beside(evidence.omitted))
            if found
            else AccuseOmission(published.filing, evidence)
        )
        try:
            receipt = await trade.once.send(f"omission/{name}", action)
        except Reverted as refused:
            if refused.name == "OmissionCourt_NoLicense":
                continue
            if refused.name in MOVED_ON:
                return None
            raise
        await trade.seen(receipt)
        return Challenge(evidence.omitted, found is not None, receipt)
    return None


async def answer(trade: Trade, store: Store, peers: Peers, accused: f.OmissionAccused) -> None:
    """Publisher: show the place of an asset that is said to be missing. Raises NotFound when it is missing indeed."""
    published = find_payout(trade.belief.catalog, accused.asset, accused.payout)
    found = await license_set(trade, store, peers, published)
    if found is None:
        raise Unavailable("the license set of this payout is not to be had here")
    action = AnswerAccusation(published.filing, found.place_of(accused.omitted))
    await _unless_moved_on(trade, f"answer:{_name(accused)}", action)


async def condemn(trade: Trade, accused: f.OmissionAccused) -> None:
    """Accuser: ask for the verdict when nobody answered."""
    published = find_payout(trade.belief.catalog, accused.asset, accused.payout)
    if (accused.payout, accused.omitted) in trade.belief.catalog.income_of(accused.asset).accusations:
        action = CondemnOmission(published.filing, accused.omitted)
        await _unless_moved_on(trade, f"condemn:{_name(accused)}", action)


async def thaw_earlier(trade: Trade, store: Store, peers: Peers, published: f.PayoutPublished) -> int:
    """Thaw every earlier payout whose omission this one names; says how many."""
    income = trade.belief.catalog.income_of(published.asset)
    guilty = [income.convictions[payout] for payout in sorted(income.frozen) if payout < published.payout]
    found = await license_set(trade, store, peers, published) if guilty else None
    mended = [one for one in guilty if found and one.omitted in found.assets]
    for one in mended:
        action = ThawPayout(one.payout, published.filing, found.place_of(one.omitted)) if found else None
        if action:
            await _unless_moved_on(trade, f"thaw:{one.asset}/{one.payout}/{published.payout}", action)
    return len(mended)


async def end_freeze(trade: Trade, asset: AssetId, payout: int) -> None:
    """Thaw a payout whose time has passed."""
    if payout in trade.belief.catalog.income_of(asset).frozen:
        await _unless_moved_on(trade, f"lapse:{asset}/{payout}", LapseFreeze(asset, payout))


async def return_bond(trade: Trade, asset: AssetId, payout: int) -> None:
    """Bring a payout's bond back into its publisher's account."""
    income = trade.belief.catalog.income_of(asset)
    if payout not in income.bonds_returned and payout not in income.convictions:
        action = ReturnBond(find_payout(trade.belief.catalog, asset, payout).filing)
        await _unless_moved_on(trade, f"bond:{asset}/{payout}", action)


def _name(accused: f.OmissionAccused) -> str:
    return f"{accused.asset}/{accused.payout}/{accused.omitted}"


async def _unless_moved_on(trade: Trade, key: str, action: Action) -> None:
    """Send what anybody may send; that somebody did so first is no failure."""
    try:
        await trade.outbox.send(key, action)
    except Reverted as refused:
        if refused.name not in MOVED_ON:
            raise
