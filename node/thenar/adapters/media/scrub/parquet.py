"""Parquet tables: key-value metadata and telling columns go, pictures lose their metadata, row groups are new."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from thenar.adapters.media.layout import Layout
from thenar.adapters.media.parquet import FAILURES, check_promise, damaged, open_parquet
from thenar.adapters.media.recording import Limits, file_size
from thenar.adapters.media.scrub.pictures import blank_metadata
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.scrub.words import is_private, left_out
from thenar.errors import BadInput

_ROWS: Final = 16_384


def scrub_parquet(path: Path, out: BinaryIO, *, limits: Limits, layout: Layout | None) -> Scrubbed:
    """Write the columns that tell nothing, without metadata of the file or of its fields. Raises BadInput."""
    size = file_size(path, limits)
    try:
        source = open_parquet(path)
        check_promise(source.metadata, size, limits)
        schema = source.schema_arrow
        dropped = [field.name for field in schema if _tells(field)]
        kept = [_bare(field) for field in schema if field.name not in dropped]
        if not kept:
            raise BadInput(f"every column of {path.name} is a position on earth or a person's")
        names = [field.name for field in kept]
        with pq.ParquetWriter(out, pa.schema(kept), compression="zstd") as writer:
            for batch in source.iter_batches(batch_size=_ROWS, columns=names, use_threads=False):
                columns = [_cleaned(batch.column(field.name)).cast(field.type) for field in kept]
                writer.write_table(pa.Table.from_arrays(columns, schema=pa.schema(kept)))
    except FAILURES as cause:
        raise damaged(cause) from cause
    return Scrubbed("parquet", ["metadata is left out of the sealed file", *left_out("columns", dropped)])


def _tells(field: Any) -> bool:
    if is_private(field.name):
        return True
    kind = field.type
    return any(_tells(kind.field(index)) for index in range(kind.num_fields)) if kind.num_fields else False


def _bare(field: Any) -> Any:
    return pa.field(field.name, field.type, field.nullable)


def _cleaned(column: Any) -> Any:
    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if cell is None else blank_metadata(cell) for cell in column.to_pylist()], type=kind)
    if pa.types.is_struct(kind):
        parts = [_cleaned(column.field(index)) for index in range(kind.num_fields)]
        return pa.StructArray.from_arrays(parts, fields=list(kind), mask=column.is_null())
    return column
