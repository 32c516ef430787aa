"""Calls about epochs: fees, closings, roots, claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.epochs.pools import EpochRoot, RootProposal
from thenar.domain.ids import Address, AssetId


@dataclass(frozen=True, slots=True)
class ApproveUsage:
    """Let the epochs spend this much ThenarToken for usage fees."""

    amount: int


@dataclass(frozen=True, slots=True)
class PayUsage:
    """Pay for using an asset, in ThenarToken."""

    asset: AssetId
    amount: int


@dataclass(frozen=True, slots=True)
class CloseEpoch:
    """End the running epoch."""


@dataclass(frozen=True, slots=True)
class ProposeRoot:
    """Answer for the newest closed epoch's root, for a bond."""

    root: EpochRoot


@dataclass(frozen=True, slots=True)
class ChallengeRoot:
    """Hold another root against the proposed one, for a bond."""

    proposal: RootProposal
    held: EpochRoot


@dataclass(frozen=True, slots=True)
class SettleRoot:
    """Have a root count that nobody challenged in time."""

    proposal: RootProposal


@dataclass(frozen=True, slots=True)
class ClaimReward:
    """Bring an account what it is due under the settled root."""

    account: Address
    index: int
    amount: int
    siblings: tuple[bytes, ...]
    sums: tuple[int, ...]


EpochAction: TypeAlias = ApproveUsage | PayUsage | CloseEpoch | ProposeRoot | ChallengeRoot | SettleRoot | ClaimReward
