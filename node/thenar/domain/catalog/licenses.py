"""How offers and licenses without a key change the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.assets import Purpose
from thenar.domain.catalog.book import Catalog
from thenar.domain.licenses import Stage


def fold(catalog: Catalog, fact: f.LicenseFact) -> None:
    """Add one fact."""
    match fact:
        case f.Offered():
            catalog.offers.setdefault(fact.asset, {})[(fact.seller, fact.terms, fact.range)] = fact.offer
        case f.OfferClosed():
            catalog.offers.get(fact.asset, {}).pop((fact.seller, fact.terms, fact.range), None)
        case f.LicenseGranted():
            # A gift under terms that nobody had written yet permits nothing, also once somebody writes them.
            if fact.grant.terms in catalog.terms:
                if fact.grant.price and Purpose.TRAIN in catalog.terms[fact.grant.terms].purposes:
                    catalog.trained_since.setdefault((fact.asset, fact.licensee), fact.grant.since)
                catalog.grants[(fact.asset, fact.licensee)] = fact.grant
                catalog.licensed[(fact.asset, fact.licensee)] = fact.at.block
            else:
                catalog.grants.pop((fact.asset, fact.licensee), None)
        case f.LicenseEnded():
            _end(catalog, fact)
        case f.ExpirySet():
            held = catalog.grants.get((fact.asset, fact.licensee))
            if held is not None:
                catalog.grants[(fact.asset, fact.licensee)] = replace(held, until=fact.until)
        case _:
            assert_never(fact)


def _end(catalog: Catalog, fact: f.LicenseEnded) -> None:
    """Both kinds are over: the one that came without a key, and that of a settled sale."""
    if not fact.range:
        catalog.grants.pop((fact.asset, fact.licensee), None)
    deal_id = catalog.current_sale.get((fact.asset, fact.licensee, fact.range))
    if deal_id and catalog.sales[deal_id].stage is Stage.SETTLED:
        catalog.sales[deal_id].until = 0
