"""Parquet tables of numbers: scalars, fixed lists, structs, dictionaries, timestamps.

A row with a null in a used column is left out and counted. Source: apache/parquet-format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from thenar.adapters.media.layout import Layout
from thenar.adapters.media.quantise import integers, nanoseconds
from thenar.adapters.media.recording import ARBITRARY, DAMAGE, Block, Head, Limits, Reading, StreamInfo, file_size
from thenar.errors import BadInput

MICRO: Final = Fraction(1, 1_000_000)
_BATCH: Final = 8_192
_RATIO: Final = 50_000  # run-length and dictionary coding pack equal values very tightly
FAILURES: Final = (pa.ArrowException, *DAMAGE)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One stream: flattened columns side by side, and how their numbers become integers."""

    info: StreamInfo
    conversion: tuple[Fraction, int]
    columns: tuple[str, ...]


def read_parquet(path: Path, *, limits: Limits, layout: Layout | None) -> Reading:
    """Read numeric columns, or those a layout names, as integer streams. Raises BadInput."""
    size = file_size(path, limits)
    try:
        source = open_parquet(path)
        check_promise(source.metadata, size, limits)
        first = _flat(next(source.iter_batches(batch_size=_BATCH, use_threads=False), None), limits)
    except FAILURES as cause:
        raise damaged(cause) from cause
    widths = {name: _width(column) for name, column in first.items()}
    notes: list[str] = []
    skipped = [name for name, width in widths.items() if width == 0]
    usable = {name: width for name, width in widths.items() if width > 0}
    if skipped:
        notes.append(f"columns without numbers to read were left out: {', '.join(skipped)[:160]}")
    clock, unit, absolute = _clock(first, layout)
    if layout is None:
        plans = _undeclared(usable, first, clock)
        notes.append("no layout declares units: numbers are in arbitrary units, floats in millionths")
    else:
        plans = _declared(usable, layout)
    if not plans:
        raise BadInput("the Parquet holds no numeric column", next_step="name the file with the recording")
    limits.check_fields(sum(plan.info.width for plan in plans), "the Parquet")
    modality = layout.modality if layout is not None else "trajectory"
    head = Head("parquet", modality, tuple(plan.info for plan in plans), absolute)
    reading = Reading(head, iter(()), notes)
    reading.blocks = _blocks(source, plans, (clock, unit), limits, notes)
    return reading


def open_parquet(path: Path) -> Any:
    """A Parquet file, its own strings and lists bounded."""
    return pq.ParquetFile(
        str(path), thrift_string_size_limit=64 << 20, thrift_container_size_limit=1 << 20, pre_buffer=False
    )


def check_promise(metadata: Any, size: int, limits: Limits) -> None:
    """Check what the footer promises against the file's size and the limits. Raises BadInput."""
    if metadata.num_rows == 0:
        raise BadInput("the Parquet has no rows", next_step="record it again")
    limits.check_records(metadata.num_rows, "the Parquet")
    limits.check_fields(metadata.num_columns, "the Parquet")
    for index in range(metadata.num_row_groups):
        unpacked = metadata.row_group(index).total_byte_size
        if not 0 <= unpacked <= max(size, 4096) * _RATIO:
            raise BadInput(f"a Parquet row group promises {unpacked:,} bytes in a file of {size:,}")
        limits.check_memory(unpacked, "a Parquet row group")


def _flat(batch: Any, limits: Limits) -> dict[str, Any]:
    """Columns of a batch by name, structs flattened to ``a.b``, dictionaries decoded."""
    if batch is None:
        raise BadInput("the Parquet has no rows", next_step="record it again")
    table = pa.Table.from_batches([batch])
    for _ in range(8):
        if not any(pa.types.is_struct(field.type) for field in table.schema):
            break
        table = table.flatten()
        limits.check_fields(table.num_columns, "the Parquet")
    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in columns:
            raise BadInput(f"the Parquet has two columns named {name[:80]!r}")
        whole = column.combine_chunks()
        if isinstance(whole, pa.ChunkedArray):
            whole = pa.concat_arrays(whole.chunks)
        columns[name] = whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole
    return columns


def _is_number(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_decimal(kind))


