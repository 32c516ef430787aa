"""The supervisor's end of a confined process: frames out, frames in, a limit on silence, and a sure end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import trio

from thenar.adapters.compute import frames
from thenar.adapters.compute.frames import HEAD, MAX_FRAME, MAX_SAID, Segment
from thenar.errors import Corrupt, Late, Unavailable

_PART: Final = 1 << 18


class Channel:
    """A process and its two pipes. Whoever makes it ends it with ``aclose``."""

    def __init__(self, process: subprocess.Popen[bytes], silence: float) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process, self._silence = process, silence
        self._into = trio.lowlevel.FdStream(os.dup(process.stdin.fileno()))
        self._out = trio.lowlevel.FdStream(os.dup(process.stdout.fileno()))
        process.stdin.close()
        process.stdout.close()
        self._held = bytearray()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def send(self, *parts: bytes) -> None:
        """Say something. Raises Unavailable when nobody listens any more, Late when nobody does for too long."""
        try:
            with trio.fail_after(self._silence):
                for part in parts:
                    await self._into.send_all(part)
        except trio.TooSlowError as cause:
            raise Late(f"the confined process took nothing for {self._silence:.0f} s") from cause
        except (trio.BrokenResourceError, trio.ClosedResourceError) as cause:
            raise Unavailable(self._ending()) from cause

    async def words(self) -> dict[str, Any]:
        """The next thing said, which must be words. Raises BadInput and Unavailable when the process says so."""
        found = await self.receive()
        if isinstance(found, Segment):
            raise Corrupt("a confined process answers with a segment where words are due")
        return found

    async def receive(self) -> Segment | dict[str, Any]:
        """A finished segment, or words. Raises Late after too long a silence, Unavailable at the process's end."""
        try:
            with trio.fail_after(self._silence):
                kind, size = HEAD.unpack(await self.exactly(HEAD.size))
                if kind not in (frames.JSON, frames.SEGMENT) or size > (MAX_SAID if kind == frames.JSON else MAX_FRAME):
                    raise Corrupt("a confined process answers with something it should not")
                payload = await self.exactly(size)
        except trio.TooSlowError as cause:
            raise Late(f"the confined process was silent for {self._silence:.0f} s") from cause
        return frames.segment_of(payload) if kind == frames.SEGMENT else frames.words_of(payload)

    async def exactly(self, size: int) -> bytes:
        """So many bytes that are no frame. Raises Unavailable at the process's end."""
        while len(self._held) < size:
            try:
                part = await self._out.receive_some(_PART)
            except trio.BrokenResourceError as cause:
                raise Unavailable(self._ending()) from cause
            if not part:
                raise Unavailable(self._ending())
            self._held += part
        found = bytes(self._held[:size])
        del self._held[:size]
        return found

    def _ending(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        return f"the confined process ended with code {self._process.returncode}; it may have met its limits"

    async def aclose(self) -> None:
        """Kill the process and wait for its end. Safe to repeat."""
        with trio.CancelScope(shield=True):
            if self._process.returncode is None:
                self._process.kill()
                await trio.to_thread.run_sync(self._process.wait)
            for stream in (self._into, self._out):
                await stream.aclose()


def checkpoints(data: Sequence[bytes], until: int) -> bytes:
    """The request to go on from checkpoints until an index."""
    asked = frames.said({"op": "advance", "count": len(data), "until": until})
    return asked + b"".join(frames.pack(frames.BYTES, each) for each in data)
