"""Facts about assets, their owners, consent and terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import Commitment, Terms
from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId, TermsId


@dataclass(frozen=True, slots=True)
class AssetMinted:
    """An asset now exists and belongs to its author."""

    at: At
    id: AssetId
    author: Address
    device: Address
    serial: int
    terms: TermsId
    royalty_bps: int
    commitment: Commitment


@dataclass(frozen=True, slots=True)
class Materialised:
    """A member of a batch now has a record of its own, and belongs to the batch's owner."""

    at: At
    id: AssetId
    batch: AssetId
    owner: Address
    index: int
    serial: int
    terms: TermsId
    consent_epoch: int
    commitment: Commitment


@dataclass(frozen=True, slots=True)
class Transfer:
    """An asset changed hands; ``from_`` is zero at minting (ERC-721)."""

    at: At
    from_: Address
    to: Address
    token_id: AssetId


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """Future licenses of an asset get these terms."""

    at: At
    id: AssetId
    terms: TermsId


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """Every license granted before this epoch has ended; ``exclusion_root`` of 0 leaves out all of the asset."""

    at: At
    id: AssetId
    consent_epoch: int
    revoked_at: int
    exclusion_root: bytes


@dataclass(frozen=True, slots=True)
class TermsWritten:
    """New terms were written."""

    at: At
    id: TermsId
    content_hash: bytes
    terms: Terms


OwnershipFact: TypeAlias = AssetMinted | Materialised | Transfer | TermsChanged | ConsentChanged | TermsWritten
