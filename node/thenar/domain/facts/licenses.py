"""Facts about offers and licenses that come without a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.licenses import Grant, Offer


@dataclass(frozen=True, slots=True)
class Offered:
    """An owner offers licenses under these terms."""

    at: At
    asset: AssetId
    seller: Address
    terms: TermsId
    offer: Offer
    range: int = 0  # node of the key tree in heap order; 0 means the whole file


@dataclass(frozen=True, slots=True)
class OfferClosed:
    """The owner took the offer back."""

    at: At
    asset: AssetId
    seller: Address
    terms: TermsId
    range: int = 0


@dataclass(frozen=True, slots=True)
class LicenseGranted:
    """Someone holds a license that came without a key."""

    at: At
    asset: AssetId
    licensee: Address
    grant: Grant


@dataclass(frozen=True, slots=True)
class LicenseEnded:
    """An owner ended somebody's licenses of an asset, or of a part of it; ``paid_back`` for time without end."""

    at: At
    asset: AssetId
    licensee: Address
    range: int
    paid_back: int


@dataclass(frozen=True, slots=True)
class ExpirySet:
    """An owner set when a license that came without a key ends."""

    at: At
    asset: AssetId
    licensee: Address
    until: int


LicenseFact: TypeAlias = Offered | OfferClosed | LicenseGranted | LicenseEnded | ExpirySet
