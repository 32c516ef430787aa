"""Bounties for computing: the twin of contracts/types/Compute.sol.

Money in settlement-token units, times in unix seconds of the chain, shares in 1/10000.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from thenar.domain.ids import AssetId

NO_ASSET: Final = AssetId("0x" + "0" * 64)
MAX_COUNT: Final = 1_024
"""Units of one claim."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is asked for, as given."""

    class_id: bytes
    spec: bytes
    input: AssetId
    canary_root: bytes
    units: int
    segments: int
    audit_bps: int
    deadline: int
    work_window: int
    price: int
    audit_price: int
    input_price: int
    stake: int

    @property
    def budget(self) -> int:
        """What is locked for all of it, a bond for canaries apart."""
        return self.units * (self.price + self.audit_price + self.input_price)


class ClaimStage(IntEnum):
    """Where a claim stands."""

    NONE = 0
    CLAIMED = 1
    COMMITTED = 2
    DRAWN = 3
    REVEALED = 4
    DISPUTED = 5
    FINALIZED = 6
    EXPIRED = 7
    SLASHED = 8
    VOIDED = 9


OVER: Final = frozenset({ClaimStage.FINALIZED, ClaimStage.EXPIRED, ClaimStage.SLASHED, ClaimStage.VOIDED})
GIVEN_BACK: Final = frozenset({ClaimStage.EXPIRED, ClaimStage.SLASHED, ClaimStage.VOIDED})
"""Stages whose units are open again."""


class AuditStage(IntEnum):
    """Where the audit of a claim stands."""

    NONE = 0
    DRAWN = 1
    COMMITTED = 2
    REVEALED = 3
    WAIVED = 4
    FAILED = 5
