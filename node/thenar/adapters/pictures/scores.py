"""What a contributor sees of her own recording: where points lie dense, what is new, which taxels felt, gaps in time.

The pictures stay with her: a heat map of taxels is the shape of a hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from thenar.adapters.pictures.canvas import PAPER, Colours, Grid, bars, heat, save
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.signals import Flags, Recorded, Signal
from thenar.domain.scoring.tactile import touch_of

_COLUMNS: Final = 600
_NEW, _SEEN = (0, 114, 178), (230, 159, 0)


def draw_place(folder: Path, sketch: PlaceSketch, seen: list[Flags]) -> list[Path]:
    """``point-density.png`` and ``coverage.png``, both from above, y upwards."""
    cells, counts = sketch.cells, sketch.counts
    density = _grid(cells[:, :2], counts)
    size = sketch.rules.cell_mm
    words = [
        f"seen from above; one dot is {size} mm",
        f"{int(counts.sum()):,} points, at most {int(density.max()):,} over a dot",
        "light is dense; every step of colour is the same factor",
    ]
    coarse = cells[:, :2] * size // sketch.rules.voxel_mm
    known = np.logical_or.reduce(seen).astype(np.int64) if seen else np.zeros(len(cells), dtype=np.int64)
    held, old = _grid(coarse, np.ones(len(cells), dtype=np.int64)), _grid(coarse, known)
    colours = np.full((*held.shape, 3), PAPER, dtype=np.uint8)
    colours[held > 0] = _NEW
    colours[(held > 0) & (2 * old >= held)] = _SEEN
    share = 100 * int(known.sum()) // len(known)
    said = [
        f"seen from above; one square is {sketch.rules.voxel_mm} mm",
        f"blue is new, orange is shown by earlier recordings: {share}% of the cells",
    ]
    return [
        save(folder / "point-density.png", heat(density)[::-1], "Point density", words),
        save(folder / "coverage.png", colours[::-1], "Coverage", said),
    ]


def _grid(places: Grid, weights: Grid) -> Grid:
    x, y = (places - places.min(axis=0)).T
    step = max(1, int(max(x.max(), y.max())) // 1800 + 1)
    made = np.zeros((int(y.max()) // step + 1, int(x.max()) // step + 1), dtype=np.int64)
    np.add.at(made, (y // step, x // step), weights)
    return made


def draw_touch(folder: Path, recorded: Recorded) -> Path:
    """``taxels.png``: a row for every taxel, time from left to right, light where it differs from its rest."""
    rows, _ = touch_of(recorded)
    rest = np.sort(rows, axis=0)[len(rows) // 20]
    loads = _squeezed(np.abs(rows - rest)).T
    words = [
        f"{rows.shape[1]:,} taxels from top to bottom, {len(rows):,} readings from left to right",
        "light is load away from rest; paper is none. This picture is for you alone: it tells the shape of a hand",
    ]
    return save(folder / "taxels.png", heat(loads), "Taxels over time", words)


def draw_motion(folder: Path, signals: tuple[Signal, ...]) -> Path:
    """``motion.png``: a row for every number, time from left to right, light where it changes."""
    longest = max(len(signal.values) for signal in signals)
    kept = [signal for signal in signals if len(signal.values) == longest and longest > 1]
    steps = [_squeezed(np.abs(np.diff(signal.values, axis=0))).T for signal in kept]
    scaled = [part * 1000 // max(1, int(part.max())) for part in steps]
    words = [
        f"{sum(len(part) for part in steps)} numbers of {', '.join(s.name for s in kept)[:80]}, {longest:,} samples"
    ]
    return save(folder / "motion.png", heat(np.concatenate(scaled)), "Change over time", [*words, "light changes most"])


def _squeezed(rows: Grid) -> Grid:
    """The largest of every run of rows, so that at most a picture's width is left."""
    edges = np.linspace(0, len(rows), min(len(rows), _COLUMNS) + 1).astype(np.int64)[:-1]
    return np.asarray(np.maximum.reduceat(rows, edges, axis=0), dtype=np.int64)


def draw_timing(folder: Path, recorded: Recorded) -> Path | None:
    """``timing.png``: the longest step of the clock in each stretch of the recording; None without a clock."""
    clocks = [signal.times for signal in recorded.signals if signal.times is not None and len(signal.times) > 2]
    if not clocks:
        return None
    steps = np.diff(np.unique(max(clocks, key=len))).astype(np.int64)
    if not len(steps):
        return None
    worst = _squeezed(np.asarray(steps // 1000, dtype=np.int64)[:, None])[:, 0]
    middle = int(np.sort(steps)[len(steps) // 2])
    words = [
        f"the longest wait between two readings, over {int(steps.sum()) // 10**9:,} s from left to right",
        f"usually {middle / 1e6:.3f} ms, at most {int(steps.max()) / 1e6:.3f} ms",
    ]
    wide: Colours = np.repeat(bars(worst), max(1, 480 // len(worst)), axis=1)
    return save(folder / "timing.png", wide, "Timing gaps", words)
