"""Sums of whole numbers in bulk: what ``thenar.domain.work.aggregates`` says of one coordinate, for a unit of them.

No job's code runs here and no number is rounded, so this is done beside the node, on a thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from thenar.adapters.compute.draws import noise
from thenar.domain.work.aggregates import Kind, word
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Sum
from thenar.domain.work.sums import Numbers, state_of
from thenar.services.ports import Plan, UnitResult

_LOW: Final = 32
_LENGTH: Final = 4


def adds_up(spec: JobSpec) -> bool:
    """Whether a job is of this kind."""
    return isinstance(spec.work, Sum)


def numbers_of(plan: Plan) -> Numbers:
    """The numbers of a job, read from its files. Raises BadInput."""
    return Numbers.of(plan.spec, {name: path.read_bytes() for name, path in plan.assets.items()})


def coordinates(numbers: Numbers, first: int, count: int) -> list[int]:
    """So many coordinates from ``first`` on, 0 beyond the width: exact, as a contract computes each."""
    told = numbers.told
    inside = max(0, min(count, told.width - first))
    if told.kind is Kind.MOMENTS:
        found = [told.coordinate(first + at, numbers.values) for at in range(inside)]
    else:
        found = _moved(numbers, first, inside)
    return found + [0] * (count - inside)


def _moved(numbers: Numbers, first: int, count: int) -> list[int]:
    """Halves of 32 bits times 16 bits of noise, 4,096 of them: neither sum leaves 63 bits."""
    told = numbers.told
    high, low = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for pair, value in enumerate(numbers.values):
        drawn = noise(told.seed, pair, count, first)
        high += drawn * (value >> _LOW)
        low += drawn * (value & (1 << _LOW) - 1)
    totals = [(one << _LOW) + other for one, other in zip(high.tolist(), low.tolist(), strict=True)]
    starts = numbers.before[first : first + count]
    return [start + (total * told.rate >> told.shift) for start, total in zip(starts, totals, strict=True)]


def unit_of(numbers: Numbers, spec: JobSpec, unit: int, folder: Path) -> UnitResult:
    """Compute a unit and write its checkpoints and values to ``folder``."""
    first = unit * spec.segments
    values = coordinates(numbers, first, spec.segments)
    states = [numbers.told.encode(), *(state_of(first + at, value) for at, value in enumerate(values))]
    kept, came = folder / f"unit-{unit:010d}.states", folder / f"unit-{unit:010d}.output"
    _write(kept, states)
    digest = _write(came, [word(value) for value in values])
    leaves = b"".join(hashlib.sha256(state).digest() for state in states)
    return UnitResult(unit, Status.OK, spec.segments * spec.segment, leaves, digest, kept, came)


def _write(path: Path, pieces: Iterable[bytes]) -> bytes:
    """Frames into a file, whole or not at all; their digest."""
    data = b"".join(len(piece).to_bytes(_LENGTH, "big") + piece for piece in pieces)
    partial = path.with_suffix(path.suffix + ".part")
    partial.write_bytes(data)
    partial.replace(path)
    return hashlib.sha256(data).digest()
