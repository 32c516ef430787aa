"""The labelled set: copies made as cheats make them, and honest recordings, each compared with what was there before.

Copies are judged under the witness a challenger who knows what was done would state. Honest recordings are judged under
the witness that speaks most against them, as far as the node's own search finds it. Every case names the source it came
from, so that two halves of the set never share one. Scans are in ``labelled_scans``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from labelled_cases import COPY, HONEST, Case, Size
from labelled_rooms import Ints

from thenar.adapters.simulation import record_hand
from thenar.domain.scoring.integers import share
from thenar.domain.scoring.playing import Played
from thenar.domain.scoring.plugins import plugin_for, units
from thenar.domain.scoring.signals import Recorded, Signal


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
        for earlier in known[source % 2 :: 2][-7:]:
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
