"""What robot and node say on one stream: a header of 16 bytes, then the body. Little-endian; no text on the hot path.

    byte 0      kind
    byte 1      status of an answer
    bytes 2–3   0
    bytes 4–7   bytes of the body
    bytes 8–15  number of the call

Observations and actions are float32 in row order, as many as the model takes and gives.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from thenar.domain.ids import AssetId
from thenar.errors import BadInput

PROTOCOL: Final = "/thenar/infer/1"
MAX_BODY: Final = 256 * 1024
"""Bytes of the longest observation or action."""
HEADER: Final = struct.Struct("<BBHIQ")
_HELLO: Final = struct.Struct("<Q32s65s")
_READY: Final = struct.Struct("<IIII16s32s")
_VOUCHER: Final = struct.Struct("<16sQ65s")
_WINDOW: Final = struct.Struct("<QI32s32s65s")


class Kind(IntEnum):
    """What a frame is."""

    HELLO = 1
    READY = 2
    CALL = 3
    ANSWER = 4
    VOUCHER = 5
    WINDOW = 6
    PING = 7
    PONG = 8


class Status(IntEnum):
    """How a call ended."""

    DONE = 0
    BUSY = 1
    UNPAID = 2
    FAILED = 3
    REFUSED = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame."""

    kind: int
    body: bytes = b""
    call: int = 0
    status: int = Status.DONE

    def encode(self) -> bytes:
        """Header and body."""
        return HEADER.pack(self.kind, self.status, 0, len(self.body), self.call) + self.body


def read_header(head: bytes) -> tuple[int, int, int, int]:
    """Kind, status, bytes of the body and call of a header. Raises BadInput before any body is read."""
    kind, status, nothing, size, call = HEADER.unpack(head)
    if nothing or not Kind.HELLO <= kind <= Kind.PONG or size > MAX_BODY:
        raise BadInput(f"no frame begins with {head[:8].hex()}")
    return kind, status, size, call


@dataclass(frozen=True, slots=True)
class Hello:
    """A robot names the channel it pays with and the model it asks, and signs for both peers."""

    channel: int
    model: AssetId
    signature: bytes

    def encode(self) -> bytes:
        """The body."""
        return _HELLO.pack(self.channel, bytes.fromhex(self.model[2:]), self.signature)

    @staticmethod
    def decode(body: bytes) -> Hello:
        """Read a body. Raises BadInput."""
        channel, model, signature = _fields(_HELLO, body)
        return Hello(channel, AssetId("0x" + model.hex()), signature)


@dataclass(frozen=True, slots=True)
class Ready:
    """A node takes calls: bytes of an observation and an action, rows run at once, calls it answers ahead of pay."""

    observation: int
    action: int
    batch: int
    credit: int
    price: int
    runtime: bytes

    def encode(self) -> bytes:
        """The body."""
        return _READY.pack(
            self.observation, self.action, self.batch, self.credit, self.price.to_bytes(16, "little"), self.runtime
        )

    @staticmethod
    def decode(body: bytes) -> Ready:
        """Read a body. Raises BadInput."""
        observation, action, batch, credit, price, runtime = _fields(_READY, body)
        if max(observation, action) > MAX_BODY or not (observation and action and batch and credit):
            raise BadInput("a node offers calls of no size, or too large ones")
        return Ready(observation, action, batch, credit, int.from_bytes(price, "little"), runtime)


@dataclass(frozen=True, slots=True)
class Pay:
    """A voucher as it travels: all that is owed so far, for so many calls, signed."""

    amount: int
    calls: int
    signature: bytes

    def encode(self) -> bytes:
        """The body; also how a journal keeps it."""
        return _VOUCHER.pack(self.amount.to_bytes(16, "little"), self.calls, self.signature)

    @staticmethod
    def decode(body: bytes) -> Pay:
        """Read a body. Raises BadInput."""
        amount, calls, signature = _fields(_VOUCHER, body)
        return Pay(int.from_bytes(amount, "little"), calls, signature)


@dataclass(frozen=True, slots=True)
class SignedWindow:
    """A signed window of answers as it travels."""

    window: int
    count: int
    runtime: bytes
    root: bytes
    signature: bytes

    def encode(self) -> bytes:
        """The body."""
        return _WINDOW.pack(self.window, self.count, self.runtime, self.root, self.signature)

    @staticmethod
    def decode(body: bytes) -> SignedWindow:
        """Read a body. Raises BadInput."""
        return SignedWindow(*_fields(_WINDOW, body))


def _fields(layout: struct.Struct, body: bytes) -> tuple[Any, ...]:
    if len(body) != layout.size:
        raise BadInput(f"a body of {len(body)} bytes where {layout.size} belong")
    return layout.unpack(body)
