"""A rollout as ``thenar job fetch`` leaves it: the output of one unit with its job beside it, run again here."""

from __future__ import annotations

import json
import re
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import trio

from thenar.adapters.compute.offering import open_executor
from thenar.adapters.compute.recording import decoded
from thenar.domain import canonical
from thenar.domain.scoring.signals import Recorded, Replay, Signal
from thenar.domain.work.jobs import JobSpec
from thenar.domain.work.jobwork import Simulation
from thenar.domain.work.results import frames
from thenar.errors import BadInput
from thenar.services.rollouts import replayed

_UNIT: Final = re.compile(r"unit-([0-9]{6,10})\.bin")
_INDEX: Final = "job.json"
_MOST: Final = 512 * 1024 * 1024
_NEXT: Final = "`thenar job fetch` writes units and their job into one folder"


def is_rollout(path: Path) -> bool:
    """Whether a file is one unit's output with its job beside it."""
    return _UNIT.fullmatch(path.name) is not None and (path.parent / _INDEX).is_file()


def read(path: Path, files: Path | None) -> tuple[Recorded, tuple[str, ...]]:
    """The unit as a recording, run again here when the job's files are named. Raises BadInput."""
    found = _UNIT.fullmatch(path.name)
    if found is None:
        raise BadInput(f"{path.name} is no unit's output", next_step=_NEXT)
    spec, output = _spec(path.parent / _INDEX), _bytes(path, _MOST)
    signal = _states(spec, list(frames(output)))
    if files is None:
        note = "name the folder of the job's files with --files to have it run again"
        return Recorded("rollout", (signal,)), (note,)
    replay = trio.run(_again, spec, files.expanduser(), int(found[1]), output)
    return Recorded("rollout", (signal,), replay), ()


def _bytes(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise BadInput(f"{path.name} has more than {most:,} bytes")
        return path.read_bytes()
    except OSError as cause:
        raise BadInput(f"cannot read {path.name}: {cause.strerror}", next_step="check the path") from cause


def _spec(path: Path) -> JobSpec:
    try:
        tree = json.loads(_bytes(path, 4 * 1024 * 1024))
        said = tree["spec"]
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise BadInput(f"{path.name} names no job", next_step=_NEXT) from cause
    return JobSpec.decode(canonical.encode(said))


def _states(spec: JobSpec, pieces: list[bytes]) -> Signal:
    if not isinstance(spec.work, Simulation) or not spec.work.record.fields:
        raise BadInput(f"a unit of {spec.kind} that records nothing is no rollout", next_step="set [work.record]")
    record = spec.work.record
    rows = [decoded(piece, record, spec.segment // record.every) for piece in pieces if piece]
    if not rows:
        raise BadInput("this unit put out nothing")
    fields = "+".join(record.fields)
    return Signal("states", f"states {fields}", "1", Fraction(1, 1_000_000), np.concatenate(rows))


async def _again(spec: JobSpec, files: Path, unit: int, output: bytes) -> Replay:
    assets = {name: files / name for name in spec.assets}
    for name, place in assets.items():
        if not await trio.Path(place).is_file():
            raise BadInput(f"{files} does not hold {name}", next_step="name the folder the job was posted from")
    with tempfile.TemporaryDirectory(prefix="thenar-replay-") as folder:
        async with open_executor() as executor:
            return await replayed(executor, spec, assets, unit, output, folder=Path(folder))
