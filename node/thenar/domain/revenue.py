"""Profit splits: the twin of contracts/types/Revenue.sol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from thenar.domain.ids import AssetId

WHOLE = 1_000_000
"""Shares are parts per million."""


class Beneficiary(IntEnum):
    """Who a leaf pays: the asset's owner at claim time, the asset's own node, or a plain account."""

    OWNER = 0
    NODE = 1
    ACCOUNT = 2


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent and its share of the child's future income, parts per million."""

    asset: AssetId
    share: int


@dataclass(frozen=True, slots=True)
class ClaimLeaf:
    """One leaf of a payout with its proof, siblings and sums from the leaf up."""

    index: int
    kind: Beneficiary
    beneficiary: bytes  # 32 bytes: asset id, or address left-padded
    weight: int
    siblings: tuple[bytes, ...]
    sums: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an owner publishes: a Merkle-sum tree, where it lies, and what its publisher answers for."""

    root: bytes
    total_weight: int
    depth: int
    manifest: bytes  # SHA-256 of the published tree and license set
    license_set_root: bytes
    license_count: int
    bond: int  # token units, from the Ledger account
