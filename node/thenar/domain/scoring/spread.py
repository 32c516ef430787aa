"""How points are spread over what two scans share, and whether that shows the hand of the same scanner.

A copy keeps where the scanner stood, near which points lie dense; who records again stands somewhere else. Proportions
are taken over blocks large enough that noise, turned grids and points left out at random do not count. Thinning a cloud
to an even density hides its proportions, so the older is then thinned the same way before they are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thenar.domain.scoring.integers import BP, find, pack, share, tally, unpack
from thenar.domain.scoring.parameters import SpatialRules
from thenar.domain.scoring.signals import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Points over cells: where each cell's middle lies in the older's frame, how many it holds, and its own place."""

    centres: Ints
    counts: Ints
    cells: Ints

    @classmethod
    def joined(cls, parts: Sequence[Spread]) -> Spread:
        """Several as one."""
        rows = np.concatenate([np.column_stack([p.centres, p.counts, p.cells]) for p in parts])
        return cls(rows[:, :3], rows[:, 3], rows[:, 4:])

    @property
    def points(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    def capped(self, most: int) -> Spread:
        """At most so many points in a cell."""
        return Spread(self.centres, np.minimum(self.counts, most), self.cells)

    def once(self, size: int) -> Spread:
        """One point for each cell of a larger size."""
        cells = unpack(np.unique(pack(self.centres // size)))
        return Spread(cells * size + size // 2, np.ones(len(cells), dtype=np.int64), cells)

    def places(self, cells: int) -> int:
        """How many places of so many cells each way, counted on its own grid, hold a point."""
        return len(np.unique(pack(self.cells // cells)))


def agreement(newer: Spread, older: Spread, rules: SpatialRules) -> int:
    """How alike points are spread, in basis points; the older thinned in each way the newer looks thinned in."""
    if not newer.points or not older.points:
        return 0
    found = [_proportion(newer, older, rules.block_mm)]
    for most in rules.thinned_points:
        thin = newer.capped(most)
        if share(thin.points, newer.points) >= rules.thinned_bp:
            found.append(_proportion(thin, older.capped(most), rules.block_mm))
    wide = rules.thinned_mm
    if share(newer.places(wide // rules.cell_mm), newer.points) >= rules.thinned_bp:
        alike = _proportion(newer.once(wide), older.once(wide), rules.block_mm)
        found.append(alike - rules.coarse_less_bp)  # so coarse, any two scans of a place are somewhat alike
    return max(found)


def _proportion(one: Spread, other: Spread, block_mm: int) -> int:
    """What two spreads have in common over blocks, whatever their numbers: BP when in proportion everywhere."""
    keys, weights = tally(pack(one.centres // block_mm), one.counts)
    others, held = tally(pack(other.centres // block_mm), other.counts)
    there = find(others, keys)
    both = there >= 0
    common = np.minimum(weights[both] * other.points, held[there[both]] * one.points)
    return int(common.sum()) * BP // (one.points * other.points)
