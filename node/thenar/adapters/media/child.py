"""The decoding process: one file in, frames out, nothing else reachable but the file a scrubbed copy goes to.

Run as ``python -m thenar.adapters.media.child`` with one JSON argument. Memory, CPU time, file size, open files and
core dumps are limited before the first byte of the file is looked at.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

from thenar.adapters.media.decoding import open_reading
from thenar.adapters.media.frames import send_block, send_end, send_head, send_refusal, send_scrubbed
from thenar.adapters.media.layout import Layout, load_layout
from thenar.adapters.media.recording import Block, Limits, in_blocks
from thenar.adapters.media.scrub.opening import scrub
from thenar.errors import BadInput

MAX_ASKED: Final = 1 << 16
"""Bytes of a request: a path, a layout and limits."""


def confine(limits: Limits, written: int) -> None:
    """Limit this process for good; it may write files of at most ``written`` bytes."""
    _lower(resource.RLIMIT_AS, limits.memory + (1 << 30))  # libraries map about a gigabyte they never touch
    _lower(resource.RLIMIT_CPU, limits.seconds)
    _lower(resource.RLIMIT_FSIZE, written)
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


def rewrite(path: Path, layout: Path | None, limits: Limits, target: int, out: BinaryIO) -> None:
    """Write a scrubbed copy to the descriptor ``target`` and what was left out, or the refusal, as a frame."""
    try:
        declared: Layout | None = load_layout(layout) if layout is not None else None
        with open(target, "r+b") as copy:
            made = scrub(path, copy, limits=limits, layout=declared)
        send_scrubbed(out, made)
    except BadInput as refusal:
        send_refusal(out, refusal)
    except (MemoryError, RecursionError) as cause:
        send_refusal(out, BadInput(f"scrubbing {path.name} needs more memory than is allowed ({type(cause).__name__})"))


def _send_rows(out: BinaryIO, block: Block) -> None:
    for part in in_blocks(block.stream, block.times, block.values):
        send_block(out, part)


def serve(channel: socket.socket) -> None:
    """Fork once for each file asked for, until the channel closes: answer with a handle, then with the exit code."""
    while True:
        asked, passed, _, _ = socket.recv_fds(channel, MAX_ASKED, 2)
        if not asked:
            return
        pid = os.fork()
        if pid == 0:
            _forked(channel, asked, passed)
        for fd in passed:
            os.close(fd)
        handle = os.pidfd_open(pid)
        socket.send_fds(channel, [b"\x00"], [handle])
        os.close(handle)
        _, status = os.waitpid(pid, 0)
        channel.send(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _forked(channel: socket.socket, asked: bytes, passed: list[int]) -> NoReturn:
    code = 1
    try:
        channel.close()
        os.setsid()
        os.dup2(passed[0], 1)
        os.close(passed[0])
        work({**json.loads(asked), "target": passed[1] if len(passed) > 1 else None})
        sys.stdout.flush()
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Decode the file the argument names, or wait on a channel for files."""
    if sys.argv[1] == "--warm":
        serve(socket.socket(fileno=int(sys.argv[2])))
    else:
        work(json.loads(sys.argv[1]))


def work(said: dict[str, Any]) -> None:
    """Confine this process, then do to one file what was said."""
    limits = replace(Limits(), **said["limits"])
    confine(limits, int(said["written"]))
    tempfile.tempdir = "/nonexistent"
    layout = Path(said["layout"]) if said["layout"] else None
    if said["target"] is not None:
        rewrite(Path(said["path"]), layout, limits, int(said["target"]), sys.stdout.buffer)
    else:
        decode(Path(said["path"]), layout, limits, bool(said["head_only"]), sys.stdout.buffer)


if __name__ == "__main__":
    main()
