"""Calls about the reflex arc: services, channels, vouchers, and accusations of wrong answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address, AssetId, ChannelId
from thenar.domain.reflex.accusations import Accused
from thenar.domain.reflex.answers import SignedAnswer


@dataclass(frozen=True, slots=True)
class ServeModel:
    """Answer with a model: price of 1,000 calls, the model's share in parts per million, stake, own latency (µs)."""

    model: AssetId
    price: int
    share: int
    stake: int
    latency: int


@dataclass(frozen=True, slots=True)
class RetireService:
    """Take no new channels to a model."""

    model: AssetId


@dataclass(frozen=True, slots=True)
class EndService:
    """Free a retired node's stake."""

    node: Address
    model: AssetId


@dataclass(frozen=True, slots=True)
class OpenChannel:
    """Open a channel with a deposit; ``signer`` signs its vouchers until ``until``."""

    node: Address
    model: AssetId
    signer: Address
    deposit: int
    max_price: int
    until: int


@dataclass(frozen=True, slots=True)
class TopUpChannel:
    """Add to a channel that has not ended."""

    channel: ChannelId
    amount: int


@dataclass(frozen=True, slots=True)
class RedeemVoucher:
    """Draw what a voucher says."""

    channel: ChannelId
    amount: int
    calls: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class CloseChannel:
    """Ask for an early end."""

    channel: ChannelId


@dataclass(frozen=True, slots=True)
class SettleChannel:
    """Bring home what was not redeemed."""

    channel: ChannelId


@dataclass(frozen=True, slots=True)
class ProveContradiction:
    """Show two signed answers of one node to one observation that differ."""

    first: SignedAnswer
    second: SignedAnswer


@dataclass(frozen=True, slots=True)
class AccuseCall:
    """Hold an answer against a node: one number of it, and what the model gives there."""

    shown: SignedAnswer
    observation: bytes
    answer: bytes
    place: int
    charged: bytes


@dataclass(frozen=True, slots=True)
class DefendCall:
    """Call a jury."""

    accused: Accused


@dataclass(frozen=True, slots=True)
class CondemnCall:
    """Convict a node that called no jury in time."""

    accused: Accused


ReflexAction: TypeAlias = (
    AccuseCall
    | DefendCall
    | CondemnCall
    | ServeModel
    | RetireService
    | EndService
    | OpenChannel
    | TopUpChannel
    | RedeemVoucher
    | CloseChannel
    | SettleChannel
    | ProveContradiction
)
