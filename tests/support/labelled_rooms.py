"""Rooms that never were, scanned by casting rays: what the labelled set of scans is made of. Millimetres throughout.

A scan is made as people make one: from one to three stands of a tripod, or walking with a device that sees a cone and
reaches five metres. The same room scanned again has other stands, and some of its furniture was moved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Stands = tuple[tuple[float, float, float], ...]
STYLES = ("tripod", "walk")
APART = 1.0
"""Metres from every stand of an earlier scan at which somebody stands elsewhere."""
_TRIES = 2_000
STOPS = 60
"""Where a thorough scan stops: nothing of a room is left out."""


@dataclass(frozen=True)
class Room:
    """Length, width and height in metres, and boxes as (x, y, z, x, y, z); the first ``fixed`` of them are walls."""

    size: tuple[float, float, float]
    boxes: Floats
    fixed: int


@dataclass(frozen=True)
class Scan:
    """Points, where the scanner stood, and how it was carried."""

    points: Ints
    stands: Stands
    style: str


def room(draw: np.random.Generator) -> Room:
    """A room of 5 to 14 by 4 to 10 metres, every second one L-shaped, with 6 to 17 pieces of furniture."""
    size = (draw.uniform(5, 14), draw.uniform(4, 10), draw.uniform(2.4, 3.3))
    walls = []
    if draw.random() < 0.5:
        deep, wide = draw.uniform(0.2, 0.45) * size[0], draw.uniform(0.2, 0.45) * size[1]
        walls = [(size[0] - deep, size[1] - wide, 0.0, *size)]
    boxes = walls + [_piece(draw, size) for _ in range(int(draw.integers(6, 18)))]
    return Room(size, np.array(boxes), len(walls))


def refurnished(of: Room, draw: np.random.Generator, share: float) -> Room:
    """The same walls with a share of the furniture replaced."""
    boxes = of.boxes.copy()
    for at in range(of.fixed, len(boxes)):
        if draw.random() < share:
            boxes[at] = _piece(draw, of.size)
    return replace(of, boxes=boxes)


def _piece(draw: np.random.Generator, size: tuple[float, float, float]) -> tuple[float, ...]:
    wide, deep, tall = draw.uniform(0.3, 1.8), draw.uniform(0.3, 1.0), draw.uniform(0.4, 2.0)
    x, y = draw.uniform(0.2, size[0] - wide - 0.2), draw.uniform(0.2, size[1] - deep - 0.2)
    z = 0.0 if draw.random() < 0.8 else draw.uniform(0.6, 1.2)
    return (x, y, z, x + wide, y + deep, min(z + tall, size[2] - 0.2))


def scan(
    of: Room,
    draw: np.random.Generator,
    *,
    rays: int = 40_000,
    style: str | None = None,
    stands: Stands | None = None,
) -> Scan:
    """Scan a room, with 3 to 8 mm of range noise."""
    style = style or STYLES[int(draw.integers(2))]
    noise = draw.uniform(0.003, 0.008)
    if stands is None:
        walked = style == "walk"
        stands = tuple(_stand(of, draw) for _ in range(int(draw.integers(8, 20)))) if walked else anywhere(of, draw)
    found = []
    for stand in stands:
        ways = _sphere(draw, rays // len(stands)) if style == "tripod" else _cone(draw, rays // len(stands))
        reach = _cast(np.array(stand), ways, of)
        near = reach < (20.0 if style == "tripod" else 5.0)
        found.append(np.array(stand) + ways[near] * (reach + draw.normal(0.0, noise, len(reach)))[near, None])
    return Scan(np.rint(np.concatenate(found) * 1000).astype(np.int64), stands, style)


def evenly(of: Room, draw: np.random.Generator, away: Stands = (), thirds: int = 3) -> Stands:
    """Stands as surveyors set them: one in each third of a room's length, off the long walls and earlier stands."""
    stands = []
    for at in range(thirds):
        near = (_stand(of, draw, away) for _ in range(200))
        third = (s for s in near if at <= s[0] / of.size[0] * thirds < at + 1 and 0.2 < s[1] / of.size[1] < 0.8)
        stands.append(next(third, None) or _stand(of, draw, away))
    return tuple(stands)


def anywhere(of: Room, draw: np.random.Generator, away: Stands = ()) -> Stands:
    """One to three stands of a tripod, away from earlier ones."""
    return tuple(_stand(of, draw, away) for _ in range(int(draw.integers(1, 4))))


def thorough(of: Room, draw: np.random.Generator, _: Stands = ()) -> Stands:
    """Stops of somebody who walks into every corner, wherever others stood."""
    return tuple(_stand(of, draw) for _ in range(STOPS))


def _stand(of: Room, draw: np.random.Generator, away: Stands = ()) -> tuple[float, float, float]:
    for tries in count():
        x, y, z = draw.uniform(0.4, of.size[0] - 0.4), draw.uniform(0.4, of.size[1] - 0.4), draw.uniform(1.2, 1.7)
        here = np.array([x, y, z])
        if tries < _TRIES and any(np.hypot(x - there[0], y - there[1]) < APART for there in away):
            continue
        if not ((here > of.boxes[:, :3] - 0.15) & (here < of.boxes[:, 3:] + 0.15)).all(axis=1).any():
            return x, y, z
    raise AssertionError("a room has a place to stand")


def _sphere(draw: np.random.Generator, rays: int) -> Floats:
    index = np.arange(rays) + 0.5
    height = 1 - 2 * index / rays
    turn = np.pi * (1 + 5**0.5) * index + draw.uniform(0, 2 * np.pi)
    around = np.sqrt(1 - height**2)
    return np.stack([around * np.cos(turn), around * np.sin(turn), height], axis=1)


def _cone(draw: np.random.Generator, rays: int) -> Floats:
    turn = draw.uniform(0, 2 * np.pi)
    ways = draw.normal(size=(rays, 3)) * 0.45 + np.array([np.cos(turn), np.sin(turn), -0.2])
    return ways / np.linalg.norm(ways, axis=1)[:, None]


def _cast(eye: Floats, ways: Floats, of: Room) -> Floats:
    """How far each ray goes before it hits a piece of furniture or the room around."""
    ways = np.where(np.abs(ways) < 1e-9, 1e-9, ways)
    per = 1 / ways
    reach = np.where(ways > 0, (np.array(of.size) - eye) * per, (0 - eye) * per).min(axis=1)
    for box in of.boxes:
        first, last = (box[:3] - eye) * per, (box[3:] - eye) * per
        near, far = np.minimum(first, last).max(axis=1), np.maximum(first, last).min(axis=1)
        hit = (near < far) & (near > 1e-3) & (near < reach)
        reach = np.where(hit, near, reach)
    return reach
