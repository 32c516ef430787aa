"""Facts about the reflex arc: services, channels, vouchers, and accusations of wrong answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, ChannelId, DisputeId
from thenar.domain.reflex.accusations import Accused
from thenar.domain.reflex.channels import Channel, Service
from thenar.domain.work.disputes import Ruling


@dataclass(frozen=True, slots=True)
class ServiceStarted:
    """A node answers with a model."""

    at: At
    node: Address
    model: AssetId
    service: Service
    latency: int = 0  # µs, the node's own word


@dataclass(frozen=True, slots=True)
class ServiceRetired:
    """A node takes no new channels to a model."""

    at: At
    node: Address
    model: AssetId
    leaves_at: int


@dataclass(frozen=True, slots=True)
class ServiceEnded:
    """A retired node's stake is free."""

    at: At
    node: Address
    model: AssetId
    stake: int


@dataclass(frozen=True, slots=True)
class ContradictionProven:
    """A node gave one observation two answers and lost its stake for the model."""

    at: At
    node: Address
    model: AssetId
    prover: Address
    observation: bytes
    reward: int
    burnt: int


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """A client opened a channel to a node."""

    at: At
    channel: ChannelId
    client: Address
    node: Address
    opened: Channel


@dataclass(frozen=True, slots=True)
class ChannelToppedUp:
    """A channel's deposit is this much now."""

    at: At
    channel: ChannelId
    deposit: int


@dataclass(frozen=True, slots=True)
class VoucherRedeemed:
    """A voucher was paid: ``to_model`` of it now to the model, ``redeemed`` in all."""

    at: At
    channel: ChannelId
    to_model: int
    redeemed: int
    calls: int


@dataclass(frozen=True, slots=True)
class ChannelClosing:
    """The client asked for an early end."""

    at: At
    channel: ChannelId
    until: int


@dataclass(frozen=True, slots=True)
class ChannelSettled:
    """A channel is over; ``rest`` came back to the client's account."""

    at: At
    channel: ChannelId
    redeemed: int
    rest: int


@dataclass(frozen=True, slots=True)
class CallAccused:
    """Somebody holds an answer against a node, which calls a jury before ``defend_by`` or loses its stake."""

    at: At
    accusation: bytes
    accuser: Address
    accused: Accused
    runtime: bytes
    observation: bytes
    bond: int
    defend_by: int


@dataclass(frozen=True, slots=True)
class CallDefended:
    """A jury is called."""

    at: At
    accusation: bytes
    dispute: DisputeId


@dataclass(frozen=True, slots=True)
class CallJudged:
    """An accusation is over, and where the loser's money went; without a jury the dispute is 0."""

    at: At
    accusation: bytes
    dispute: DisputeId
    node: Address
    model: AssetId
    ruling: Ruling
    to_winner: int
    to_jurors: int
    burnt: int


CallFact: TypeAlias = CallAccused | CallDefended | CallJudged
ReflexFact: TypeAlias = (
    ServiceStarted
    | ServiceRetired
    | ServiceEnded
    | ContradictionProven
    | ChannelOpened
    | ChannelToppedUp
    | VoucherRedeemed
    | ChannelClosing
    | ChannelSettled
)
