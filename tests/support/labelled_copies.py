"""What a cheat does to somebody else's scan, with the witness that shows it, as floats: he needs no exactness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from labelled_rooms import Floats, Ints

from thenar.domain.scoring.integers import BP, ONE, find, pack
from thenar.domain.scoring.places import Laid, PlaceSketch, Tile
from thenar.domain.scoring.transform import Transform


@dataclass(frozen=True)
class Copy:
    """Points made from an earlier scan's, and the map back: new millimetres to old ones."""

    points: Ints
    back: Callable[[Floats], Floats]


def corner(points: Ints) -> Ints:
    """Where a sketch of these points has its origin."""
    return points.min(axis=0)


def witness(copy: Copy, old: Ints, at: Floats | None = None) -> Transform:
    """The transform, between the frames of the two sketches, that the map back is around a place of the newer."""
    here = np.zeros(3) if at is None else at
    start, home = corner(copy.points), corner(old)
    around = copy.back(start + here + np.vstack([np.zeros(3), np.eye(3) * 100]))
    axes = (around[1:] - around[0]).T / 100
    xx, xy, yx, yy = (round(ONE * float(n)) for n in (axes[0, 0], axes[0, 1], axes[1, 0], axes[1, 1]))
    free = Transform(xx, xy, yx, yy, round(BP * float(axes[2, 2])), (0, 0, 0))
    middle = np.rint(here).astype(np.int64)[None]
    x, y, z = (int(n) for n in np.rint(around[0] - home).astype(np.int64) - free.apply(middle)[0])
    return free.moved(x, y, z)


def tiles(copy: Copy, old: Ints, new: PlaceSketch, old_number: int = 0) -> dict[Tile, Laid]:
    """A transform for each tile of the newer, from the map back around the tile's middle."""
    wide = new.rules.tile_mm
    places = {(int(x), int(y)) for x, y in new.cells[:, :2] * new.rules.cell_mm // wide}
    made = {}
    for x, y in places:
        middle = np.array([(x + 0.5) * wide, (y + 0.5) * wide, 1000.0])
        made[Tile((x, y))] = Laid(old_number, witness(copy, old, middle))
    return made


def nudged(new: PlaceSketch, old: PlaceSketch, stated: Transform) -> Transform:
    """The stated transform, moved by up to a few centimetres to where most of the newer falls on the older.

    Points thinned to a grid lie at its middles, some way from where they were.
    """
    places = new.centres[:: max(1, len(new.cells) // 4_000)]

    def shared(t: Transform) -> int:
        return int((find(old.voxels, pack(t.apply(places) // new.rules.voxel_mm)) >= 0).sum())

    best, most = stated, shared(stated)
    for step in (50, 25, 10):
        for axis in np.eye(3, dtype=np.int64) * step:
            for side in (axis, -axis):
                moved = best.moved(*(int(n) for n in side))
                if (count := shared(moved)) > most:
                    best, most = moved, count
    return best


def plane(
    points: Ints,
    draw: np.random.Generator,
    *,
    turn: bool = False,
    mirror: bool = False,
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Copy:
    """Turn, mirror, stretch and move a scan."""
    angle = draw.uniform(0, 2 * np.pi) if turn else 0.0
    c, s = np.cos(angle), np.sin(angle)
    spin = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]) @ np.diag([-1.0 if mirror else 1.0, 1.0, 1.0])
    axes = spin @ np.diag(scale)
    shift = draw.uniform(-5000, 5000, 3) * (1, 1, 0.05) if turn or mirror else np.zeros(3)
    other = np.linalg.inv(axes)
    made = np.rint(points @ axes.T + shift).astype(np.int64)
    return Copy(made, lambda new: (new - shift) @ other.T)


def jittered(copy: Copy, draw: np.random.Generator, sigma: float, kept: float = 1.0) -> Copy:
    """Move every point a little and leave some out."""
    points = copy.points[draw.random(len(copy.points)) < kept]
    return Copy(points + np.rint(draw.normal(0, sigma, points.shape)).astype(np.int64), copy.back)


def thinned(copy: Copy, size: int) -> Copy:
    """One point for each cell of a size, as exporters thin clouds."""
    return Copy(np.unique(copy.points // size, axis=0) * size + size // 2, copy.back)


def cropped(points: Ints, draw: np.random.Generator, share: float) -> Ints:
    """A share of a scan, on one side of a wall across it."""
    axis = int(draw.integers(2))
    return points[points[:, axis] <= np.quantile(points[:, axis], share)]


def warped(copy: Copy, draw: np.random.Generator, much: float) -> Copy:
    """Bend a scan smoothly by up to ``much`` millimetres over ten metres."""
    phase, length = draw.uniform(0, 2 * np.pi, 2), 10_000.0

    def bend(at: Floats) -> Floats:
        x = much * np.sin(2 * np.pi * at[:, 1] / (2 * length) + phase[0])
        y = much * np.sin(2 * np.pi * at[:, 0] / (2 * length) + phase[1])
        return np.stack([x, y, np.zeros(len(at))], axis=1)

    def unbent(at: Floats) -> Floats:
        found = at.astype(np.float64)
        for _ in range(20):
            found = at - bend(found)
        return found

    points = np.rint(copy.points + bend(copy.points.astype(np.float64))).astype(np.int64)
    return Copy(points, lambda new: copy.back(unbent(new)))
