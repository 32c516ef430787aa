"""Recordings made of whole numbers alone, and everything scoring says about them: the golden vectors.

Run as a program it prints them: PYTHONPATH=node:tests/support .venv/bin/python tests/support/golden_scores.py
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from thenar.domain.keccak import keccak256
from thenar.domain.scoring import spatial
from thenar.domain.scoring.integers import cos_sin, drawn
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import Laid, PlaceSketch, Tile, verify_tiles
from thenar.domain.scoring.playing import Played
from thenar.domain.scoring.plugins import Witness, plugin_for
from thenar.domain.scoring.report import Likeness
from thenar.domain.scoring.signals import Ints, Recorded, Signal
from thenar.domain.scoring.transform import SAME, Transform

MICRO = Fraction(1, 1_000_000)


def numbers(seed: int, count: int, below: int) -> Ints:
    """Whole numbers from 0."""
    return (drawn(seed, count) % np.uint64(below)).astype(np.int64)


def room(seed: int, points: int = 24_000) -> Recorded:
    """The floor, walls and a table of a room, in micrometres; points lie denser near one corner."""
    long, wide, high = 8_000 + int(numbers(seed, 1, 3_000)[0]), 5_000, 2_500
    u, v = numbers(seed + 1, points, 1 << 20), numbers(seed + 2, points, 1 << 20)
    u = (u * u) >> 20
    face = numbers(seed + 3, points, 6)
    x, y, z = u * long >> 20, v * wide >> 20, v * high >> 20
    zero = np.zeros(points, dtype=np.int64)
    sides = [(x, y, zero), (x, zero, z), (x, zero + wide, z), (zero, y, u * high >> 20), (x, y, zero + high)]
    sides.append((2_000 + (u * 1_600 >> 20), 1_500 + (v * 900 >> 20), zero + 740))
    made = np.zeros((points, 3), dtype=np.int64)
    for number, side in enumerate(sides):
        made[face == number] = np.stack(side, axis=1)[face == number]
    made += numbers(seed + 4, 3 * points, 9).reshape(-1, 3) - 4
    return Recorded("spatial", (Signal("points", "point", "m", MICRO, made * 1000, axes=3),))


def touch(seed: int, rows: int = 600, taxels: int = 48) -> Recorded:
    """Bumps of load that wander over taxels, at 100 Hz with a gap."""
    at = np.arange(rows, dtype=np.int64)[:, None]
    middle = numbers(seed, taxels, rows)[None, :]
    width = 30 + numbers(seed + 1, taxels, 60)[None, :]
    made = np.maximum(0, 4_000 * (width - np.abs(at - middle)) // width) + numbers(seed + 2, rows * taxels, 7).reshape(
        rows, -1
    )
    times = np.arange(rows, dtype=np.int64) * 10_000_000
    times[rows // 2 :] += 90_000_000
    return Recorded("tactile", (Signal("touch", "normal_force", "N", Fraction(1, 1000), made, times, taxels),))


def movement(seed: int, rows: int = 500, joints: int = 7) -> Recorded:
    """Joints that go to and fro, in microradians."""
    turns = (np.arange(rows, dtype=np.int64)[:, None] * (40 + numbers(seed, joints, 90))[None, :]) % 65_536
    made = np.array([[cos_sin(int(turn))[1] for turn in row] for row in turns], dtype=np.int64)
    times = np.arange(rows, dtype=np.int64) * 20_000_000
    return Recorded("trajectory", (Signal("joints", "joint_position", "rad", MICRO, made, times, joints),))


def carried(seed: int, rows: int = 2_000) -> Recorded:
    """A device carried about: acceleration and turning at 100 Hz."""
    coarse = numbers(seed, 6 * (rows // 25 + 2), 600_000).reshape(-1, 6) - 300_000
    at = np.arange(rows, dtype=np.int64)
    part, whole = (at % 25)[:, None], at // 25
    made = (coarse[whole] * (25 - part) + coarse[whole + 1] * part) // 25
    made[:, 2] += 1_000_000
    times = at * 10_000_000
    turning = Signal("gyroscope", "angular_velocity", "deg/s", Fraction(1, 10_000), made[:, 3:], times, axes=3)
    return Recorded("imu", (turning, Signal("accelerometer", "acceleration", "[g]", MICRO, made[:, :3], times, axes=3)))


WITNESSES: dict[str, tuple[Witness, ...]] = {
    "spatial": (
        Transform.made(),
        Transform.made(9_001, shift_mm=(4_000, -900, 30)),
        Transform.made(40_000, mirror=True, scale_bp=(11_000, 9_100, 10_200), shift_mm=(9_000, 2_000, 0)),
    ),
    "tactile": (Played(), Played(backwards=True, speed_bp=8_000)),
    "trajectory": (Played(),),
    "imu": (Played(), Played(backwards=True, speed_bp=12_500)),
}


def vectors() -> dict[str, object]:
    """Every integer scoring makes of the recordings above."""
    made: dict[str, object] = {"rules": RULES.hash.hex()}
    for modality, record in (("spatial", room), ("tactile", touch), ("trajectory", movement), ("imu", carried)):
        one, other = record(11), record(77)
        plugin = plugin_for(modality)
        quality, sketch, old = plugin.quality(one), plugin.sketch(one), plugin.sketch(other)
        found = [plugin.verify_duplicate(one, there, how) for there in (sketch, old) for how in WITNESSES[modality]]
        made[modality] = {
            "quality": [quality.bp, *(part.bp for part in quality.parts)],
            "sketch": sketch.root.hex(),
            "bytes": len(sketch.encode()),
            "likeness": [_numbers(m.likeness) for m in found],
            "seen": [int(m.seen.sum()) for m in found],
            "novelty": [plugin.novelty(one, [m]).bp for m in found],
        }
        if isinstance(sketch, PlaceSketch) and isinstance(old, PlaceSketch):
            made["descriptor"] = keccak256(json.dumps(sketch.descriptor()).encode()).hex()
            tiles = {Tile((x, y)): Laid(x % 2, Transform.made()) for x in range(3) for y in range(2)}
            tiled = verify_tiles(sketch, [sketch, old], tiles)
            made["tiles"] = _numbers(tiled)
    made["thinned"] = [_numbers(plugin_for("spatial").verify_duplicate(*pair).likeness) for pair in _thinned()]
    return made


def _numbers(found: Likeness) -> list[int]:
    return [found.shared_bp, found.agreement_bp, found.compared, int(found.stretched)]


def _thinned() -> Iterator[tuple[Recorded, PlaceSketch, Transform]]:
    """A room, dense near one corner, as exporters thin it, on itself and on another."""
    raw, other = room(11, 96_000), room(77, 96_000)
    points = spatial.points_of(raw)[0]
    for size in (25, 50, 75, 100):
        thin = np.unique(points // size, axis=0) * size + size // 2
        signal = Signal("points", "point", "m", Fraction(1, 1_000), thin, axes=3)
        for old in (raw, other):
            yield Recorded("spatial", (signal,)), PlaceSketch.of(spatial.points_of(old)[0], RULES.spatial), SAME


def spelled() -> str:
    """The vectors as the golden file holds them."""
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    print(spelled(), end="")
