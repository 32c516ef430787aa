"""Movements: how good a trajectory is, and the poses it goes through.

Two are compared by which poses of the one lie near a pose of the other in every number, so speed, direction and
where it starts play no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from thenar.domain.keccak import keccak256
from thenar.domain.scoring.integers import BP, ramp, share
from thenar.domain.scoring.parameters import TrajectoryRules
from thenar.domain.scoring.report import Likeness, Match, Part, Quality
from thenar.domain.scoring.signals import Flags, Ints, Recorded, Signal
from thenar.domain.scoring.timing import gap_part
from thenar.errors import BadInput

_POSES: Final = ("joint_position", "joint_pos", "position", "orientation", "states", "qpos", "state", "pose", "eef")
_NOT: Final = ("veloc", "effort", "torque", "force")
_UNITS: Final = {
    "rad": Fraction(1_000_000),
    "deg": Fraction(3_141_592_654, 180_000),
    "m": Fraction(1_000_000),
    "mm": Fraction(1_000),
}
_LARGEST: Final = 2**31 - 1
_ROWS: Final = 256
_TAG: Final = b"thenar.sketch.poses/1"


@dataclass(frozen=True, slots=True, eq=False)
class PoseSketch:
    """Poses in millionths of a radian, metre or unit, each away from the one kept before it; shape (n, width)."""

    poses: Ints

    def encode(self) -> bytes:
        """The sketch in bytes: its tag, its width in 32 bits, then each pose's 32-bit numbers, little-endian."""
        return bytes(_TAG + self.poses.shape[1].to_bytes(4, "little") + self.poses.astype("<i4").tobytes())

    @classmethod
    def decode(cls, data: bytes) -> PoseSketch:
        """A sketch from its bytes. Raises BadInput."""
        head = len(_TAG) + 4
        width = int.from_bytes(data[len(_TAG) : head], "little")
        if not data.startswith(_TAG) or not width or (len(data) - head) % (4 * width):
            raise BadInput("these bytes are no sketch of poses")
        return cls(np.frombuffer(data[head:], dtype="<i4").reshape(-1, width).astype(np.int64))

    @property
    def root(self) -> bytes:
        """Keccak-256 of the bytes."""
        return keccak256(self.encode())


def poses_of(recorded: Recorded) -> tuple[Ints, Signal]:
    """All numbers that say how the body stands, in millionths. Raises BadInput without any."""
    fitting = [s for s in recorded.of_kind(*_POSES) if not any(mark in s.kind.lower() for mark in _NOT)]
    found = fitting or list(recorded.signals)
    most = max((len(signal.values) for signal in found), default=0)
    if most < 2:
        raise BadInput("this recording holds no trajectory")
    kept = [signal for signal in found if len(signal.values) == most]
    rows = np.concatenate([s.in_steps(_UNITS.get(s.units, Fraction(1_000_000))) for s in kept], axis=1)
    return np.clip(rows, -_LARGEST, _LARGEST), kept[0]


def quality(recorded: Recorded, rules: TrajectoryRules) -> Quality:
    """Score a trajectory: it moves, far enough and smoothly, its quaternions are of length one, its clock is whole."""
    rows, signal = poses_of(recorded)
    parts = [_length(rows, rules), _moving(rows), _smooth(rows, rules)]
    parts += [_unit(s, rules) for s in recorded.of_kind("orientation") if s.values.shape[1] == 4]
    if signal.times is not None:
        parts.append(gap_part(signal.times, weight=1))
    else:
        known = bool(signal.rate_mhz)
        said = (
            f"a steady rate of {signal.rate_mhz // 1000:,} Hz is declared" if known else "there is no clock and no rate"
        )
        parts.append(Part("clock", BP if known else 0, 1, said))
    return Quality.of(parts, 0) if parts[1].bp else Quality(0, tuple(parts))


def _length(rows: Ints, rules: TrajectoryRules) -> Part:
    count = len(_kept(rows, rules.step_micro))
    return Part(
        "length", ramp(count, rules.full_poses), 2, f"{count:,} distinct poses; {rules.full_poses:,} earn everything"
    )


def _moving(rows: Ints) -> Part:
    repeats = int((rows[1:] == rows[:-1]).all(axis=1).sum())
    bp = BP - share(repeats, len(rows) - 1)
    return Part("moving", bp, 2, f"{repeats:,} of {len(rows):,} samples repeat the one before")


def _smooth(rows: Ints, rules: TrajectoryRules) -> Part:
    """Jerks: second differences larger than any body makes between two samples."""
    if len(rows) < 3:
        return Part("smooth", 0, 1, "too short to say whether it is smooth")
    jumps = int((np.abs(np.diff(rows, n=2, axis=0)).max(axis=1) > rules.jerk_micro).sum())
    bp = BP - min(BP, share(jumps, len(rows) - 2) * 10)
    return Part("smooth", bp, 1, f"{jumps:,} of {len(rows):,} samples jump")


def _unit(signal: Signal, rules: TrajectoryRules) -> Part:
    parts = np.clip(signal.in_steps(Fraction(1_000_000)), -(2**30), 2**30)
    off = np.abs((parts * parts).sum(axis=1) - 10**12) // (2 * 10**6)
    good = share(int((off <= rules.quaternion_micro).sum()), len(off))
    said = (
        f"{good // 100}% of the quaternions of {signal.name} have length one within {rules.quaternion_micro} millionths"
    )
    return Part("quaternions", good, 1, said)


def _kept(rows: Ints, step: int) -> list[int]:
    """Rows that differ by ``step`` in some number from the one kept before."""
    kept, last = [0], rows[0]
    for at in range(1, len(rows)):
        if int(np.abs(rows[at] - last).max()) >= step:
            kept.append(at)
            last = rows[at]
    return kept


def sketch(recorded: Recorded, rules: TrajectoryRules) -> PoseSketch:
    """The poses of a trajectory."""
    rows, _ = poses_of(recorded)
    return PoseSketch(rows[_kept(rows, rules.step_micro)])


def compare(new: PoseSketch, old: PoseSketch, rules: TrajectoryRules) -> Match:
    """Which of the newer's poses lie near one of the older's in every number."""
    if new.poses.shape[1] != old.poses.shape[1]:
        return Match(Likeness(0, 0, 0), np.zeros(len(new.poses), dtype=np.bool_))
    parts = [_near(new.poses[at : at + _ROWS], old.poses, rules.near_micro) for at in range(0, len(new.poses), _ROWS)]
    seen: Flags = np.concatenate(parts)
    return Match(Likeness(share(int(seen.sum()), len(seen)), BP, min(len(new.poses), len(old.poses))), seen)


def _near(rows: Ints, known: Ints, near: int) -> Flags:
    close = np.ones((len(rows), len(known)), dtype=np.bool_)
    for column in range(rows.shape[1]):
        close &= np.abs(rows[:, column, None] - known[None, :, column]) <= near
    return np.asarray(close.any(axis=1), dtype=np.bool_)
