"""The scans of the labelled set: copies of simulated rooms, and honest scans of them and of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from labelled_cases import ALIKE, COPY, HONEST, SAME_STANDS, Case, Size
from labelled_copies import Copy, cropped, jittered, nudged, plane, thinned, tiles, warped, witness
from labelled_rooms import STYLES, Ints, Room, Scan, Stands, anywhere, evenly, refurnished, room, scan, thorough

from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import Laid, PlaceSketch, Tile, seen_share, verify, verify_tiles
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.transform import Transform

Points = Callable[[Ints, np.random.Generator], Copy]
DENSE, DENSE_TIMES = 5, 2
"""One room in so many is scanned with so many times the rays."""


def _turned(points: Ints, draw: np.random.Generator) -> Copy:
    return plane(points, draw, turn=True)


def _of_everything(points: Ints, draw: np.random.Generator) -> Copy:
    return plane(points, draw, turn=True, mirror=True, scale=(draw.uniform(0.9, 1.1), draw.uniform(0.9, 1.1), 1.0))


def _stretched(points: Ints, draw: np.random.Generator) -> Copy:
    return plane(
        points, draw, turn=True, scale=(draw.uniform(0.84, 1.2), draw.uniform(0.84, 1.2), draw.uniform(0.9, 1.1))
    )


RAW_COPIES: dict[str, Points] = {
    "as it is": lambda p, d: plane(p, d),
    "noise of 20 mm": lambda p, d: jittered(plane(p, d), d, 20),
    "turned and moved": _turned,
    "mirrored and turned": lambda p, d: plane(p, d, turn=True, mirror=True),
    "cut in half and turned": lambda p, d: _turned(cropped(p, d, 0.5), d),
    "scaled": lambda p, d: plane(p, d, turn=True, scale=(d.uniform(0.84, 1.2),) * 3),
    "stretched along axes": _stretched,
    "40% of points, 15 mm, turned": lambda p, d: jittered(_turned(p, d), d, 15, 0.4),
    "everything at once": lambda p, d: jittered(_of_everything(p, d), d, 15, 0.6),
    "bent by half a metre": lambda p, d: warped(_turned(p, d), d, 500),
}
THINNED: dict[str, Callable[[Ints, np.random.Generator, int], Copy]] = {
    "turned": lambda p, d, size: thinned(_turned(p, d), size),
    "mirrored": lambda p, d, size: thinned(plane(p, d, turn=True, mirror=True), size),
    "cut in half": lambda p, d, size: thinned(_turned(cropped(p, d, 0.5), d), size),
    "noise after": lambda p, d, size: jittered(thinned(_turned(p, d), size), d, 15),
    "everything": lambda p, d, size: thinned(jittered(_of_everything(p, d), d, 10), size),
}
SIZES = (25, 50, 75, 100)


def _thinning(size: int, how: str) -> Points:
    return lambda points, draw: THINNED[how](points, draw, size)


THINNED_COPIES: dict[str, Points] = {
    f"thinned to {size} mm, {how}": _thinning(size, how) for size in SIZES for how in THINNED
}
SPATIAL_COPIES: dict[str, Points] = RAW_COPIES | THINNED_COPIES


def spatial(size: Size, tell: Callable[[str], None] = lambda _: None) -> Iterator[Case]:
    """Scans of simulated rooms."""
    for source in range(size.rooms):
        tell(f"room {source + 1} of {size.rooms}")
        yield from one_room(source, size.rays)


@dataclass(frozen=True)
class _Manner:
    """How scans of one room are made: with how many rays, carried how, and where one would stand in it."""

    rays: int
    style: str | None = None
    stands: Callable[[Room, np.random.Generator, Stands], Stands] | None = None

    def scan(self, of: Room, draw: np.random.Generator, other: Scan | None = None) -> Scan:
        """Scan a room, with a tripod elsewhere than another scan's stood."""
        style = self.style or STYLES[int(draw.integers(len(STYLES)))]
        away = other.stands if other is not None and other.style == "tripod" else ()
        stand = self.stands or (anywhere if style == "tripod" else None)
        stands = None if stand is None else stand(of, draw, away)
        return scan(of, draw, rays=self.rays, style=style, stands=stands)


