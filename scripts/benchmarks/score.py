"""Measure scoring on a scan of 112,000 points: the whole score, and checking one transform somebody states.

It is arithmetic on one core that waits for nothing, so what counts is processor time: on a busy machine the clock on
the wall measures the others. The wall's stands beside.
"""

from __future__ import annotations

import statistics
import time
from fractions import Fraction
from typing import Any

import numpy as np
from labelled_rooms import Ints, room, scan

from thenar.domain.scoring.plugins import plugin_for
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.signals import Recorded, Signal
from thenar.domain.scoring.transform import Transform

POINTS = 112_000
ROUNDS = 3


def run() -> dict[str, dict[str, Any]]:
    """Score a simulated scan and check it against itself, turned; entries as in ``reports/bench.json``."""
    draw = np.random.default_rng(1)
    points = scan(room(draw), draw, rays=POINTS, style="tripod").points[:POINTS]
    recorded, plugin = _recorded(points), plugin_for("spatial")
    turned = _recorded(Transform.made(9_000, mirror=True, shift_mm=(2_000, -3_000, 0)).apply(points))

    scored, checked = _Spent(), _Spent()
    for _ in range(ROUNDS):
        with scored:
            plugin.quality(recorded)
            old = plugin.sketch(recorded)
            alone, root = plugin.novelty(recorded, []), old.root
        with checked:
            match = plugin.verify_duplicate(recorded, old, Transform.made())
        if alone.bp == 0 or not root or plugin.rule.verdict(match.likeness) is not Verdict.COPY:
            raise AssertionError("a scan alone is new, and its copy is one")

    searched = _Spent()
    with searched:
        found = plugin.search(turned, old)
    shown = plugin.rule.verdict(plugin.verify_duplicate(turned, old, found).likeness)
    search = {"search_s": searched.processor[0], "search_says": shown.value}
    return {
        "score_scan_112k": _entry(scored, 5.0, {"points": len(points)}),
        "score_verify_112k": _entry(checked, 0.5, {"points": len(points)} | search),
    }


class _Spent:
    """Seconds of processor and of wall, each time it is entered."""

    def __init__(self) -> None:
        self.processor: list[float] = []
        self.wall: list[float] = []

    def __enter__(self) -> None:
        self._begun = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.processor.append(time.process_time() - self._begun[0])
        self.wall.append(time.perf_counter() - self._begun[1])


def _recorded(points: Ints) -> Recorded:
    return Recorded("spatial", (Signal("points", "point", "m", Fraction(1, 1000), points, axes=3),))


def _entry(spent: _Spent, target: float, detail: dict[str, Any]) -> dict[str, Any]:
    value = statistics.median(spent.processor)
    beside = {"slowest": max(spent.processor), "wall_s": statistics.median(spent.wall), "rounds": len(spent.wall)}
    return {"value": value, "unit": "s", "target": target, "better": "lower", "detail": detail | beside}


if __name__ == "__main__":
    for key, entry in run().items():
        print(f"{key}: {entry['value']:.4f} {entry['unit']} (target {entry['target']}) {entry['detail']}")
