"""A small model that really learns from what was opened: the main directions of each recording.

For each recording the numbers of up to 20,000 rows are centred, scaled and decomposed (singular value decomposition);
the policy keeps the means, scales and leading directions, and how well they explain the rows it did not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from thenar.adapters.media import read
from thenar.errors import BadInput

ROWS: Final = 20_000
DIRECTIONS: Final = 8


def train_policy(recordings: Sequence[tuple[Path, Path | None]], into: Path) -> None:
    """Learn from (file, layout) pairs and write the weights as .npz. Raises BadInput for unreadable files."""
    weights: dict[str, NDArray[np.float64]] = {}
    for number, (path, layout) in enumerate(recordings):
        rows = _rows(path, layout)
        half = len(rows) // 2
        if half == 0:
            raise BadInput(f"{path.name} holds too little to learn from")
        mean, scale = rows[:half].mean(axis=0), rows[:half].std(axis=0) + 1e-9
        seen, unseen = (rows[:half] - mean) / scale, (rows[half:] - mean) / scale
        _, _, directions = np.linalg.svd(seen, full_matrices=False)
        kept = directions[:DIRECTIONS]
        left = unseen - unseen @ kept.T @ kept
        weights |= {
            f"mean{number}": mean,
            f"scale{number}": scale,
            f"directions{number}": kept,
            f"unexplained{number}": np.array([(left**2).mean()]),
        }
    with into.open("wb") as file:
        np.savez(file, **weights)  # type: ignore[arg-type]


def _rows(path: Path, layout: Path | None) -> NDArray[np.float64]:
    """The first rows of the recording's widest stream."""
    found: dict[int, list[NDArray[np.int64]]] = {}
    count = 0
    with read(path, layout=layout) as recording:
        for block in recording:
            if count < ROWS:
                found.setdefault(block.stream, []).append(block.values)
                count += len(block.values)
    if not found:
        raise BadInput(f"{path.name} holds no readings")
    widest = max(found.values(), key=lambda blocks: blocks[0].shape[1] * sum(len(block) for block in blocks))
    return np.concatenate(widest)[:ROWS].astype(np.float64)
