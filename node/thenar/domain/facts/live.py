"""Facts about live streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, StreamId
from thenar.domain.live import LiveStream


@dataclass(frozen=True, slots=True)
class LiveOpened:
    """A stream begins."""

    at: At
    stream: StreamId
    asset: AssetId
    seller: Address
    opened: LiveStream


@dataclass(frozen=True, slots=True)
class LiveClosed:
    """No debt grows after ``closed_at``."""

    at: At
    stream: StreamId
    closed_at: int


@dataclass(frozen=True, slots=True)
class Subscribed:
    """An account subscribed; debt begins at ``since``."""

    at: At
    stream: StreamId
    subscriber: Address
    since: int
    deposit: int
    key_x: int
    key_y: int


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """A subscription's deposit is this much now."""

    at: At
    stream: StreamId
    subscriber: Address
    deposit: int


@dataclass(frozen=True, slots=True)
class LivePaid:
    """Debt was paid out to the seller: ``amount`` now, ``paid`` in all."""

    at: At
    stream: StreamId
    subscriber: Address
    amount: int
    paid: int


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """A subscription was settled; ``until`` is the end of what was paid for."""

    at: At
    stream: StreamId
    subscriber: Address
    until: int
    paid: int
    rest: int


LiveFact: TypeAlias = LiveOpened | LiveClosed | Subscribed | ToppedUp | LivePaid | Unsubscribed
