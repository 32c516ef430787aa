"""Facts about fair sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId
from thenar.domain.licenses import Deal, Delivery


@dataclass(frozen=True, slots=True)
class SaleOpened:
    """A buyer's money is held for this sale; the seller must deliver before ``deadline``."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    deal: Deal
    deadline: int


@dataclass(frozen=True, slots=True)
class KeyDelivered:
    """The seller delivered a wrapped key; disputes are possible until ``deadline``."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    delivery: Delivery
    deadline: int


@dataclass(frozen=True, slots=True)
class SaleSettled:
    """The seller is paid and the buyer holds a license until ``until``."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    price: int
    until: int


@dataclass(frozen=True, slots=True)
class SaleRefunded:
    """The buyer has the money back. Reason: 1 no delivery, 2 wrong key, 3 consent revoked, 4 a leaf is garbage.

    The seller's bond went to the buyer as well, but for reason 3.
    """

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    price: int
    reason: int


@dataclass(frozen=True, slots=True)
class ComplaintFailed:
    """The buyer complained without cause: the bond is the seller's, and the sale settles in the same transaction."""

    at: At
    deal_id: bytes
    asset: AssetId
    buyer: Address
    bond: int


@dataclass(frozen=True, slots=True)
class KeeperAppointed:
    """Who else may deliver keys in a seller's name; the zero address means nobody."""

    at: At
    seller: Address
    keeper: Address


SaleFact: TypeAlias = SaleOpened | KeyDelivered | SaleSettled | SaleRefunded | ComplaintFailed | KeeperAppointed
