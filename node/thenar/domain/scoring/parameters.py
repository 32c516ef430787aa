"""Every number scoring depends on, in one frozen record; its hash names the rules a score was made under."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from thenar.domain import canonical
from thenar.domain.keccak import keccak256
from thenar.domain.records import to_value
from thenar.domain.scoring.report import CopyRule

_NEVER: Final = 10_001
"""Touch and motion never show the same thing again by themselves: what they share is copied."""


@dataclass(frozen=True, slots=True)
class SpatialRules:
    """Lengths in millimetres. A cell is the finest a sketch keeps, a voxel what is shared, a block what points are
    counted over; ``thinned`` says how clouds are thinned: to so many points a cell, or to one in a larger cell."""

    cell_mm: int = 50
    voxel_mm: int = 200
    block_mm: int = 600
    thinned_points: tuple[int, ...] = (4, 1)
    thinned_mm: int = 100
    thinned_bp: int = 7_500
    coarse_less_bp: int = 400
    density_mm: int = 100
    full_density: int = 4
    full_extent: int = 2_000
    least_neighbours: int = 2
    most_neighbours: int = 17
    structure_from_bp: int = 5_000
    floor_mm: int = 200
    least_part_bp: int = 1_000
    tile_mm: int = 5_000
    tile_step_mm: int = 600
    tile_least: int = 64
    tiles_shared_bp: int = 7_500
    descriptor_bp: int = 2_500
    copy: CopyRule = field(default_factory=lambda: CopyRule(256, 6_000, 3_000, 6_000, 8_200, 300))

    @property
    def tiles_rule(self) -> CopyRule:
        """When what is shared tile by tile makes a copy."""
        return replace(self.copy, copy_shared_bp=self.tiles_shared_bp)


@dataclass(frozen=True, slots=True)
class TactileRules:
    """Times in nanoseconds; ``over_noise`` in usual steps between readings, ``most_bits`` of 256."""

    step_ns: int = 100_000_000
    taps: int = 4
    over_noise: int = 4
    least_taxels: int = 8
    most_bits: int = 20
    full_bits: int = 10
    saturated_bp: int = 500
    least_duty_bp: int = 500
    copy: CopyRule = field(default_factory=lambda: CopyRule(64, _NEVER, 2_500, 6_200, 0, 1_000))


@dataclass(frozen=True, slots=True)
class TrajectoryRules:
    """Movements, of a body or a simulated one, in millionths of a radian, metre or unit."""

    step_micro: int = 20_000
    near_micro: int = 50_000
    full_poses: int = 200
    jerk_micro: int = 500_000
    quaternion_micro: int = 1_000
    copy: CopyRule = field(default_factory=lambda: CopyRule(32, _NEVER, 2_500, 6_000, 0, 1_000))


@dataclass(frozen=True, slots=True)
class ImuRules:
    """Nanoseconds, millionths of gravity and of a degree a second."""

    step_ns: int = 40_000_000
    taps: int = 32
    still_ug: int = 10_000
    still_udps: int = 3_000_000
    turning_udps: int = 5_000_000
    gravity_ug: int = 20_000
    most_bits: int = 40
    least_part_bp: int = 0
    copy: CopyRule = field(default_factory=lambda: CopyRule(64, _NEVER, 2_500, 6_800, 0, 1_000))


@dataclass(frozen=True, slots=True)
class Parameters:
    """The rules of all modalities."""

    version: str = "thenar.scoring/2"
    spatial: SpatialRules = field(default_factory=SpatialRules)
    tactile: TactileRules = field(default_factory=TactileRules)
    trajectory: TrajectoryRules = field(default_factory=TrajectoryRules)
    imu: ImuRules = field(default_factory=ImuRules)
    rollout: TrajectoryRules = field(default_factory=TrajectoryRules)

    @property
    def hash(self) -> bytes:
        """Keccak-256 of the canonical spelling."""
        return keccak256(canonical.encode(to_value(self)))


RULES: Final = Parameters()
"""The rules in force."""
