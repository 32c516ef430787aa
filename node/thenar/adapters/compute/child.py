"""The confined process: it is given a job and checkpoints over a pipe, and gives back checkpoints and output.

Run as ``python -m thenar.adapters.compute.child FAMILY BOUNDS``. Engines are loaded before the door closes; after
that no file, socket or process can be reached, and only then is the job read.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from thenar.adapters.compute.confine import Bounds, confine
from thenar.adapters.compute.frames import BYTES, Ends, Segment, said, segment
from thenar.domain.work.checkpoints import Checkpoint
from thenar.domain.work.jobs import JobSpec
from thenar.errors import BadInput, Unavailable

FAMILIES: Final = {
    "simulating": ("thenar.adapters.compute.simulating", "Simulating", {"lanes", "threads"}),
    "modules": ("thenar.adapters.compute.modules", "Modules", set[str]()),
}
_EARLY: Final = ("encodings.idna", "encodings.ascii", "encodings.latin_1", "numpy.random", "xml.etree.ElementTree")


class Working(Protocol):
    """A job that is ready to run, of whatever kind."""

    @property
    def lanes(self) -> int: ...

    def first(self, unit: int) -> Checkpoint: ...

    def advance(self, at: Sequence[Checkpoint]) -> list[tuple[Checkpoint, bytes]]: ...


def main(arguments: list[str]) -> None:
    """Load the engine, close the door, and work until the pipe closes."""
    module, name, options = FAMILIES[arguments[0]]
    for early in _EARLY:
        importlib.import_module(early)
    make = getattr(importlib.import_module(module), name)
    bounds = json.loads(arguments[1])
    confine(Bounds(bounds["memory"], bounds["seconds"]))
    _serve(Ends(0, 1), lambda spec, files, given: make(spec, files, **{key: given[key] for key in options}))


def _serve(ends: Ends, make: Any) -> None:
    working: Working | None = None
    while (asked := ends.receive()) is not None:
        words = json.loads(asked[1])
        try:
            if words["op"] == "open":
                working = _open(ends, words, make)
                ends.send(said({"ready": working.lanes}))
            elif working is None:
                raise BadInput("no job is open")
            elif words["op"] == "first":
                at = working.first(int(words["unit"]))
                ends.send(*segment(Segment(at.unit, at.encode(), b"")), said({"done": 1}))
            else:
                _advance(ends, working, words)
        except BadInput as refusal:
            ends.send(said({"refused": refusal.message}))
        except MemoryError:
            ends.send(said({"unavailable": "the job needs more memory than it may have"}))
        except Unavailable as failure:
            ends.send(said({"unavailable": failure.message}))


def _open(ends: Ends, words: Mapping[str, Any], make: Any) -> Working:
    data = _bytes(ends)
    files = {str(name): _bytes(ends) for name in words["files"]}
    made: Working = make(JobSpec.decode(data), files, words)
    return made


def _advance(ends: Ends, working: Working, words: Mapping[str, Any]) -> None:
    """Run units from their checkpoints until an index, telling each segment."""
    now = [Checkpoint.decode(_bytes(ends)) for _ in range(int(words["count"]))]
    while now[0].index < int(words["until"]):
        made = working.advance(now)
        parts = [segment(Segment(after.unit, after.encode(), output)) for after, output in made]
        ends.send(*(part for pair in parts for part in pair))
        now = [after for after, _ in made]
    ends.send(said({"done": 1}))


def _bytes(ends: Ends) -> bytes:
    found = ends.receive()
    if found is None or found[0] != BYTES:
        raise BadInput("bytes were announced and did not come")
    return found[1]


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)
