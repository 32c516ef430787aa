"""Calls about fair sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import BatchLeaf, Commitment
from thenar.domain.ids import Address
from thenar.domain.licenses import Deal, Delivery, Order
from thenar.domain.openings import LeafOpening


@dataclass(frozen=True, slots=True)
class OpenSale:
    """Pay for a license and ask for the key, naming a one-time key."""

    order: Order


@dataclass(frozen=True, slots=True)
class OpenLeaf:
    """The same for a member of a batch that has no record of its own; the order is for its batch."""

    order: Order
    leaf: BatchLeaf


@dataclass(frozen=True, slots=True)
class DeliverKey:
    """Deliver the wrapped root key."""

    deal: Deal
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class SettleSale:
    """Pay the seller and start the license."""

    deal: Deal
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class TimeoutRefund:
    """End a sale whose key never came."""

    deal: Deal


@dataclass(frozen=True, slots=True)
class ConsentRefund:
    """End a sale whose owner revoked consent."""

    deal: Deal
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class DisputeKey:
    """Prove that the delivered key is wrong. ``secret`` is the one-time secret, ``shared`` the ECDH point."""

    deal: Deal
    delivery: Delivery
    commitment: Commitment
    secret: int
    shared_x: int
    shared_y: int


@dataclass(frozen=True, slots=True)
class DisputeChunk:
    """Prove that the delivered key opens a leaf to garbage; the first fields are as in ``DisputeKey``."""

    deal: Deal
    delivery: Delivery
    commitment: Commitment
    secret: int
    shared_x: int
    shared_y: int
    opening: LeafOpening


@dataclass(frozen=True, slots=True)
class AppointKeeper:
    """Let somebody else deliver keys in this account's name; the zero address for nobody."""

    keeper: Address


SaleAction: TypeAlias = (
    OpenSale
    | OpenLeaf
    | DeliverKey
    | SettleSale
    | TimeoutRefund
    | ConsentRefund
    | DisputeKey
    | DisputeChunk
    | AppointKeeper
)
