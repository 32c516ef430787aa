"""Facts about licenses missing from payouts, and the bonds that answer for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class OmissionProved:
    """A license was proved missing; the bond is slashed and the payout frozen until ``frozen_until`` at the latest."""

    at: At
    asset: AssetId
    payout: int
    omitted: AssetId
    challenger: Address
    slashed: int
    frozen_until: int


@dataclass(frozen=True, slots=True)
class OmissionAccused:
    """Somebody says an asset is missing; its place must be shown before ``answer_by``."""

    at: At
    asset: AssetId
    payout: int
    omitted: AssetId
    accuser: Address
    answer_by: int


@dataclass(frozen=True, slots=True)
class OmissionAnswered:
    """The asset's place in the set was shown."""

    at: At
    asset: AssetId
    payout: int
    omitted: AssetId


@dataclass(frozen=True, slots=True)
class BondReturned:
    """The bond of a payout went back to its publisher."""

    at: At
    asset: AssetId
    payout: int
    publisher: Address
    amount: int


OmissionFact: TypeAlias = OmissionProved | OmissionAccused | OmissionAnswered | BondReturned
