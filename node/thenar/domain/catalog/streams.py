"""How money of licenses with an end changes the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import StreamRecord


def fold(catalog: Catalog, fact: f.StreamFact) -> None:
    """Add one fact."""
    match fact:
        case f.StreamStarted():
            catalog.streams[fact.id] = StreamRecord(fact.id, fact.stream)
        case f.StreamCollected():
            catalog.streams[fact.id].taken += fact.amount
        case f.StreamRefunded():
            record = catalog.streams[fact.id]
            record.taken, record.refunded, record.closed = record.taken + fact.collected, fact.refunded, True
        case _:
            assert_never(fact)
