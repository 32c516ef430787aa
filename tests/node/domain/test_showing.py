"""Recordings made small enough to draw: nothing is added, peaks stay, a published scan is shown in cubes of 400 mm."""

from __future__ import annotations

from base64 import b64decode
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.signals import Signal
from thenar.domain.showing import (
    MOST_COLUMNS,
    MOST_POINTS,
    MOST_ROWS,
    SHELL_MM,
    cloud_of,
    heat_of,
    shell_of,
    stream_of,
    timing_of,
)


def whole(text: object) -> np.ndarray:
    return np.frombuffer(b64decode(str(text)), dtype="<i4").reshape(-1, 3)


def touch(values: np.ndarray, **traits: object) -> Signal:
    return Signal("tips", "normal_force", "N", Fraction(1, 1000), values, **traits)


@given(st.integers(0, 2**32 - 1), st.integers(1, 400))
def test_a_shell_is_every_cube_of_400_mm_that_holds_a_point_and_tells_no_counts(seed, count) -> None:
    points = np.random.default_rng(seed).integers(0, 5_000, (count, 3))
    shell = shell_of(PlaceSketch.of(points, RULES.spatial))

    cells = (points - points.min(axis=0)) // RULES.spatial.cell_mm
    cubes = np.unique(cells * RULES.spatial.cell_mm // SHELL_MM, axis=0)
    assert np.array_equal(whole(shell["places"]), cubes - cubes.min(axis=0))
    assert shell.keys() == {"edge_mm", "cubes", "places"}
    assert (shell["edge_mm"], shell["cubes"]) == (SHELL_MM, len(cubes))


def test_points_closer_than_a_cube_cannot_be_told_apart_in_a_shell() -> None:
    corner = np.array([[0, 0, 0], [2_000, 0, 0]])
    near, nearer = (np.vstack([corner, [[x, 130, 90]]]) for x in (60, 310))

    shells = [shell_of(PlaceSketch.of(points, RULES.spatial)) for points in (near, nearer)]

    assert shells[0] == shells[1]


def test_a_cloud_begins_at_its_corner_and_is_thinned_evenly_to_what_can_be_drawn() -> None:
    points = np.arange(3 * (MOST_POINTS + 1)).reshape(-1, 3) - 77
    cloud = cloud_of(points)

    shown = whole(cloud["places"])
    assert (cloud["points"], cloud["shown"]) == (MOST_POINTS + 1, len(shown))
    assert len(shown) <= MOST_POINTS
    assert np.array_equal(shown, (points - points[0])[::2])
    assert cloud["size_mm"] == [3 * MOST_POINTS] * 3


@given(st.integers(0, 2**32 - 1), st.integers(1, 1_500), st.integers(1, 300), st.integers(1, 3))
def test_the_strongest_reading_and_the_weakest_keep_their_shade_however_small_the_map(seed, readings, sensors, axes):
    values = np.random.default_rng(seed).integers(-900, 900, (readings, sensors * axes))
    heat = heat_of(touch(values, count=sensors, axes=axes, zero_offset=5))

    cells = np.frombuffer(b64decode(str(heat["cells"])), dtype=np.uint8)
    strength = np.abs(values - 5).reshape(readings, sensors, axes).sum(axis=2)
    assert heat["rows"] == min(sensors, MOST_ROWS)
    assert heat["columns"] == min(readings, MOST_COLUMNS)
    assert len(cells) == heat["rows"] * heat["columns"]
    assert heat["high"] == strength.max() / 1000
    assert heat["low"] >= strength.min() / 1000
    if heat["high"] > heat["low"]:
        assert (cells.max(), cells.min()) == (255, 0)


def test_a_press_shows_where_and_when_it_was() -> None:
    values = np.zeros((4, 3), dtype=np.int64)
    values[2, 1] = 500
    heat = heat_of(touch(values, count=3))

    cells = np.frombuffer(b64decode(str(heat["cells"])), dtype=np.uint8).reshape(3, 4)
    assert np.argwhere(cells).tolist() == [[1, 2]]


def test_timing_tells_the_usual_distance_and_the_longest_gap() -> None:
    times = np.concatenate([np.arange(100), 150 + np.arange(100)]) * 10_000_000
    timing = timing_of(times)

    assert timing is not None
    assert (timing["usual_ms"], timing["longest_ms"], timing["late"]) == (10.0, 510.0, 1)
    assert sum(timing["counts"]) == 199  # type: ignore[arg-type]
    assert timing_of(times[:1]) is None


def test_a_stream_without_a_clock_has_no_timing() -> None:
    shown = stream_of(touch(np.ones((5, 2), dtype=np.int64), count=2))

    assert (shown["timing"], shown["readings"], shown["sensors"]) == (None, 5, 2)
