"""A checkpoint: everything needed to go on from the end of a segment, and nothing that could differ between machines.

128 bytes of header, integers big-endian as contracts read them, then the state:
magic 8 ‖ class id 32 ‖ spec digest 32 ‖ unit 4 ‖ index 4 ‖ status 1 ‖ zero 3 ‖ state length 4 ‖ work 8 ‖ output 32.

``index`` counts finished segments, so checkpoint 0 is the state before the first step. ``output`` is the running hash
of all output: out[0] = 32 zero bytes, out[i+1] = sha256(out[i] ‖ sha256(output of segment i)). The leaf of a
checkpoint is the SHA-256 of its bytes. The segment in which a unit ends with FAILED or LIMIT adds no output; from there
on the state is empty, and checkpoints differ only in their index.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, Self

from thenar.errors import BadInput

MAGIC: Final = b"THNRCKP1"
HEADER_BYTES: Final = 128
NO_OUTPUT: Final = bytes(32)

_HEADER: Final = struct.Struct(">8s32s32sIIB3xIQ32s")


class Status(IntEnum):
    """How a unit stands. All three are the same on every machine of the class."""

    OK = 0
    FAILED = 1
    """The simulation diverged, the engine warned, or the module trapped."""
    LIMIT = 2
    """The unit hit one of the spec's counted limits: fuel, output, state."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one unit after ``index`` segments."""

    class_id: bytes
    spec: bytes
    unit: int
    index: int
    status: Status
    work: int
    output: bytes
    state: bytes

    def encode(self) -> bytes:
        """The bytes whose SHA-256 is the leaf."""
        head = _HEADER.pack(
            MAGIC,
            self.class_id,
            self.spec,
            self.unit,
            self.index,
            self.status,
            len(self.state),
            self.work,
            self.output,
        )
        return head + self.state

    @property
    def leaf(self) -> bytes:
        """The 32-byte leaf of the trace tree."""
        return hashlib.sha256(self.encode()).digest()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a checkpoint; there is one spelling. Raises BadInput."""
        if len(data) < HEADER_BYTES:
            raise BadInput(f"a checkpoint has at least {HEADER_BYTES} bytes, not {len(data)}")
        magic, class_id, spec, unit, index, status, length, work, output = _HEADER.unpack_from(data)
        if magic != MAGIC or status > max(Status) or len(data) != HEADER_BYTES + length:
            raise BadInput("these bytes are not a checkpoint")
        made = cls(class_id, spec, unit, index, Status(status), work, output, bytes(data[HEADER_BYTES:]))
        if made.status is not Status.OK and made.state:
            raise BadInput("a checkpoint that ended has no state")
        if made.encode() != data:
            raise BadInput("the checkpoint's header has bytes that are not zero")
        return made

    def after(self, state: bytes, output: bytes, work: int) -> Self:
        """The checkpoint one segment later."""
        return replace(
            self, index=self.index + 1, work=self.work + work, output=chain(self.output, output), state=state
        )

    def ended(self, status: Status) -> Self:
        """The checkpoint one segment later when the unit ended in it, or before it."""
        return replace(self, index=self.index + 1, status=status, state=b"")


def first(class_id: bytes, spec: bytes, unit: int, state: bytes) -> Checkpoint:
    """The checkpoint before the first step."""
    return Checkpoint(class_id, spec, unit, 0, Status.OK, 0, NO_OUTPUT, state)


def chain(before: bytes, output: bytes) -> bytes:
    """The running hash after one more segment's output."""
    return hashlib.sha256(before + hashlib.sha256(output).digest()).digest()
