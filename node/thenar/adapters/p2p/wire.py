"""Length-prefixed frames on a libp2p stream: an unsigned varint, then so many bytes, capped before they are read.

Source: https://github.com/multiformats/unsigned-varint, the framing of bitswap and of our requests.
"""

from __future__ import annotations

import trio
from google.protobuf.message import DecodeError
from libp2p.abc import INetStream
from libp2p.exceptions import BaseLibp2pError
from libp2p.network.stream.exceptions import StreamEOF

from thenar.errors import BadInput, Late, Unavailable

TROUBLE: tuple[type[Exception], ...] = (
    BaseLibp2pError,
    OSError,
    EOFError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
)
"""What a libp2p connection or stream raises when the other side, or the wire between, goes away."""

HOSTILE: tuple[type[Exception], ...] = (*TROUBLE, DecodeError, ValueError, LookupError, TypeError, AttributeError)
"""What libp2p's own protocol handlers raise, besides, when a peer sends them nonsense."""

_READ = 256 * 1024
_VARINT_BYTES = 5


def varint(number: int) -> bytes:
    """Spell a length: seven bits a byte, lowest first."""
    spelled = bytearray()
    while number >= 0x80:
        spelled.append(number & 0x7F | 0x80)
        number >>= 7
    spelled.append(number)
    return bytes(spelled)


def frame(data: bytes) -> bytes:
    """Put the varint length before some bytes."""
    return varint(len(data)) + data


class Frames:
    """Reads the frames of one stream. ``seconds`` bounds how long one frame may take once it began."""

    def __init__(self, stream: INetStream, *, limit: int, seconds: float) -> None:
        self._stream = stream
        self._limit = limit
        self._seconds = seconds
        self._buffer = bytearray()

    async def next(self) -> bytes | None:
        """The next frame, or None when the other side closed between frames.

        Raises BadInput (longer than the limit), Late (began and was not finished in time), Unavailable (broke off).
        """
        if not self._buffer and not await self._more():
            return None
        try:
            with trio.fail_after(self._seconds):
                return await self._finish()
        except trio.TooSlowError as cause:
            raise Late(f"a message was begun and not finished within {self._seconds:g} s") from cause

    async def _finish(self) -> bytes:
        length, start = await self._length()
        if length > self._limit:
            raise BadInput(f"a peer announced a message of {length} bytes where at most {self._limit} are allowed")
        end = start + length
        while len(self._buffer) < end:
            if not await self._more():
                raise Unavailable("the peer closed the stream inside a message")
        data = bytes(memoryview(self._buffer)[start:end])
        del self._buffer[:end]
        return data

    async def _length(self) -> tuple[int, int]:
        value, at = 0, 0
        while True:
            while len(self._buffer) <= at:
                if not await self._more():
                    raise Unavailable("the peer closed the stream inside a message")
            byte = self._buffer[at]
            value |= (byte & 0x7F) << (7 * at)
            at += 1
            if byte < 0x80:
                return value, at
            if at == _VARINT_BYTES:
                raise BadInput("a peer announced a message of more than 32 GiB")

    async def _more(self) -> bool:
        try:
            data = await self._stream.read(_READ)
        except StreamEOF:
            return False
        except TROUBLE as cause:
            raise Unavailable("the stream to the peer broke") from cause
        self._buffer += data
        return bool(data)


async def send(stream: INetStream, data: bytes, *, seconds: float) -> None:
    """Write bytes to a stream. Raises Late when the peer does not take them in time, Unavailable when it is gone."""
    with trio.move_on_after(seconds) as scope:
        try:
            await stream.write(data)
        except TROUBLE as cause:
            raise Unavailable("the stream to the peer broke") from cause
    if scope.cancelled_caught:
        raise Late(f"the peer did not take {len(data)} bytes within {seconds:g} s")


async def drop(stream: INetStream) -> None:
    """Reset a stream, whatever state it is in."""
    with trio.CancelScope(shield=True), trio.move_on_after(1):
        try:
            await stream.reset()
        except TROUBLE:
            return


async def finish(stream: INetStream) -> None:
    """Close a stream in order; reset it when that does not work."""
    with trio.move_on_after(5) as scope:
        try:
            await stream.close()
        except TROUBLE:
            await drop(stream)
    if scope.cancelled_caught:
        await drop(stream)
