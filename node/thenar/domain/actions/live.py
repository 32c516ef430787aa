"""Calls about live streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address, AssetId, StreamId, TermsId


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Stream what continues an own capture: token units a second, seconds an epoch."""

    asset: AssetId
    terms: TermsId
    rate: int
    epoch_seconds: int


@dataclass(frozen=True, slots=True)
class CloseStream:
    """End a stream for all."""

    stream: StreamId


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribe with a deposit and a one-time key, refusing a higher rate."""

    stream: StreamId
    deposit: int
    max_rate: int
    key_x: int
    key_y: int


@dataclass(frozen=True, slots=True)
class TopUp:
    """Add to the deposit of this account's subscription."""

    stream: StreamId
    amount: int


@dataclass(frozen=True, slots=True)
class StopSubscription:
    """Settle a subscription."""

    stream: StreamId
    subscriber: Address


@dataclass(frozen=True, slots=True)
class CollectDebt:
    """Pay out what a running subscription owes."""

    stream: StreamId
    subscriber: Address


LiveAction: TypeAlias = OpenStream | CloseStream | Subscribe | TopUp | StopSubscription | CollectDebt
