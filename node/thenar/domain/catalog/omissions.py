"""How omissions and bonds change the catalog, and who must name which license."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.assets import Purpose
from thenar.domain.catalog.book import Catalog
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.licenses import Stage


def fold(catalog: Catalog, fact: f.OmissionFact) -> None:
    """Add one fact."""
    income = catalog.earning(fact.asset)
    match fact:
        case f.OmissionProved():
            income.convictions[fact.payout] = fact
        case f.OmissionAccused():
            income.accusations[fact.payout, fact.omitted] = fact
        case f.OmissionAnswered():
            income.accusations.pop((fact.payout, fact.omitted), None)
        case f.BondReturned():
            income.bonds_returned.add(fact.payout)
        case _:
            assert_never(fact)


def must_name(catalog: Catalog, asset: AssetId, publisher: Address) -> tuple[AssetId, ...]:
    """What the license set of a payout of ``asset`` must name when ``publisher`` publishes it now.

    A sale that is not settled yet is named as well: anybody can settle it before the payout is mined. A set may name
    more than it must.
    """
    answerable = {publisher, catalog.assets[asset].author}
    by_key = {
        sale.deal.asset
        for sale in catalog.sales.values()
        if sale.deal.buyer in answerable and sale.stage is not Stage.REFUNDED and _may_train(catalog, sale.deal.terms)
    }
    at_desk = {licensed for licensed, licensee in catalog.trained_since if licensee in answerable}
    return tuple(sorted(by_key | at_desk))


def bought_before(catalog: Catalog, who: Address, end: f.At, before: int) -> Iterator[tuple[AssetId, int]]:
    """Every asset and range somebody had bought a license to train on before a fact at ``before`` (unix seconds)."""
    for sale in catalog.sales.values():
        settled = sale.stage is Stage.SETTLED and sale.ended is not None and sale.ended < end
        if settled and sale.deal.buyer == who and _may_train(catalog, sale.deal.terms):
            yield sale.deal.asset, sale.deal.range
    for (asset, licensee), since in catalog.trained_since.items():
        if licensee == who and since < before:
            yield asset, 0


def _may_train(catalog: Catalog, terms: TermsId) -> bool:
    written = catalog.terms.get(terms)
    return written is not None and bool(written.purposes & Purpose.TRAIN)
