"""Calls about assets, consent and terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import BatchLeaf, Commitment, Terms
from thenar.domain.devices import NO_DEVICE
from thenar.domain.ids import Address, AssetId, TermsId


@dataclass(frozen=True, slots=True)
class WriteTerms:
    """Write terms into the TermsBook, or find them."""

    terms: Terms


@dataclass(frozen=True, slots=True)
class JoinTerms:
    """Write the terms that hold for what is made under both, or find them."""

    a: TermsId
    b: TermsId


@dataclass(frozen=True, slots=True)
class MintAsset:
    """Mint an asset to its author, this account; a device that saw it may vouch for it."""

    commitment: Commitment
    terms: TermsId
    royalty_bps: int
    device: Address = NO_DEVICE
    device_signature: bytes = b""


@dataclass(frozen=True, slots=True)
class CommitBatch:
    """Commit to many captures at once, for this account."""

    commitment: Commitment


@dataclass(frozen=True, slots=True)
class Materialise:
    """Give a member of an owned batch a record of its own."""

    leaf: BatchLeaf


@dataclass(frozen=True, slots=True)
class SetTerms:
    """Change the terms of future licenses."""

    asset: AssetId
    terms: TermsId


@dataclass(frozen=True, slots=True)
class RevokeAll:
    """End every license granted so far; an ``exclusion_root`` of 0 leaves out all of the asset."""

    asset: AssetId
    exclusion_root: bytes = bytes(32)


OwnershipAction: TypeAlias = WriteTerms | JoinTerms | MintAsset | CommitBatch | Materialise | SetTerms | RevokeAll