def _manner(source: int, rays: int) -> _Manner:
    """By turns: in any way, from three evenly set tripods, into every corner; one room in five densely."""
    rays *= DENSE_TIMES if source % DENSE == DENSE - 1 else 1
    return (_Manner(rays), _Manner(rays, "tripod", evenly), _Manner(rays, "walk", thorough))[source // 2 % 3]


def one_room(source: int, rays: int, copies: Mapping[str, Points] = SPATIAL_COPIES) -> Iterator[Case]:
    """Copies of one scan of a room, and honest scans of it and of others."""
    draw = np.random.default_rng((1, source))
    here, manner = room(draw), _manner(source, rays)
    any_way, even = _Manner(manner.rays), _Manner(manner.rays, "tripod", evenly)
    first = manner.scan(here, draw)
    alike = manner if manner.stands else _Manner(manner.rays, first.style)
    yield from spatial_copies(first.points, draw, source, copies)
    yield _splice(first, any_way.scan(room(draw), draw), source)
    moved = refurnished(here, draw, 0.2)
    again = any_way.scan(moved, draw, first).points
    honest = {
        "the same room, in the same way": alike.scan(moved, draw, first).points,
        "the same room, in any way": again,
        "the same room, thinned to 50 mm": thinned(plane(again, draw), 50).points,
        "the same walls, other furniture": manner.scan(refurnished(here, draw, 1.0), draw, first).points,
    }
    for kind, points in honest.items():
        yield against(points, first.points, kind, HONEST, source, at_home=True)
    yield against(any_way.scan(room(draw), draw).points, first.points, "another room", HONEST, source)
    one = even.scan(here, draw)
    other = even.scan(moved, draw, one).points
    yield against(other, one.points, "three evenly set stands, twice", HONEST, source, at_home=True)
    yield from _told_by_nothing(here, moved, first, manner, draw, source)


def _told_by_nothing(
    here: Room, moved: Room, first: Scan, manner: _Manner, draw: np.random.Generator, source: int
) -> Iterator[Case]:
    same = scan(moved, draw, rays=manner.rays, style=first.style, stands=first.stands).points
    yield against(same, first.points, "the same room, from the same stands", SAME_STANDS, source, at_home=True)
    careful = _Manner(manner.rays, "walk", thorough)
    one, other = careful.scan(here, draw).points, thinned(plane(careful.scan(moved, draw).points, draw), 50).points
    yield against(other, one, "every corner twice, then thinned to 50 mm", ALIKE, source, at_home=True)


def spatial_copies(
    old: Ints, draw: np.random.Generator, source: int, copies: Mapping[str, Points] = SPATIAL_COPIES
) -> Iterator[Case]:
    """Every kind of copy of one scan, under its true witness; tile by tile where that alone does not show it."""
    there = PlaceSketch.of(old, RULES.spatial)
    for kind, make in copies.items():
        copy = make(old, draw)
        new = PlaceSketch.of(copy.points, RULES.spatial)
        found = verify(new, there, nudged(new, there, witness(copy, old)))
        shown = RULES.spatial.copy.verdict(found.likeness) is Verdict.COPY
        by_tiles = None if shown else verify_tiles(new, [there], tiles(copy, old, new))
        yield Case(
            "spatial", kind, COPY, source, len(new.voxels), found.likeness, seen_share(new, [found.seen]), by_tiles
        )


def against(new: Ints, old: Ints, kind: str, truth: str, source: int, *, at_home: bool = False) -> Case:
    """A scan beside an earlier one, under the worst transform the search finds, whole and by tiles.

    ``at_home``: both are in the frame of one room, and how they truly lie is tried as well.
    """
    sketch, there = PlaceSketch.of(new, RULES.spatial), PlaceSketch.of(old, RULES.spatial)
    witnesses = [search(sketch, there)] if truth == HONEST else []
    if at_home:
        x, y, z = (int(n) for n in new.min(axis=0) - old.min(axis=0))
        witnesses.append(Transform.made(shift_mm=(x, y, z)))
    matches = [(verify(sketch, there, transform), transform) for transform in witnesses]
    found, transform = max(matches, key=lambda one: (one[0].likeness.agreement_bp, one[0].likeness.shared_bp))
    wide = RULES.spatial.tile_mm // RULES.spatial.cell_mm
    laid = {Tile((int(x), int(y))): Laid(0, transform) for x, y in sketch.cells[:, :2] // wide}
    by_tiles = verify_tiles(sketch, [there], laid)
    return Case(
        "spatial", kind, truth, source, len(sketch.voxels), found.likeness, seen_share(sketch, [found.seen]), by_tiles
    )


def _splice(one: Scan, other: Scan, source: int) -> Case:
    """The left half of one scan beside the right half of another, seam on a border between tiles."""
    wide = RULES.spatial.tile_mm
    left = one.points[one.points[:, 0] < one.points[:, 0].min() + wide]
    right = other.points[other.points[:, 0] > other.points[:, 0].max() - wide]
    far = left.min(axis=0)[0] + wide - right.min(axis=0)[0]
    joined = np.concatenate([left, right + np.array([far, 0, 0])])
    new = PlaceSketch.of(joined, RULES.spatial)
    olds = [PlaceSketch.of(part.points, RULES.spatial) for part in (one, other)]
    maps = [Copy(joined, lambda at: at), Copy(joined, lambda at: at - np.array([far, 0, 0]))]
    laid = {
        tile: Laid(int(tile[0] > 0), witness(maps[int(tile[0] > 0)], (one, other)[int(tile[0] > 0)].points))
        for tile in tiles(maps[0], one.points, new)
    }
    whole = verify(new, olds[0], witness(maps[0], one.points))
    by_tiles = verify_tiles(new, olds, laid)
    return Case(
        "spatial",
        "spliced of two",
        COPY,
        source,
        len(new.voxels),
        whole.likeness,
        seen_share(new, [whole.seen]),
        by_tiles,
    )
