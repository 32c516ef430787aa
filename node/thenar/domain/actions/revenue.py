"""Calls about income and who shares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import BatchLeaf
from thenar.domain.ids import AssetId
from thenar.domain.revenue import ClaimLeaf, Parent, Plan


@dataclass(frozen=True, slots=True)
class PayAsset:
    """Pay an asset; everybody upstream shares."""

    asset: AssetId
    amount: int
    ref: bytes


@dataclass(frozen=True, slots=True)
class LinkParents:
    """Give parents shares of the child's future income."""

    child: AssetId
    parents: tuple[Parent, ...]


@dataclass(frozen=True, slots=True)
class RollShare:
    """Move a parent's due from the child to the parent's node."""

    child: AssetId
    parent: AssetId


@dataclass(frozen=True, slots=True)
class PublishPayout:
    """Publish who shares the asset's own part from now on."""

    asset: AssetId
    plan: Plan


@dataclass(frozen=True, slots=True)
class ClaimLeaves:
    """Pay leaves of one payout; indices strictly increasing. ``statement`` is the hash of the payout's statement."""

    asset: AssetId
    payout: int
    statement: bytes
    leaves: tuple[ClaimLeaf, ...]


@dataclass(frozen=True, slots=True)
class ClaimMembers:
    """Pay leaves of one payout that name members of batches, each with the proof that it is one."""

    asset: AssetId
    payout: int
    statement: bytes
    leaves: tuple[ClaimLeaf, ...]
    members: tuple[BatchLeaf, ...]


@dataclass(frozen=True, slots=True)
class TakeOwn:
    """Pay the owner the part of an asset that no payout covers."""

    asset: AssetId


RevenueAction: TypeAlias = PayAsset | LinkParents | RollShare | PublishPayout | ClaimLeaves | ClaimMembers | TakeOwn
