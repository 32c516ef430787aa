"""How live streams change the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import LiveRecord, SubscriptionRecord


def fold(catalog: Catalog, fact: f.LiveFact) -> None:
    """Add one fact."""
    match fact:
        case f.LiveOpened():
            catalog.live[fact.stream] = LiveRecord(fact.stream, fact.opened, fact.at)
        case f.LiveClosed():
            record = catalog.live[fact.stream]
            record.stream = replace(record.stream, closed_at=fact.closed_at)
        case f.Subscribed():
            subscription = SubscriptionRecord(
                fact.subscriber, fact.at, fact.since, fact.deposit, fact.key_x, fact.key_y
            )
            catalog.live[fact.stream].subscriptions[fact.subscriber] = subscription
        case f.ToppedUp():
            catalog.live[fact.stream].subscriptions[fact.subscriber].deposit = fact.deposit
        case f.LivePaid():
            catalog.live[fact.stream].subscriptions[fact.subscriber].paid = fact.paid
        case f.Unsubscribed():
            ended = catalog.live[fact.stream].subscriptions[fact.subscriber]
            ended.until, ended.deposit, ended.paid = fact.until, fact.paid, fact.paid
        case _:
            assert_never(fact)
