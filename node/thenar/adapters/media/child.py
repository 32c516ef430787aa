"""The decoding process: one file in, frames out, nothing else reachable.

Run as ``python -m thenar.adapters.media.child`` with one JSON argument. Memory, CPU time, file size, open files and
core dumps are limited before the first byte of the file is looked at.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from thenar.adapters.media.decoding import open_reading
from thenar.adapters.media.frames import send_block, send_end, send_head, send_refusal
from thenar.adapters.media.layout import Layout, load_layout
from thenar.adapters.media.recording import Block, Limits, in_blocks
from thenar.errors import BadInput


def confine(limits: Limits) -> None:
    """Limit this process for good."""
    _lower(resource.RLIMIT_AS, limits.memory + (1 << 30))  # libraries map about a gigabyte they never touch
    _lower(resource.RLIMIT_CPU, limits.seconds)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, 64)


def _lower(which: int, wanted: int) -> None:
    _, hard = resource.getrlimit(which)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (most, most))


def decode(path: Path, layout: Path | None, limits: Limits, head_only: bool, out: BinaryIO) -> None:
    """Write a file's head, blocks and end, or its refusal, as frames."""
    try:
        declared: Layout | None = load_layout(layout) if layout is not None else None
        reading = open_reading(path, limits=limits, layout=declared)
        send_head(out, reading.head)
        records = 0
        if not head_only:
            for block in reading.blocks:
                records += len(block.values)
                limits.check_records(records, path.name)
                _send_rows(out, block)
        send_end(out, reading.notes)
    except BadInput as refusal:
        send_refusal(out, refusal)
    except (MemoryError, RecursionError) as cause:
        send_refusal(out, BadInput(f"decoding {path.name} needs more memory than is allowed ({type(cause).__name__})"))


def _send_rows(out: BinaryIO, block: Block) -> None:
    for part in in_blocks(block.stream, block.times, block.values):
        send_block(out, part)


def main() -> None:
    """Decode the file the argument names."""
    said = json.loads(sys.argv[1])
    limits = replace(Limits(), **said["limits"])
    confine(limits)
    tempfile.tempdir = "/nonexistent"
    layout = Path(said["layout"]) if said["layout"] else None
    decode(Path(said["path"]), layout, limits, bool(said["head_only"]), sys.stdout.buffer)


if __name__ == "__main__":
    main()
