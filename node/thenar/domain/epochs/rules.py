"""Every number that shares of an epoch depend on, in one frozen record; its hash is the class that judges roots."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from thenar.domain import canonical
from thenar.domain.keccak import keccak256
from thenar.domain.records import to_value

BP: Final = 10_000


class Kind(StrEnum):
    """What a budget is for: a modality of captures, or one of the other kinds of contribution."""

    SPATIAL = "spatial"
    TACTILE = "tactile"
    TRAJECTORY = "trajectory"
    IMU = "imu"
    STORAGE = "storage"
    COMPUTE = "compute"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class Budget:
    """A kind's part of the pool, and the score below which the part is not paid out in full."""

    part_bp: int
    least: int


@dataclass(frozen=True, slots=True)
class EpochRules:
    """Scores are whole numbers: coverage worth times trust, leaves times rounds, token units of audited work.

    Of an asset's replicas the first ``most_replicas`` count. ``now_bp`` of a reward is due at once, ``tranche_bp``
    after each of the next ``tranches`` epochs in which storage was proved. ``of_use`` share in what comes of use, not
    of the base.
    """

    version: str = "thenar.epochs/1"
    spatial: Budget = field(default_factory=lambda: Budget(3_500, 2 * 10**13))
    tactile: Budget = field(default_factory=lambda: Budget(2_000, 2 * 10**13))
    trajectory: Budget = field(default_factory=lambda: Budget(1_500, 2 * 10**13))
    imu: Budget = field(default_factory=lambda: Budget(500, 2 * 10**13))
    storage: Budget = field(default_factory=lambda: Budget(1_500, 2**24))
    compute: Budget = field(default_factory=lambda: Budget(500, 10**9))
    witness: Budget = field(default_factory=lambda: Budget(500, 2 * 10**12))
    of_use: tuple[str, ...] = (Kind.COMPUTE.value,)
    coverage_price: int = 10**8
    coverage_target: int = 2 * BP
    unwitnessed_bp: int = 4_000
    most_replicas: int = 8
    now_bp: int = 3_000
    tranche_bp: int = 1_750
    tranches: int = 4

    def budget(self, kind: Kind) -> Budget:
        """What a kind's budget is."""
        found: Budget = getattr(self, kind.value)
        return found

    @property
    def hash(self) -> bytes:
        """Keccak-256 of the canonical spelling."""
        return keccak256(canonical.encode(to_value(self)))


RULES: Final = EpochRules()
"""The rules in force."""
