"""Calls about offers and licenses that come without a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.licenses import Offer


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Offer licenses of a file or of a part of it."""

    asset: AssetId
    terms: TermsId
    offer: Offer
    range: int = 0  # node of the key tree in heap order; 0 means the whole file


@dataclass(frozen=True, slots=True)
class CloseOffer:
    """Take an offer back."""

    asset: AssetId
    terms: TermsId
    range: int = 0


@dataclass(frozen=True, slots=True)
class GrantLicense:
    """Give a license away."""

    asset: AssetId
    licensee: Address
    terms: TermsId
    until: int


@dataclass(frozen=True, slots=True)
class BuyLicense:
    """Buy a license without key delivery."""

    asset: AssetId
    terms: TermsId
    max_price: int
    max_share: int
    min_duration: int  # seconds; 2**40 - 1 when only a license without end will do, 0 for any


@dataclass(frozen=True, slots=True)
class EndLicense:
    """End one licensee's licenses of an owned asset, or of a part of it; what time without end cost is paid back."""

    asset: AssetId
    licensee: Address
    range: int = 0


@dataclass(frozen=True, slots=True)
class SetExpiry:
    """Set when a license that came without a key ends, unix seconds."""

    asset: AssetId
    licensee: Address
    until: int


LicenseAction: TypeAlias = MakeOffer | CloseOffer | GrantLicense | BuyLicense | EndLicense | SetExpiry
