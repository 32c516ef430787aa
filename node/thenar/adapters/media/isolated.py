"""Decoding in a process of its own, so that a crash or a memory bomb in a decoder stays there.

The child gets the file's path and limits, no secrets, and an environment of a few harmless variables. It is killed
when it is silent for longer than the limit, or when the reader stops reading.
"""

from __future__ import annotations

import dataclasses
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from thenar.adapters.media.frames import block_of, head_of, receive
from thenar.adapters.media.recording import Block, Head, Limits, Reading, Tally, file_size
from thenar.errors import BadInput, Corrupt

_SINGLE: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS")


class Recording:
    """A decoded file: ``head`` and ``notes``, and its blocks by iterating once. ``tallies`` count what went by.

    Use as a context manager, or iterate to the end: the decoding process lives until then.
    """

    def __init__(self, path: Path, head: Head, child: _Child) -> None:
        self.path, self.head = path, head
        self.notes: list[str] = []
        self.tallies = [Tally() for _ in head.streams]
        self._child = child

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.end()

    def __iter__(self) -> Iterator[Block]:
        """Yield blocks in file order. Raises BadInput when the rest of the file turns out to be bad."""
        try:
            while True:
                header, payload = self._child.frame()
                if "end" in header:
                    self.notes = [str(note) for note in header["end"]]
                    return
                block = block_of(header, payload, self.head)
                self.tallies[block.stream].add(block)
                yield block
        finally:
            self._child.end()


def read(path: Path, *, limits: Limits | None = None, layout: Path | None = None) -> Recording:
    """Decode a file in a process of its own; the head is read when this returns. Raises BadInput."""
    child, head = _start(path, limits or Limits(), layout, head_only=False)
    return Recording(path, head, child)


def read_head(path: Path, *, limits: Limits | None = None, layout: Path | None = None) -> Reading:
    """Decode only as far as needed to name the streams. Raises BadInput."""
    child, head = _start(path, limits or Limits(), layout, head_only=True)
    with child.ending():
        header, _ = child.frame()
    return Reading(head, iter(()), [str(note) for note in header.get("end", ())])


def _start(path: Path, limits: Limits, layout: Path | None, *, head_only: bool) -> tuple[_Child, Head]:
    file_size(path, limits)
    child = _Child(path, limits, layout, head_only)
    with ExitStack() as undo:
        undo.callback(child.end)
        header, _ = child.frame()
        if "head" not in header:
            raise Corrupt("the decoding process did not begin with a head")
        head = head_of(header["head"])
        undo.pop_all()
    return child, head


class _Child:
    """The decoding process and its pipe."""

    def __init__(self, path: Path, limits: Limits, layout: Path | None, head_only: bool) -> None:
        said = {
            "path": str(path.absolute()),
            "layout": str(layout.absolute()) if layout is not None else "",
            "limits": dataclasses.asdict(limits),
            "head_only": head_only,
        }
        self._name, self._limits = path.name, limits
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "thenar.adapters.media.child", json.dumps(said)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()

    def frame(self) -> tuple[dict[str, Any], bytes]:
        """The next frame. Raises BadInput when the file is refused or the child died over it."""
        header, payload = receive(self._take)
        if "refused" in header:
            step = header.get("next")
            raise BadInput(str(header["refused"]), next_step=str(step) if step else None)
        return header, payload

    def _take(self, count: int) -> bytes:
        deadline = time.monotonic() + self._limits.seconds
        parts = bytearray()
        while len(parts) < count:
            ready, _, _ = select.select([self._pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self.end()
                raise BadInput(f"decoding {self._name} made no progress for {self._limits.seconds} s")
            data = os.read(self._pipe, min(count - len(parts), 1 << 20))
            if not data:
                raise self._died()
            parts += data
        return bytes(parts)

    def _died(self) -> BadInput:
        code = self._process.wait()
        if code == -signal.SIGXCPU or (code == -signal.SIGKILL):
            why = f"used more than {self._limits.seconds} s of computing or too much memory"
        elif code < 0:
            why = f"crashed ({signal.Signals(-code).name})"
        else:
            why = f"failed (exit {code})"
        return BadInput(
            f"the decoder {why} on {self._name}", next_step="the file is damaged or hostile: export it again"
        )

    @contextmanager
    def ending(self) -> Iterator[None]:
        """End the process on the way out."""
        try:
            yield
        finally:
            self.end()

    def end(self) -> None:
        """Kill the process if it still runs, and reap it. Safe to repeat."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None and not self._process.stdout.closed:
            self._process.stdout.close()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    kept |= dict.fromkeys(_SINGLE, "1")
    return kept | {
        "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HDF5_PLUGIN_PATH": "/nonexistent",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "HOME": "/nonexistent",
    }
