"""Looking for the transform that shows a copy: the challenger's work. Everyone else only checks what was found.

Coarse: every mirror and turn in steps of 5 degrees, moved to where the outlines agree best. Fine: step by step downhill
from the best of those. It proposes; nothing is decided by it, and a better search is welcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from thenar.domain.scoring.integers import BP, HALF, TURN, drawn, find, pack, unpack
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.signals import Ints
from thenar.domain.scoring.transform import FARTHEST_MM, LEAST_SCALE, MOST_SCALE, Transform

_COARSE_MM: Final = 400
_TURNS: Final = 72
_PEAKS: Final = 3
_SAMPLE: Final = 400
_FINE_SAMPLE: Final = 3_000
_REFINED: Final = 6
_STEPS: Final = ((256, 200, 100), (64, 100, 50), (16, 50, 25), (8, 25, 10))
"""Turn, millimetres and basis points of scale of each round."""
_SCALES: Final = (BP, 8_000, 8_500, 9_000, 9_500, 10_500, 11_000, 11_500, 12_000, 12_500)
_SIDES: Final = (1, -1)

Count = Callable[["_Pose"], int]


@dataclass(frozen=True, slots=True)
class _Pose:
    """A transform as people think of one: the newer scan's middle goes to ``to``, turned about it."""

    turn: int
    mirror: bool
    scale: tuple[int, int, int]
    middle: tuple[int, int, int]
    to: tuple[int, int, int]

    def transform(self) -> Transform:
        free = Transform.made(self.turn, mirror=self.mirror, scale_bp=self.scale)
        x, y, z = (int(n) for n in free.apply(np.array([self.middle], dtype=np.int64))[0])
        return free.moved(self.to[0] - x, self.to[1] - y, self.to[2] - z)

    def fits(self) -> bool:
        """Whether it stays within what a transform may do, with room to spare for the shift."""
        far = max(abs(n) for n in (*self.to, *self.middle)) * 3
        return far < FARTHEST_MM and all(LEAST_SCALE <= s <= MOST_SCALE for s in self.scale)

    def beside(self, step: tuple[int, int, int], *, stretched: bool) -> Iterator[_Pose]:
        turn, move, stretch = step
        for side in _SIDES:
            yield replace(self, turn=self.turn + side * turn)
            for axis in range(3):
                yield replace(self, to=_added(self.to, axis, side * move))
                if stretched:
                    yield replace(self, scale=_added(self.scale, axis, side * stretch))


def _added(values: tuple[int, int, int], axis: int, much: int) -> tuple[int, int, int]:
    x, y, z = (value + (much if at == axis else 0) for at, value in enumerate(values))
    return x, y, z


def search(new: PlaceSketch, old: PlaceSketch, *, stretched: bool = False) -> Transform:
    """The transform under which most of the newer scan falls on the older, as far as this search finds it.

    ``stretched`` also tries scales, at ten times the work.
    """
    middle = _middle(new)
    scales = _SCALES if stretched else _SCALES[:1]
    coarse = sorted(_coarse(new, old, middle, scales), key=lambda found: -found[0])[
        : _REFINED * (2 if stretched else 1)
    ]
    count = counting(new, old, _FINE_SAMPLE)
    refined = [refine(pose, count, stretched=stretched) for _, pose in coarse if pose.fits()]
    best = max(refined, key=lambda found: found[0], default=(0, _Pose(0, False, (BP, BP, BP), (0, 0, 0), (0, 0, 0))))
    return best[1].transform()


def _middle(sketch: PlaceSketch) -> tuple[int, int, int]:
    x, y, z = (int(n) for n in sketch.centres.sum(axis=0) // len(sketch.cells))
    return x, y, z


def counting(new: PlaceSketch, old: PlaceSketch, most: int) -> Count:
    """Counts how many of some of the newer's cells fall on the older."""
    points = _some(new.centres, most)

    def count(pose: _Pose) -> int:
        cells = pose.transform().apply(points) // new.rules.voxel_mm
        return int((find(old.voxels, pack(np.clip(cells, -HALF, HALF - 1))) >= 0).sum())

    return count


def refine(pose: _Pose, count: Count, *, stretched: bool) -> tuple[int, _Pose]:
    """Walk to the neighbour that counts most, with smaller and smaller steps, until none counts more."""
    best = count(pose)
    for step in _STEPS:
        while True:
            tried = [
                (count(near), at, near) for at, near in enumerate(pose.beside(step, stretched=stretched)) if near.fits()
            ]
            found, _, near = max(tried, key=lambda one: (one[0], -one[1]), default=(0, 0, pose))
            if found <= best:
                break
            best, pose = found, near
    return best, pose


def _some(points: Ints, most: int) -> Ints:
    if len(points) <= most:
        return points
    return points[np.sort((drawn(2, most) % np.uint64(len(points))).astype(np.int64))]


def _coarse(
    new: PlaceSketch, old: PlaceSketch, middle: tuple[int, int, int], scales: tuple[int, ...]
) -> Iterator[tuple[int, _Pose]]:
    """The best move for every mirror, turn and scale, with how many sampled voxels it puts on the older scan."""
    voxel = new.rules.voxel_mm
    grid = np.unique(pack(old.cells * old.rules.cell_mm // _COARSE_MM))
    places = unpack(new.voxels) * voxel + voxel // 2
    for scale in scales:
        for number in range(2 * _TURNS):
            pose = _Pose(number // 2 * TURN // _TURNS, bool(number % 2), (scale, scale, scale), middle, middle)
            if not pose.fits():
                continue
            laid = pose.transform().apply(places)
            sample = _some(laid, _SAMPLE)
            peaks = [_moves(laid[:, axis] // _COARSE_MM, unpack(grid)[:, axis]) for axis in range(3)]
            best = max(
                (
                    int(
                        (find(grid, pack(np.clip((sample + np.array(move)) // _COARSE_MM, -HALF, HALF - 1))) >= 0).sum()
                    ),
                    move,
                )
                for move in ((x, y, z) for x in peaks[0] for y in peaks[1] for z in peaks[2])
            )
            x, y, z = (a + b for a, b in zip(middle, best[1], strict=True))
            yield best[0], replace(pose, to=(x, y, z))


def _moves(new: Ints, old: Ints) -> list[int]:
    """Millimetres along one axis by which two outlines agree best: peaks of their correlation, apart."""
    least = min(int(new.min()), int(old.min()))
    one, other = np.bincount(new - least), np.bincount(old - least)
    one, other = one * len(one) - one.sum(), other * len(other) - other.sum()
    agreed = np.correlate(other.astype(np.int64), one.astype(np.int64), mode="full")
    moves: list[int] = []
    for place in np.argsort(-agreed, kind="stable").tolist():
        move = (place - len(one) + 1) * _COARSE_MM
        if all(abs(move - other_move) > _COARSE_MM for other_move in moves):
            moves.append(move)
        if len(moves) == _PEAKS:
            break
    return moves
