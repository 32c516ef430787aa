"""What a reader yields: streams of integer records with units and clocks."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thenar.errors import BadInput

Ints: TypeAlias = NDArray[np.int64]

EXACT: Final = 2**53
"""Integers a double holds exactly; larger results of a conversion are refused."""
BLOCK_NUMBERS: Final = 1 << 18
"""Numbers in one block: 2 MiB of int64."""
ARBITRARY: Final = "[arb'U]"
"""UCUM's arbitrary unit: the file does not say and nobody declared it."""

DAMAGE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
"""What decoder libraries raise over damaged files, besides errors of their own. Found by mutating valid files."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost before it is refused.

    ``bytes`` of the file, ``records`` over all streams, ``fields`` of one record, bytes of one text ``line``,
    bytes of ``memory`` and ``seconds`` of work or silence of the decoding process.
    """

    bytes: int = 8 << 30
    records: int = 500_000_000
    fields: int = 16_384
    line: int = 1 << 20
    memory: int = 3 << 30
    seconds: int = 300

    def check_records(self, promised: int, what: str) -> None:
        """Refuse a promise of too many records. Raises BadInput."""
        if promised > self.records:
            raise BadInput(
                f"{what} promises {promised:,} records; at most {self.records:,} are read",
                next_step="split the recording, or raise the record limit",
            )

    def check_fields(self, promised: int, what: str) -> None:
        """Refuse a promise of too many fields. Raises BadInput."""
        if promised > self.fields:
            raise BadInput(f"{what} has {promised:,} fields; at most {self.fields:,} are read")

    def check_memory(self, needed: int, what: str) -> None:
        """Refuse what would unpack to more than a quarter of the memory limit. Raises BadInput."""
        if needed > self.memory // 4:
            raise BadInput(f"{what} would unpack to {needed:,} bytes; at most {self.memory // 4:,} are allowed")


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One signal: ``count`` sensors of ``axes`` numbers; n means (n - zero_offset) * scale_num / scale_den ``units``.

    ``rate_mhz`` is the declared rate in millihertz; 0 when the clock is in the records or there is none.
    """

    name: str
    kind: str
    count: int
    axes: int
    units: str
    scale_num: int = 1
    scale_den: int = 1
    zero_offset: int = 0
    rate_mhz: int = 0

    @property
    def width(self) -> int:
        """Numbers in one record."""
        return self.count * self.axes


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one stream: times in ns, shape (n,), or None for a stream without a clock; values, shape (n, width)."""

    stream: int
    times: Ints | None
    values: Ints


@dataclass(frozen=True, slots=True)
class Head:
    """What is known before the first record. ``start_ns`` is UTC when the file's clock is absolute."""

    format: str
    modality: str
    streams: tuple[StreamInfo, ...]
    absolute: bool = False


@dataclass(slots=True)
class Reading:
    """A file being decoded: its head, blocks to take once, and notes that are complete when the blocks are."""

    head: Head
    blocks: Iterator[Block]
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """What went by in one stream."""

    samples: int = 0
    low: int = 0
    high: int = 0
    first_ns: int | None = None
    last_ns: int | None = None
    backwards: int = 0

    def add(self, block: Block) -> None:
        """Count one block in."""
        low, high = int(block.values.min()), int(block.values.max())
        self.low = min(self.low, low) if self.samples else low
        self.high = max(self.high, high) if self.samples else high
        self.samples += len(block.values)
        if block.times is not None:
            steps = np.diff(block.times, prepend=self.last_ns if self.last_ns is not None else block.times[0])
            self.backwards += int((steps < 0).sum())
            self.first_ns = int(block.times[0]) if self.first_ns is None else self.first_ns
            self.last_ns = int(block.times[-1])

    @property
    def dtype(self) -> str:
        """The smallest integer type that holds every value seen."""
        for name in ("uint8", "int8", "uint16", "int16", "uint32", "int32"):
            room = np.iinfo(name)
            if room.min <= self.low and self.high <= room.max:
                return name
        return "int64"


def file_size(path: Path, limits: Limits) -> int:
    """Bytes of a regular, non-empty file within the limit. Raises BadInput."""
    try:
        known = path.stat()
    except OSError as cause:
        raise BadInput(f"cannot read {path.name}: {cause.strerror}", next_step="check the path") from cause
    if not path.is_file():
        raise BadInput(f"{path.name} is not a regular file", next_step="name one recorded file")
    if known.st_size == 0:
        raise BadInput(f"{path.name} is empty", next_step="record it again or name another file")
    if known.st_size > limits.bytes:
        raise BadInput(f"{path.name} has {known.st_size:,} bytes; at most {limits.bytes:,} are read")
    return known.st_size


def in_blocks(stream: int, times: Ints | None, values: Ints) -> Iterator[Block]:
    """Cut rows into blocks of bounded size."""
    step = max(1, BLOCK_NUMBERS // max(1, values.shape[1]))
    for start in range(0, len(values), step):
        part = slice(start, start + step)
        yield Block(stream, None if times is None else times[part], values[part])
