"""A recorded file as the domain scores it: all integer records of each stream in one array."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from thenar.adapters.media.decoding import beside
from thenar.adapters.media.draft import Progress
from thenar.adapters.media.isolated import read
from thenar.adapters.media.recording import Ints, Limits, StreamInfo
from thenar.domain.scoring.signals import Recorded, Signal
from thenar.errors import BadInput

MOST_NUMBERS: Final = 100_000_000
"""Numbers one recording may hold to be scored at once: 800 MB of memory."""


def read_recorded(
    path: Path,
    *,
    layout: Path | None = None,
    limits: Limits | None = None,
    modality: str | None = None,
    progress: Progress | None = None,
) -> tuple[Recorded, tuple[str, ...]]:
    """Decode a file in a process of its own, with notes of what was left out; streams without readings are not kept.

    Raises BadInput.
    """
    numbers, records = 0, 0
    with read(path, limits=limits, layout=layout or beside(path)) as recording:
        values: list[list[Ints]] = [[] for _ in recording.head.streams]
        times: list[list[Ints]] = [[] for _ in recording.head.streams]
        for block in recording:
            numbers, records = numbers + block.values.size, records + len(block.values)
            if numbers > MOST_NUMBERS:
                raise BadInput(f"{path.name} holds more than {MOST_NUMBERS:,} numbers", next_step="score it in pieces")
            values[block.stream].append(block.values)
            if block.times is not None:
                times[block.stream].append(block.times)
            if progress is not None:
                progress(records, 0)
        streams = zip(recording.head.streams, values, times, strict=True)
        signals = tuple(_signal(info, rows, clock) for info, rows, clock in streams if rows)
        return Recorded(modality or recording.head.modality, signals), tuple(recording.notes)


def _signal(info: StreamInfo, values: list[Ints], times: list[Ints]) -> Signal:
    return Signal(
        name=info.name,
        kind=info.kind,
        units=info.units,
        scale=Fraction(info.scale_num, info.scale_den),
        values=np.concatenate(values),
        times=np.concatenate(times) if times else None,
        count=info.count,
        axes=info.axes,
        zero_offset=info.zero_offset,
        rate_mhz=info.rate_mhz,
    )
