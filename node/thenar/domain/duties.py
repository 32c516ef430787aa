"""What this node must now do, derived from facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from thenar.domain import facts as f
from thenar.domain.catalog import Catalog
from thenar.domain.ids import Address, AssetId


class DutyKind(StrEnum):
    """One kind, one story in ``services``."""

    PIN_ASSET = "pin asset"
    ANNOUNCE_ASSET = "announce asset"
    DELIVER_KEY = "deliver key"
    CHECK_KEY = "check key"
    OPEN_ASSET = "open asset"
    SETTLE_SALE = "settle sale"
    REFUND_LATE_SALE = "refund late sale"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do once. ``subject`` is an asset id or a deal id in hex.

    ``not_before`` is chain time in unix seconds. A ``deep`` duty cannot be undone and waits for more confirmations.
    ``block`` is where the fact stands: a reorg that drops the fact drops the duty while it is not done.
    """

    kind: DutyKind
    subject: str
    block: int
    not_before: int = 0
    deep: bool = False

    @property
    def key(self) -> str:
        """Unique per duty."""
        return f"{self.kind}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Me:
    """Whose duties these are."""

    account: Address
    pins_for_others: bool


def react(catalog: Catalog, fact: f.Fact, me: Me) -> tuple[Duty, ...]:
    """The duties a fact gives this node; the catalog already holds the fact."""
    block = fact.at.block
    match fact:
        case f.AssetMinted(id=asset, author=author):
            return _for_new_asset(asset, author, me, block)
        case f.SaleOpened(deal=deal, deal_id=deal_id, deadline=deadline):
            subject = deal_id.hex()
            if deal.seller == me.account:
                return (Duty(DutyKind.DELIVER_KEY, subject, block, deep=True),)
            if deal.buyer == me.account:
                return (Duty(DutyKind.REFUND_LATE_SALE, subject, block, not_before=deadline + 1),)
        case f.KeyDelivered(deal_id=deal_id, deadline=deadline):
            return _for_delivery(catalog, deal_id, deadline, me, block)
        case _:
            pass
    return ()


def _for_new_asset(asset: AssetId, author: Address, me: Me, block: int) -> tuple[Duty, ...]:
    if author == me.account:
        return (Duty(DutyKind.ANNOUNCE_ASSET, asset, block),)
    if me.pins_for_others:
        return (Duty(DutyKind.PIN_ASSET, asset, block),)
    return ()


def _for_delivery(catalog: Catalog, deal_id: bytes, deadline: int, me: Me, block: int) -> tuple[Duty, ...]:
    deal = catalog.sales[deal_id].deal
    subject = deal_id.hex()
    if deal.buyer == me.account:
        return (Duty(DutyKind.CHECK_KEY, subject, block), Duty(DutyKind.OPEN_ASSET, subject, block))
    if deal.seller == me.account:
        return (Duty(DutyKind.SETTLE_SALE, subject, block, not_before=deadline + 1),)
    return ()
