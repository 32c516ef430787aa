"""How a challenger says that one scan is another: turned, mirrored, stretched within bounds, moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from thenar.domain.description import require
from thenar.domain.scoring.integers import BP, ONE, cos_sin
from thenar.domain.scoring.signals import Ints

LEAST_SCALE: Final = 8_000
MOST_SCALE: Final = 12_500
FARTHEST_MM: Final = 500_000
_RIGID_SCALES: Final = (9_999, 10_001)


@dataclass(frozen=True, slots=True)
class Transform:
    """Maps millimetres of the newer sketch's frame into the older's: plane (xx xy; yx yy) / 2^20, height, then shift.

    In the plane any turn, mirror, stretch and shear are one matrix; it may stretch no direction by less than 0.8 or
    more than 1.25, nor may the height, so that no scan can be bent into another one; a hundredth per cent of slack is
    given. Raises BadInput beyond.
    """

    xx: int
    xy: int
    yx: int
    yy: int
    height_bp: int
    shift_mm: tuple[int, int, int]

    def __post_init__(self) -> None:
        require(all(abs(n) < 4 * ONE for n in (self.xx, self.xy, self.yx, self.yy)), "a transform is out of range")
        within = _stretches_within(self, LEAST_SCALE - 1, MOST_SCALE + 1)
        require(within, "a transform may stretch a direction by 0.8 to 1.25")
        require(LEAST_SCALE <= self.height_bp <= MOST_SCALE, "a transform may stretch the height by 0.8 to 1.25")
        require(all(abs(n) <= FARTHEST_MM for n in self.shift_mm), "a transform may move by at most 500 m an axis")

    @classmethod
    def made(
        cls,
        turn: int = 0,
        *,
        mirror: bool = False,
        scale_bp: tuple[int, int, int] = (BP, BP, BP),
        shift_mm: tuple[int, int, int] = (0, 0, 0),
    ) -> Transform:
        """Mirror x when asked, turn by 65,536ths, then stretch along the older frame's axes and move."""
        c, s = cos_sin(turn)
        side = -1 if mirror else 1
        x, y, z = scale_bp
        return cls(side * c * x // BP, -s * x // BP, side * s * y // BP, c * y // BP, z, shift_mm)

    @property
    def stretches(self) -> bool:
        """Whether it changes any length by more than a hundredth per cent: turns, mirrors and shifts do not."""
        return self.height_bp != BP or not _stretches_within(self, *_RIGID_SCALES)

    def moved(self, x: int, y: int, z: int) -> Transform:
        """The same, moved further."""
        a, b, c = self.shift_mm
        return Transform(self.xx, self.xy, self.yx, self.yy, self.height_bp, (a + x, b + y, c + z))

    def apply(self, points: Ints) -> Ints:
        """Points (n, 3) in millimetres, mapped; rounded down."""
        x, y, z = points[:, 0], points[:, 1], points[:, 2]
        return np.stack(
            [
                ((self.xx * x + self.xy * y) >> 20) + self.shift_mm[0],
                ((self.yx * x + self.yy * y) >> 20) + self.shift_mm[1],
                self.height_bp * z // BP + self.shift_mm[2],
            ],
            axis=1,
        )


def _stretches_within(t: Transform, least_bp: int, most_bp: int) -> bool:
    """Whether both singular values of the plane's matrix lie within the bounds."""
    trace = t.xx**2 + t.xy**2 + t.yx**2 + t.yy**2
    product = (t.xx * t.yy - t.xy * t.yx) ** 2
    low, high = (ONE * least_bp // BP) ** 2, (ONE * most_bp // BP) ** 2
    outside = [product - bound * trace + bound * bound for bound in (low, high)]
    return 2 * low <= trace <= 2 * high and all(value >= 0 for value in outside)


SAME: Final = Transform.made()
