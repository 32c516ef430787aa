"""What supervisor and child say to each other over two pipes: a kind, a length, and that many bytes.

The supervisor says what to do in JSON and hands over files and checkpoints as bytes; the child answers in JSON and
with segments. Neither believes a length above its limit.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from thenar.errors import BadInput, Corrupt, Unavailable

JSON, BYTES, SEGMENT = 1, 2, 3
MAX_FRAME: Final = 512 * 1024 * 1024
MAX_SAID: Final = 1024 * 1024
HEAD: Final = struct.Struct(">BI")
_SEGMENT: Final = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class Segment:
    """One finished segment of one unit: the checkpoint after it, and its output."""

    unit: int
    checkpoint: bytes
    output: bytes


def pack(kind: int, payload: bytes) -> bytes:
    """A whole frame."""
    return HEAD.pack(kind, len(payload)) + payload


def said(words: Mapping[str, Any]) -> bytes:
    """A frame of JSON."""
    return pack(JSON, json.dumps(words).encode())


def segment(made: Segment) -> list[bytes]:
    """A finished segment as the parts of a frame."""
    inner = _SEGMENT.pack(made.unit, len(made.checkpoint))
    size = len(inner) + len(made.checkpoint) + len(made.output)
    return [HEAD.pack(SEGMENT, size) + inner + made.checkpoint, made.output]


def segment_of(payload: bytes) -> Segment:
    """Read a finished segment. Raises Corrupt."""
    if len(payload) < _SEGMENT.size:
        raise Corrupt("a segment came cut short from its process")
    unit, size = _SEGMENT.unpack_from(payload)
    start = _SEGMENT.size
    if len(payload) < start + size:
        raise Corrupt("a segment came cut short from its process")
    return Segment(unit, payload[start : start + size], payload[start + size :])


def words_of(payload: bytes) -> dict[str, Any]:
    """Read a frame of JSON. Raises Corrupt; BadInput and Unavailable when that is what it says."""
    try:
        words = json.loads(payload)
    except ValueError as cause:
        raise Corrupt("a confined process does not speak JSON") from cause
    if not isinstance(words, dict):
        raise Corrupt("a confined process does not speak in objects")
    if "refused" in words:
        raise BadInput(str(words["refused"])[:500])
    if "unavailable" in words:
        raise Unavailable(str(words["unavailable"])[:500])
    return words


class Ends:
    """The child's two ends: blocking, without a buffer that could hide what was said."""

    __slots__ = ("_into", "_out")

    def __init__(self, out: int, into: int) -> None:
        self._out, self._into = out, into

    def receive(self) -> tuple[int, bytes] | None:
        """The next frame; None when the supervisor has no more to say."""
        head = self.exactly(HEAD.size)
        if not head:
            return None
        kind, size = HEAD.unpack(head)
        return kind, self.exactly(size)

    def send(self, *parts: bytes) -> None:
        """Write parts one after another, all of them."""
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[os.write(self._into, view) :]

    def exactly(self, size: int) -> bytes:
        """So many bytes; none when the supervisor has no more to say."""
        found = bytearray()
        while len(found) < size:
            part = os.read(self._out, min(size - len(found), 1 << 20))
            if not part:
                return b""
            found += part
        return bytes(found)
