"""The labelled set: copies made as cheats make them, and honest recordings, each compared with what was there before.

Copies are judged under the witness a challenger who knows what was done would state. Honest recordings are judged under
the witness that speaks most against them, as far as the node's own search finds it. Every case names the source it came
from, so that two halves of the set never share one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from labelled_copies import Copy, cropped, jittered, plane, thinned, tiles, warped, witness
from labelled_rooms import Ints, Scan, refurnished, room, scan

from thenar.adapters.simulation import record_hand
from thenar.domain.scoring.integers import share
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import Laid, PlaceSketch, Tile, seen_share, verify, verify_tiles
from thenar.domain.scoring.playing import Played
from thenar.domain.scoring.plugins import plugin_for, units
from thenar.domain.scoring.report import Likeness
from thenar.domain.scoring.search import search
from thenar.domain.scoring.signals import Recorded, Signal

COPY, HONEST, SAME_STANDS = "copy", "honest", "same stands"


@dataclass(frozen=True)
class Case:
    """One recording beside one earlier: what it truly is, and all that a rule looks at."""

    modality: str
    kind: str
    truth: str
    source: int
    units: int
    likeness: Likeness
    seen_bp: int
    by_tiles: Likeness | None = None


@dataclass(frozen=True)
class Size:
    """How many sources of each kind; ``rays`` of a scan and ``seconds`` of a recording in time."""

    rooms: int
    hands: int
    walks: int
    rays: int = 40_000
    seconds: int = 10


FULL, SMALL = Size(24, 15, 20), Size(2, 2, 2, 15_000, 5)

Points = Callable[[Ints, np.random.Generator], Copy]
SPATIAL_COPIES: dict[str, Points] = {
    "as it is": lambda p, d: plane(p, d),
    "noise of 20 mm": lambda p, d: jittered(plane(p, d), d, 20),
    "turned and moved": lambda p, d: plane(p, d, turn=True),
    "mirrored and turned": lambda p, d: plane(p, d, turn=True, mirror=True),
    "cut in half and turned": lambda p, d: plane(cropped(p, d, 0.5), d, turn=True),
    "scaled": lambda p, d: plane(p, d, turn=True, scale=(d.uniform(0.84, 1.2),) * 3),
    "stretched along axes": lambda p, d: plane(
        p, d, turn=True, scale=(d.uniform(0.84, 1.2), d.uniform(0.84, 1.2), d.uniform(0.9, 1.1))
    ),
    "thinned to 50 mm": lambda p, d: thinned(plane(p, d, turn=True), 50),
    "40% of points, 15 mm, turned": lambda p, d: jittered(plane(p, d, turn=True), d, 15, 0.4),
    "everything at once": lambda p, d: jittered(
        plane(p, d, turn=True, mirror=True, scale=(d.uniform(0.9, 1.1), d.uniform(0.9, 1.1), 1.0)), d, 15, 0.6
    ),
    "bent by half a metre": lambda p, d: warped(plane(p, d, turn=True), d, 500),
}


def spatial(size: Size, tell: Callable[[str], None] = lambda _: None) -> Iterator[Case]:
    """Scans of simulated rooms."""
    for source in range(size.rooms):
        tell(f"room {source + 1} of {size.rooms}")
        yield from one_room(source, size.rays)


def one_room(source: int, rays: int) -> Iterator[Case]:
    """Copies of one scan of a room, and honest scans of it and of others."""
    draw = np.random.default_rng((1, source))
    here = room(draw)
    first = scan(here, draw, rays=rays)
    yield from spatial_copies(first.points, draw, source)
    yield _splice(first, scan(room(draw), draw, rays=rays), source)
    moved = refurnished(here, draw, 0.2)
    honest = {
        "the same room, in the same way": scan(moved, draw, rays=rays, style=first.style),
        "the same room, in any way": scan(moved, draw, rays=rays),
        "the same walls, other furniture": scan(refurnished(here, draw, 1.0), draw, rays=rays),
        "another room": scan(room(draw), draw, rays=rays),
    }
    for kind, made in honest.items():
        yield against(made.points, first.points, kind, HONEST, source)
    again = scan(moved, draw, rays=rays, style=first.style, stands=first.stands)
    yield against(again.points, first.points, "the same room, from the same stands", SAME_STANDS, source)


def spatial_copies(old: Ints, draw: np.random.Generator, source: int) -> Iterator[Case]:
    """Every kind of copy of one scan, under its true witness."""
    there = PlaceSketch.of(old, RULES.spatial)
    for kind, make in SPATIAL_COPIES.items():
        copy = make(old, draw)
        new = PlaceSketch.of(copy.points, RULES.spatial)
        found = verify(new, there, witness(copy, old))
        by_tiles = verify_tiles(new, [there], tiles(copy, old, new))
        yield Case(
            "spatial", kind, COPY, source, len(new.voxels), found.likeness, seen_share(new, [found.seen]), by_tiles
        )


def against(new: Ints, old: Ints, kind: str, truth: str, source: int) -> Case:
    """A scan beside an earlier one, under the worst transform the search finds, whole and by tiles."""
    sketch, there = PlaceSketch.of(new, RULES.spatial), PlaceSketch.of(old, RULES.spatial)
    transform = search(sketch, there)
    found = verify(sketch, there, transform)
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


def _judged(
    modality: str, kind: str, truth: str, source: int, new: Recorded, old: Recorded, how: Played | None
) -> Case:
    plugin = plugin_for(modality)
    there = plugin.sketch(old)
    match = plugin.verify_duplicate(new, there, how or plugin.search(new, there))
    count = units(plugin.sketch(new))
    return Case(modality, kind, truth, source, count, match.likeness, share(int(match.seen.sum()), len(match.seen)))


@dataclass(frozen=True)
class _Rows:
    """A recording in time, in rows that a copy may change."""

    modality: str
    values: tuple[Ints, ...]
    times: Ints

    def recorded(self) -> Recorded:
        kinds = {
            "tactile": (("normal_force", "N", 1000),),
            "trajectory": (("joint_position", "rad", 1_000_000),),
            "imu": (("acceleration", "[g]", 1_000_000), ("angular_velocity", "deg/s", 1_000_000)),
        }[self.modality]
        made = zip(kinds, self.values, strict=True)
        return Recorded(
            self.modality, tuple(Signal(k, k, u, Fraction(1, n), v, self.times, v.shape[1]) for (k, u, n), v in made)
        )

    def cut(self, first: int, last: int) -> _Rows:
        return replace(self, values=tuple(v[first:last] for v in self.values), times=self.times[first:last])

    def changed(self, change: Callable[[Ints], Ints]) -> _Rows:
        return replace(self, values=tuple(change(v) for v in self.values))


def _noise(draw: np.random.Generator, share_of_spread: float) -> Callable[[Ints], Ints]:
    return lambda v: v + np.rint(draw.normal(0, share_of_spread * float(v.std()) + 1, v.shape)).astype(np.int64)


def _timed_copies(rows: _Rows, draw: np.random.Generator, source: int) -> Iterator[Case]:
    old, count = rows.recorded(), len(rows.times)
    slow = replace(rows, times=rows.times * 2)
    made: dict[str, tuple[_Rows, Played]] = {
        "as it is": (rows, Played()),
        "with noise": (rows.changed(_noise(draw, 0.02)), Played()),
        "a third of it": (rows.cut(count // 3, 2 * count // 3), Played()),
        "begun later": (rows.cut(37, count), Played()),
        "backwards": (rows.changed(lambda v: v[::-1].copy()), Played(backwards=True)),
        "at half the speed": (slow, Played(speed_bp=20_000)),
    }
    if rows.modality == "imu":
        made["sensor mounted otherwise"] = (rows.changed(lambda v: np.stack([-v[:, 1], v[:, 2], v[:, 0]], 1)), Played())
    else:
        made["louder" if rows.modality == "tactile" else "with more noise"] = (
            rows.changed((lambda v: v * 13 // 10) if rows.modality == "tactile" else _noise(draw, 0.03)),
            Played(),
        )
    for kind, (copy, how) in made.items():
        yield _judged(
            rows.modality, kind, COPY, source, copy.recorded(), old, Played() if rows.modality == "trajectory" else how
        )


def hands(size: Size, folder: Path, tell: Callable[[str], None] = lambda _: None) -> Iterator[Case]:
    """Grasps of a simulated hand: its touch, and its joints as a trajectory."""
    known: list[tuple[_Rows, _Rows]] = []
    for source in range(size.hands):
        tell(f"hand {source + 1} of {size.hands}")
        path = folder / f"hand{source}.csv"
        record_hand(path, seed=source, seconds=size.seconds)
        names = path.open().readline().strip().split(",")
        table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.int64)
        touch = table[:, [at for at, name in enumerate(names) if name.startswith("touch_")]]
        joints = table[:, [at for at, name in enumerate(names) if name.startswith("joint_")]]
        pair = (_Rows("tactile", (touch,), table[:, 0] * 1000), _Rows("trajectory", (joints,), table[:, 0] * 1000))
        for rows in pair:
            yield from _timed_copies(rows, np.random.default_rng((2, source)), source)
        for at, rows in enumerate(pair):
            # beside earlier hands of the same half
            for earlier in known[source % 2 :: 2][-2:]:
                yield _judged(
                    rows.modality, "another grasp", HONEST, source, rows.recorded(), earlier[at].recorded(), None
                )
        known.append(pair)


def walks(size: Size) -> Iterator[Case]:
    """Inertial logs of somebody carrying a device: turns and steps of random strength and rhythm."""
    known: list[_Rows] = []
    for source in range(size.walks):
        draw = np.random.default_rng((3, source))
        rows = _walk(draw, size.seconds * 3)
        yield from _timed_copies(rows, draw, source)
        for earlier in known[source % 2 :: 2][-4:]:
            yield _judged("imu", "another walk", HONEST, source, rows.recorded(), earlier.recorded(), None)
        known.append(rows)


def _walk(draw: np.random.Generator, seconds: int) -> _Rows:
    count = seconds * 100
    time = np.arange(count) / 100
    beat = np.cumsum(np.interp(time, np.arange(seconds + 1), draw.uniform(1.4, 2.3, seconds + 1))) / 100
    strength = np.interp(time, np.arange(seconds + 1), draw.uniform(0.05, 0.3, seconds + 1))
    step = np.stack([np.sin(2 * np.pi * (beat * n + draw.random())) * draw.uniform(0.3, 1.0) for n in (0.5, 1, 2)], 1)
    slow = np.stack(
        [np.interp(time, np.arange(0, seconds + 1, 0.5), draw.normal(0, 1, 2 * seconds + 2)) for _ in "xyz"], 1
    )
    acceleration = np.array([0, 0, 1.0]) + strength[:, None] * step + 0.08 * slow + draw.normal(0, 0.004, (count, 3))
    turning = 40 * np.roll(slow, 1, axis=1) * (0.4 + strength[:, None]) + 30 * strength[:, None] * step
    turning = turning + draw.normal(0, 0.2, (count, 3))
    values = tuple(np.rint(v * 1_000_000).astype(np.int64) for v in (acceleration, turning))
    return _Rows("imu", values, np.arange(count, dtype=np.int64) * 10_000_000)
