"""How income and claims change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import EdgeRecord
from thenar.domain.ids import AssetId


def fold(catalog: Catalog, fact: f.RevenueFact) -> None:
    """Add one fact."""
    match fact:
        case f.Paid():
            catalog.earning(fact.asset).received += fact.amount
        case f.Linked():
            income = catalog.earning(fact.child)
            income.own_at_link, income.received_at_link = income.own, income.received
            for parent in fact.parents:
                income.parents[parent.asset] = EdgeRecord(parent.share, fact.at_income)
                income.linked_share += parent.share
        case f.Rolled():
            catalog.earning(fact.child).parents[fact.parent].rolled += fact.amount
            catalog.earning(fact.parent).received += fact.amount
        case f.PayoutPublished():
            catalog.earning(fact.asset).payouts.append(fact)
        case f.FreezeChanged():
            frozen = catalog.earning(fact.asset).frozen
            frozen.add(fact.payout) if fact.frozen else frozen.discard(fact.payout)
        case f.Claimed():
            income = catalog.earning(fact.asset)
            key = (fact.payout, fact.index)
            income.claimed[key] = income.claimed.get(key, 0) + fact.amount
            if int(fact.to, 16) == 0:
                catalog.earning(AssetId("0x" + fact.beneficiary.hex())).received += fact.amount
        case f.OwnTaken():
            catalog.earning(fact.asset).own_taken += fact.amount
        case _:
            assert_never(fact)
