"""How fair sales change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import SaleRecord
from thenar.domain.licenses import Stage


def fold(catalog: Catalog, fact: f.SaleFact) -> None:
    """Add one fact."""
    match fact:
        case f.SaleOpened():
            catalog.sales[fact.deal_id] = SaleRecord(fact.deal_id, fact.deal, fact.at, deadline=fact.deadline)
            catalog.current_sale[(fact.asset, fact.buyer, fact.deal.range)] = fact.deal_id
        case f.KeyDelivered():
            sale = catalog.sales[fact.deal_id]
            sale.stage, sale.delivery, sale.deadline = Stage.DELIVERED, fact.delivery, fact.deadline
        case f.SaleSettled():
            sale = catalog.sales[fact.deal_id]
            sale.stage, sale.until, sale.ended = Stage.SETTLED, fact.until, fact.at
            catalog.licensed[(fact.asset, fact.buyer)] = fact.at.block
        case f.SaleRefunded():
            sale = catalog.sales[fact.deal_id]
            sale.stage, sale.reason, sale.ended = Stage.REFUNDED, fact.reason, fact.at
        case f.ComplaintFailed():
            catalog.sales[fact.deal_id].complained = True
        case f.KeeperAppointed():
            catalog.keepers[fact.seller] = fact.keeper
        case _:
            assert_never(fact)
