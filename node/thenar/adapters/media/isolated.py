"""Decoding in a process of its own, so that a crash or a memory bomb in a decoder stays there.

The child gets the file's path and limits, no secrets, and an environment of a few harmless variables. It is killed
when it is silent for longer than the limit, or when the reader stops reading.
"""

from __future__ import annotations

import dataclasses
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from thenar.adapters.media.frames import block_of, head_of, receive
from thenar.adapters.media.recording import Block, Head, Limits, Reading, Tally, file_size
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.adapters.media.spawning import Fresh, Spawned, Warm
from thenar.errors import BadInput, Corrupt

_GROWTH: Final = 4
"""Times its original a scrubbed copy may weigh, beside 64 MiB: compression may be weaker or absent in it."""


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


def read(
    path: Path, *, limits: Limits | None = None, layout: Path | None = None, warm: Warm | None = None
) -> Recording:
    """Decode a file in a process of its own; the head is read when this returns. Raises BadInput."""
    child, head = _start(path, limits or Limits(), layout, head_only=False, warm=warm)
    return Recording(path, head, child)


def read_head(path: Path, *, limits: Limits | None = None, layout: Path | None = None) -> Reading:
    """Decode only as far as needed to name the streams. Raises BadInput."""
    child, head = _start(path, limits or Limits(), layout, head_only=True)
    with child.ending():
        header, _ = child.frame()
    return Reading(head, iter(()), [str(note) for note in header.get("end", ())])


def scrub(
    path: Path,
    into: Path,
    *,
    limits: Limits | None = None,
    layout: Path | None = None,
    warm: Warm | None = None,
) -> Scrubbed:
    """Write a copy without what tells who and where, in a process of its own. Raises BadInput, leaving no copy.

    ``into`` must not exist; only this user can read it.
    """
    bounds = limits or Limits()
    size = file_size(path, bounds)
    target = os.open(into, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with ExitStack() as undo:
        undo.callback(into.unlink)
        try:
            child = _Child(path, bounds, layout, target=target, written=_GROWTH * size + (64 << 20), warm=warm)
        finally:
            os.close(target)
        with child.ending():
            header, _ = child.frame()
        if "scrubbed" not in header:
            raise Corrupt("the scrubbing process did not say what it did")
        undo.pop_all()
    return Scrubbed(str(header["scrubbed"]), [str(note) for note in header["notes"]], bool(header["localised"]))


def _start(
    path: Path, limits: Limits, layout: Path | None, *, head_only: bool, warm: Warm | None = None
) -> tuple[_Child, Head]:
    file_size(path, limits)
    child = _Child(path, limits, layout, head_only=head_only, warm=warm)
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

    def __init__(
        self,
        path: Path,
        limits: Limits,
        layout: Path | None,
        *,
        head_only: bool = False,
        target: int | None = None,
        written: int = 0,
        warm: Warm | None = None,
    ) -> None:
        said = {
            "path": str(path.absolute()),
            "layout": str(layout.absolute()) if layout is not None else "",
            "limits": dataclasses.asdict(limits),
            "head_only": head_only,
            "written": written,
        }
        self._name, self._limits = path.name, limits
        self._process: Spawned = warm.spawn(said, target) if warm else Fresh(said, target)

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
            ready, _, _ = select.select([self._process.pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self.end()
                raise BadInput(f"decoding {self._name} made no progress for {self._limits.seconds} s")
            data = os.read(self._process.pipe, min(count - len(parts), 1 << 20))
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
        self._process.end()
