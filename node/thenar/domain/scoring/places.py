"""Sketches of places, and what two of them share under a transform somebody states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NewType

import numpy as np

from thenar.domain.keccak import keccak256
from thenar.domain.scoring.integers import BP, HALF, drawn, find, pack, share, summed, tally, unpack, within
from thenar.domain.scoring.parameters import SpatialRules
from thenar.domain.scoring.report import Likeness, Match
from thenar.domain.scoring.signals import Flags, Ints
from thenar.domain.scoring.spread import Spread, agreement
from thenar.domain.scoring.transform import Transform
from thenar.errors import BadInput

Tile = NewType("Tile", tuple[int, int])
"""A square of the newer sketch's plane, by its place in the grid."""

_PAIRS: Final = 65_536
_FAR_BINS, _HIGH_BINS = 64, 4
_TAG: Final = b"thenar.sketch.spatial/1"
_SIDES: Final = np.eye(3, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class PlaceSketch:
    """Occupied cells with the points in each, from the least corner of the scan; ``voxels`` are the coarser cells."""

    rules: SpatialRules
    cells: Ints
    counts: Ints
    voxels: Ints = field(repr=False)

    @classmethod
    def of(cls, points: Ints, rules: SpatialRules) -> PlaceSketch:
        """Sketch points in millimetres. Raises BadInput for a scan more than 50 km across."""
        cells = (points - points.min(axis=0)) // rules.cell_mm
        if not within(cells).all():
            raise BadInput("the scan is more than 50 km across", next_step="export one place at a time")
        keys, counts = tally(pack(cells), np.ones(len(cells), dtype=np.int64))
        return cls.kept(unpack(keys), counts, rules)

    @classmethod
    def kept(cls, cells: Ints, counts: Ints, rules: SpatialRules) -> PlaceSketch:
        """A sketch from its cells in ascending order."""
        return cls(rules, cells, counts, np.unique(pack(cells // (rules.voxel_mm // rules.cell_mm))))

    @property
    def centres(self) -> Ints:
        """The middle of each cell, in millimetres."""
        return self.cells * self.rules.cell_mm + self.rules.cell_mm // 2

    def encode(self) -> bytes:
        """The sketch in bytes: its tag, then x, y, z and count of each cell, 32-bit little-endian."""
        return _TAG + np.column_stack([self.cells, self.counts]).astype("<i4").tobytes()

    @classmethod
    def decode(cls, data: bytes, rules: SpatialRules) -> PlaceSketch:
        """A sketch from its bytes. Raises BadInput for anything ``encode`` does not write."""
        body = data[len(_TAG) :]
        if not data.startswith(_TAG) or not body or len(body) % 16:
            raise BadInput("these bytes are no sketch of a place")
        rows = np.frombuffer(body, dtype="<i4").reshape(-1, 4).astype(np.int64)
        cells, counts = rows[:, :3], rows[:, 3]
        if not (within(cells).all() and (counts > 0).all() and (np.diff(pack(cells)) > 0).all()):
            raise BadInput("a sketch's cells ascend and hold points")
        return cls.kept(cells, counts, rules)

    @property
    def root(self) -> bytes:
        """Keccak-256 of the bytes."""
        return keccak256(self.encode())

    def descriptor(self) -> tuple[int, ...]:
        """How far pairs of voxels lie apart, as 256 shares in basis points: the same turned, mirrored or moved."""
        picks = drawn(1, 2 * _PAIRS) % np.uint64(len(self.voxels))
        places = unpack(self.voxels)[picks.astype(np.int64)]
        apart = places[:_PAIRS] - places[_PAIRS:]
        squares = np.arange(0, 2 * _FAR_BINS, 2, dtype=np.int64) ** 2
        far = np.searchsorted(squares, apart[:, 0] ** 2 + apart[:, 1] ** 2, side="right") - 1
        high = np.minimum(np.abs(apart[:, 2]) // 3, _HIGH_BINS - 1)
        held = summed(far * _HIGH_BINS + high, np.ones(_PAIRS, dtype=np.int64), _FAR_BINS * _HIGH_BINS)
        return tuple(int(count) * BP // _PAIRS for count in held)


def descriptors_apart(one: Sequence[int], other: Sequence[int]) -> int:
    """The sum of differences between two descriptors, at most 20,000."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def verify(new: PlaceSketch, old: PlaceSketch, transform: Transform) -> Match:
    """What two scans share when the newer is laid on the older as stated."""
    found = _overlap(new, old, transform)
    likeness = Likeness(found.shared_bp, _agreed([found], old), found.smaller, transform.stretches)
    return Match(likeness, found.seen)


@dataclass(frozen=True, slots=True, eq=False)
class _Overlap:
    """Cells of the newer laid on the older: where, in which voxels, which of them landed; and the voxels both have."""

    laid: Spread
    keys: Ints
    landed: Flags
    voxels: Ints
    smaller: int

    @property
    def shared_bp(self) -> int:
        return share(len(self.voxels), self.smaller)

    @property
    def seen(self) -> Flags:
        return np.asarray(self.landed & (find(self.voxels, self.keys) >= 0), dtype=np.bool_)

    def within(self, voxels: Ints) -> Spread:
        there = self.landed & (find(voxels, self.keys) >= 0)
        return Spread(self.laid.centres[there], self.laid.counts[there], self.laid.cells[there])


def _overlap(new: PlaceSketch, old: PlaceSketch, transform: Transform) -> _Overlap:
    centres = transform.apply(new.centres)
    cells = centres // new.rules.voxel_mm
    landed = within(cells)
    keys = pack(np.clip(cells, -HALF, HALF - 1))
    voxels = np.unique(keys[landed])
    smaller = min(len(voxels), len(old.voxels))
    laid = Spread(centres, new.counts, new.cells)
    return _Overlap(laid, keys, landed, voxels[find(old.voxels, voxels) >= 0], smaller)


def _agreed(parts: Sequence[_Overlap], old: PlaceSketch) -> int:
    """How alike points are spread over what is shared, alone or with the voxels beside it, whichever is more alike.

    A wall between two layers of voxels has points in both, and laid a hair aside in one of them only.
    """
    voxels = np.unique(np.concatenate([part.voxels for part in parts]))
    found = []
    for area in (voxels, _around(voxels)):
        newer = Spread.joined([part.within(area) for part in parts])
        found.append(agreement(newer, _held(old, area), old.rules))
    return max(found)


def _around(voxels: Ints) -> Ints:
    """Voxels, and those that touch a side of one."""
    cells = unpack(voxels)
    steps = np.concatenate([np.zeros((1, 3), dtype=np.int64), _SIDES, -_SIDES])
    near = np.concatenate([cells + step for step in steps])
    return np.unique(pack(near[within(near)]))


def _held(old: PlaceSketch, voxels: Ints) -> Spread:
    """The older's points in some voxels, in ascending order."""
    there = find(voxels, pack(old.cells // (old.rules.voxel_mm // old.rules.cell_mm))) >= 0
    return Spread(old.centres[there], old.counts[there], old.cells[there])


def seen_share(new: PlaceSketch, seen: Sequence[Flags]) -> int:
    """Basis points of the newer's voxels most of whose cells at least one older scan has."""
    if not seen:
        return 0
    groups = find(new.voxels, pack(new.cells // (new.rules.voxel_mm // new.rules.cell_mm)))
    size = len(new.voxels)
    held = summed(groups, np.logical_or.reduce(seen).astype(np.int64), size)
    return share(int((2 * held >= summed(groups, np.ones_like(groups), size)).sum()), size)


@dataclass(frozen=True, slots=True)
class Laid:
    """Where a tile of the newer scan comes from: which older one, and how it was moved."""

    old: int
    transform: Transform


def verify_tiles(new: PlaceSketch, olds: Sequence[PlaceSketch], witness: Mapping[Tile, Laid]) -> Likeness:
    """What a scan shares with older ones when every tile may come from elsewhere: warps and splices.

    Neighbouring tiles from the same older scan must fit where they meet, and tiles hold enough voxels to say
    anything; the rest shares nothing. Raises BadInput for tiles that do not fit.
    """
    _check_fit(new.rules, witness)
    wide = new.rules.tile_mm // new.rules.cell_mm
    tiles, groups = np.unique(
        pack(np.column_stack([new.cells[:, :2] // wide, np.zeros_like(new.counts)])), return_inverse=True
    )
    common = 0
    held: list[list[_Overlap]] = [[] for _ in olds]
    for at, (x, y, _) in enumerate(unpack(tiles).tolist()):
        laid = witness.get(Tile((x, y)))
        if laid is None:
            continue
        part = PlaceSketch.kept(new.cells[groups == at], new.counts[groups == at], new.rules)
        match = _overlap(part, olds[laid.old], laid.transform)
        if len(part.voxels) >= new.rules.tile_least:
            common += seen_share(part, [match.seen]) * len(part.voxels) // BP
            held[laid.old].append(match)
    weights = [sum(len(part.voxels) for part in parts) for parts in held]
    agreed = sum(n * _agreed(parts, old) for n, parts, old in zip(weights, held, olds, strict=True) if n)
    stretched = any(laid.transform.stretches for laid in witness.values())
    return Likeness(share(common, len(new.voxels)), agreed // max(1, sum(weights)), len(new.voxels), stretched)


def _check_fit(rules: SpatialRules, witness: Mapping[Tile, Laid]) -> None:
    for (x, y), laid in witness.items():
        for step in ((1, 0), (0, 1)):
            other = witness.get(Tile((x + step[0], y + step[1])))
            if other is None or other.old != laid.old:
                continue
            middle = np.array([[2 * x + 1 + step[0], 2 * y + 1 + step[1], 0]], dtype=np.int64) * rules.tile_mm // 2
            apart = np.abs(laid.transform.apply(middle) - other.transform.apply(middle))
            if int(apart.max()) > rules.tile_step_mm:
                raise BadInput(f"tiles {x},{y} and {x + step[0]},{y + step[1]} come apart by {int(apart.max())} mm")
