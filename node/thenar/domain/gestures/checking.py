"""Whether a recording begins with the gesture of a beacon, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from thenar.domain.gestures.moves import moves_of
from thenar.domain.gestures.reading import trace_as
from thenar.domain.gestures.trace import GestureTrace, Kind
from thenar.domain.scoring.signals import Recorded
from thenar.errors import BadInput


@dataclass(frozen=True, slots=True)
class GestureCheck:
    """The trace of a recording, None where it has none; whether that is the gesture asked for, and why."""

    trace: GestureTrace | None
    shows: bool
    reason: str


def check(recorded: Recorded, head: bytes, kinds: Sequence[Kind], without: str) -> GestureCheck:
    """Look for the gesture of a beacon in whatever of some kinds a recording holds; ``without`` is said of nothing."""
    traces, faults = [], []
    for kind in kinds:
        try:
            found = trace_as(recorded, kind)
        except BadInput as cause:
            faults.append(cause.message)
            continue
        if found is not None:
            traces.append(found)
    if not traces:
        return GestureCheck(None, False, "; ".join([without, *faults]))
    return judge(next((one for one in traces if one.shows(head)), traces[0]), head)


def judge(trace: GestureTrace, head: bytes) -> GestureCheck:
    """Whether a trace is the gesture of a beacon."""
    wanted = said(trace, moves_of(head))
    if trace.shows(head):
        return GestureCheck(trace, True, f"it begins with the gesture: {wanted}")
    seen = said(trace, trace.drawn) or "no opening move"
    return GestureCheck(trace, False, f"seen: {seen}; asked for: {wanted}")


def said(trace: GestureTrace, moves: tuple[int, ...]) -> str:
    """Moves in plain words."""
    words = trace.kind.words
    return " · ".join(words[move] if move >= 0 else "two at once" for move in moves)
