"""What the decoding process says to the one that reads it: frames of a JSON header and raw 64-bit integers.

A frame is u32 header length, u64 payload length, header, payload, all little-endian. The child is not trusted:
lengths are capped before anything is allocated, and nothing is unpickled.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Callable
from typing import Any, BinaryIO, Final

import numpy as np

from thenar.adapters.media.recording import Block, Head, StreamInfo
from thenar.adapters.media.scrub.result import Scrubbed
from thenar.errors import BadInput, Corrupt

LENGTHS: Final = struct.Struct("<IQ")
_HEADER_LIMIT: Final = 16 << 20
_PAYLOAD_LIMIT: Final = 256 << 20

Take = Callable[[int], bytes]
"""Reads exactly so many bytes, or raises."""


def send_head(out: BinaryIO, head: Head) -> None:
    """Write the head of a reading."""
    _send(out, {"head": dataclasses.asdict(head)})


def send_block(out: BinaryIO, block: Block) -> None:
    """Write one block."""
    times = b"" if block.times is None else np.ascontiguousarray(block.times, dtype="<i8").tobytes()
    values = np.ascontiguousarray(block.values, dtype="<i8").tobytes()
    rows, width = block.values.shape
    _send(out, {"block": block.stream, "rows": rows, "width": width, "clock": bool(times)}, times + values)


def send_end(out: BinaryIO, notes: list[str]) -> None:
    """Write that every block was sent."""
    _send(out, {"end": notes})


def send_scrubbed(out: BinaryIO, made: Scrubbed) -> None:
    """Write that the scrubbed copy is complete, and what was left out of it."""
    _send(out, {"scrubbed": made.format, "notes": made.notes, "localised": made.localised})


def send_refusal(out: BinaryIO, refusal: BadInput) -> None:
    """Write why the file is refused."""
    _send(out, {"refused": refusal.message, "next": refusal.next_step})


def _send(out: BinaryIO, header: dict[str, Any], payload: bytes = b"") -> None:
    raw = json.dumps(header).encode()
    out.write(LENGTHS.pack(len(raw), len(payload)))
    out.write(raw)
    out.write(payload)
    out.flush()


def receive(take: Take) -> tuple[dict[str, Any], bytes]:
    """Read one frame. Raises Corrupt for what no decoding process of ours writes."""
    header_length, payload_length = LENGTHS.unpack(take(LENGTHS.size))
    if header_length > _HEADER_LIMIT or payload_length > _PAYLOAD_LIMIT:
        raise Corrupt("the decoding process wrote a frame that is too long")
    try:
        header = json.loads(take(header_length))
    except ValueError as cause:
        raise Corrupt("the decoding process wrote a frame that is not JSON") from cause
    if not isinstance(header, dict):
        raise Corrupt("the decoding process wrote a frame that is not an object")
    return header, take(payload_length)


def head_of(raw: dict[str, Any]) -> Head:
    """The head in a frame."""
    streams = tuple(StreamInfo(**stream) for stream in raw["streams"])
    return Head(str(raw["format"]), str(raw["modality"]), streams, bool(raw["absolute"]))


def block_of(header: dict[str, Any], payload: bytes, head: Head) -> Block:
    """The block in a frame. Raises Corrupt when it does not fit its stream."""
    stream, rows, width = int(header["block"]), int(header["rows"]), int(header["width"])
    clock = bool(header["clock"])
    fits = 0 <= stream < len(head.streams) and rows > 0 and width == head.streams[stream].width
    if not fits or len(payload) != 8 * rows * (width + clock):
        raise Corrupt("the decoding process wrote a block that does not fit its stream")
    numbers = np.frombuffer(payload, dtype="<i8").astype(np.int64, copy=False)
    times = numbers[:rows] if clock else None
    return Block(stream, times, numbers[rows * clock :].reshape(rows, width))