def _is_list(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _width(column: Any) -> int:
    """Numbers in one cell of a column; 0 when it holds no numbers or lists of unequal length."""
    kind = column.type
    if _is_number(kind) or pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        return 1
    if not _is_list(kind) or not _is_number(kind.value_type):
        return 0
    lengths = pc.unique(pc.list_value_length(column).drop_null())
    return lengths[0].as_py() if len(lengths) == 1 else 0


def _clock(first: dict[str, Any], layout: Layout | None) -> tuple[str | None, str, bool]:
    if layout is not None:
        if layout.time is None:
            return None, "", False
        if layout.time.column not in first:
            raise BadInput(f"the layout's time column {layout.time.column!r} is not in the Parquet")
        return layout.time.column, layout.time.unit, layout.time.epoch
    stamped = [name for name, column in first.items() if pa.types.is_timestamp(column.type)]
    if len(stamped) != 1:
        return None, "", False
    return stamped[0], str(first[stamped[0]].type.unit), True


def _undeclared(usable: dict[str, int], first: dict[str, Any], clock: str | None) -> list[_Plan]:
    plans = []
    for name, width in usable.items():
        if name != clock:
            kind = first[name].type
            inner = kind.value_type if _is_list(kind) else kind
            scale = MICRO if pa.types.is_floating(inner) or pa.types.is_decimal(inner) else Fraction(1)
            info = StreamInfo(name, name, width, 1, ARBITRARY, scale.numerator, scale.denominator)
            plans.append(_Plan(info, (scale, 0), (name,)))
    return plans


def _declared(usable: dict[str, int], layout: Layout) -> list[_Plan]:
    names = list(usable)
    plans = []
    for signal in layout.signals:
        columns = tuple(names[index] for index in signal.choose(names))
        plans.append(_Plan(signal.info(sum(usable[name] for name in columns)), signal.conversion, columns))
    return plans


def _blocks(
    source: Any, plans: Sequence[_Plan], clock: tuple[str | None, str], limits: Limits, notes: list[str]
) -> Iterator[Block]:
    dropped = 0
    used = {name for plan in plans for name in plan.columns} | ({clock[0]} - {None})
    try:
        for batch in source.iter_batches(batch_size=_BATCH, use_threads=False):
            columns = _flat(batch, limits)
            kept = np.ones(batch.num_rows, dtype=bool)
            for name in used:
                kept &= _present(columns[str(name)])
            dropped += int((~kept).sum())
            mask = pa.array(kept)
            columns = {str(name): columns[str(name)].filter(mask) for name in used}
            if kept.any():
                yield from _rows(columns, plans, clock)
    except FAILURES as cause:
        raise damaged(cause) from cause
    if dropped:
        notes.append(f"{dropped:,} rows with nulls were left out")


def _present(column: Any) -> NDArray[np.bool_]:
    present = np.asarray(column.is_valid())
    if _is_list(column.type) and pc.list_flatten(column).null_count:
        present &= np.array([None not in (cell or ()) for cell in column.to_pylist()], dtype=bool)
    return present


def _rows(columns: dict[str, Any], plans: Sequence[_Plan], clock: tuple[str | None, str]) -> Iterator[Block]:
    times = None
    if clock[0] is not None:
        times = nanoseconds(_numbers(columns[clock[0]], 1, clock[0])[:, 0], clock[1], f"column {clock[0]}")
    for index, plan in enumerate(plans):
        widths = [_width(columns[name]) for name in plan.columns]
        if sum(widths) != plan.info.width:
            raise BadInput(f"column {plan.columns[0][:80]!r} changes the length of its lists")
        parts = [_numbers(columns[name], width, name) for name, width in zip(plan.columns, widths, strict=True)]
        values = integers(np.concatenate(parts, axis=1), *plan.conversion, f"column {plan.info.name}")
        yield Block(index, times, values)


def _numbers(column: Any, width: int, name: str) -> NDArray[Any]:
    values = pc.list_flatten(column) if _is_list(column.type) else column
    if pa.types.is_timestamp(values.type) or pa.types.is_duration(values.type):
        values = values.cast(pa.int64())
    elif pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    elif pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    made = values.to_numpy(zero_copy_only=False)
    if made.dtype.kind not in "iuf" or len(made) != len(column) * width:
        raise BadInput(f"column {name[:80]!r} does not hold {width} numbers in each row")
    return np.asarray(made).reshape(len(column), width)


def damaged(cause: BaseException) -> BadInput:
    """What to say of a file its decoder library gave up on."""
    said = " ".join(str(cause).split())[:160] or type(cause).__name__
    return BadInput(f"the Parquet cannot be decoded: {said}", next_step="the file is cut short or corrupt")
