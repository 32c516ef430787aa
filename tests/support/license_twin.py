"""A twin of the license desk in Python: who may use which asset for what, until when. It knows no chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assets import FOREVER, Terms


@dataclass(frozen=True, slots=True)
class Standing:
    """An offer, and the consent epoch it was made in."""

    price: int
    duration: int
    expires_at: int
    epoch: int


@dataclass(frozen=True, slots=True)
class License:
    """A license, wherever it was got: it ends at ``until`` (unix seconds, exclusive) or with its epoch."""

    until: int
    epoch: int
    terms: int

    def covers(self, at: int) -> bool:
        """Say whether it lasts beyond a moment."""
        return at < self.until or self.until == FOREVER


@dataclass(slots=True)
class LicenseTwin:
    """Every answer of the desk. Verbs return the name of the error the desk must revert with, or None."""

    terms: dict[int, Terms]
    owners: dict[bytes, Any]
    epochs: dict[bytes, int] = field(default_factory=dict)
    offers: dict[tuple[bytes, Any, int], Standing] = field(default_factory=dict)
    grants: dict[tuple[bytes, Any], License] = field(default_factory=dict)
    sales: dict[tuple[bytes, Any], License] = field(default_factory=dict)
    ended: list[tuple[bytes, Any, License]] = field(default_factory=list)
    """Licenses whose consent was withdrawn: none of them may ever count again."""

    def epoch(self, asset: bytes) -> int:
        """The asset's consent epoch."""
        return self.epochs.get(asset, 0)

    def offer(self, asset: bytes, who: Any, terms: int, standing: Standing) -> str | None:
        """Make or replace an offer."""
        maximum = self.terms[terms].max_duration
        if self.owners[asset] != who:
            return "LicenseDesk_NotOwner"
        if standing.price < self.terms[terms].price_floor:
            return "LicenseDesk_BelowFloor"
        if maximum and not 0 < standing.duration <= maximum:
            return "LicenseDesk_TooLong"
        self.offers[asset, who, terms] = standing
        return None

    def close(self, asset: bytes, who: Any, terms: int) -> str | None:
        """Take an offer back."""
        return None if self.offers.pop((asset, who, terms), None) else "LicenseDesk_NoOffer"

    def live_offer(self, asset: bytes, terms: int, now: int) -> Standing | None:
        """The owner's offer that can be bought now."""
        standing = self.offers.get((asset, self.owners[asset], terms))
        live = standing is not None and standing.expires_at > now and standing.epoch == self.epoch(asset)
        return standing if live else None

    def running(self, asset: bytes, who: Any, now: int) -> License | None:
        """The desk's license that still runs."""
        held = self.grants.get((asset, who))
        return held if held and held.epoch == self.epoch(asset) and held.until > now else None

    def grant(self, asset: bytes, giver: Any, licensee: Any, terms: int, until: int, now: int) -> str | None:
        """Give a license away."""
        maximum = self.terms[terms].max_duration
        end = min(until, now + maximum) if maximum else until
        held = self.running(asset, licensee, now)
        if self.owners[asset] != giver:
            return "LicenseDesk_NotOwner"
        if until <= now:
            return "LicenseDesk_Expired"
        if held and (held.terms != terms or end <= held.until):
            return "LicenseDesk_LicenseRuns"
        self.grants[asset, licensee] = License(end, self.epoch(asset), terms)
        return None

    def buy(self, asset: bytes, buyer: Any, terms: int, now: int) -> str | None:
        """Buy at the owner's standing offer."""
        standing = self.live_offer(asset, terms, now)
        if standing is None:
            return "LicenseDesk_NoOffer"
        held = self.running(asset, buyer, now)
        start = held.until if held and held.terms == terms else now
        until = min(start + standing.duration, FOREVER) if standing.duration else FOREVER
        if held and not self._is_better(held, terms, until):
            return "LicenseDesk_LicenseRuns"
        maximum = self.terms[terms].max_duration
        if maximum and until - now > maximum:
            return "LicenseDesk_TooLong"
        self.grants[asset, buyer] = License(until, self.epoch(asset), terms)
        return None

    def _is_better(self, held: License, terms: int, until: int) -> bool:
        if held.terms == terms:
            return until > held.until
        lost = self.terms[held.terms].purposes & ~self.terms[terms].purposes
        return until >= held.until and not lost

    def may_open(self, asset: bytes, buyer: Any, terms: int, now: int) -> str | None:
        """Whether a fair sale can be opened now."""
        held = self.sales.get((asset, buyer))
        if self.owners[asset] == buyer:
            return "KeyExchange_SellerBuys"
        if self.live_offer(asset, terms, now) is None:
            return "LicenseDesk_NoOffer"
        if held and held.epoch == self.epoch(asset) and held.until > now:
            return "KeyExchange_AlreadyLicensed"
        return None

    def settle(self, asset: bytes, buyer: Any, terms: int, duration: int, now: int) -> None:
        """Turn a fair sale into a license."""
        until = now + duration if duration else FOREVER
        self.sales[asset, buyer] = License(until, self.epoch(asset), terms)

    def revoke(self, asset: bytes, who: Any) -> str | None:
        """Withdraw consent."""
        if self.owners[asset] != who:
            return "AssetRegistry_NotOwner"
        for book in (self.grants, self.sales):
            self.ended += [(asset, held, book[asset, held]) for named, held in book if named == asset]
        self.epochs[asset] = self.epoch(asset) + 1
        return None

    def is_allowed(self, asset: bytes, who: Any, purposes: int, at: int) -> bool:
        """May they?"""
        if not purposes or self.owners[asset] == who:
            return bool(purposes)
        permitted = 0
        for book in (self.grants, self.sales):
            held = book.get((asset, who))
            if held and held.epoch == self.epoch(asset) and held.covers(at):
                permitted |= self.terms[held.terms].purposes
        return permitted & purposes == purposes
