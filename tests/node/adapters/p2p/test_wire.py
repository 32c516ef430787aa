"""Frames cut into every kind of pieces, and streams that stop."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from libp2p.network.stream.exceptions import StreamEOF, StreamReset
from trio.testing import MockClock

from thenar.adapters.p2p import wire
from thenar.errors import BadInput, Late, Unavailable


class Pieces:
    """The reading side of a stream that yields the given pieces, then ends, breaks or hangs."""

    def __init__(self, pieces: list[bytes], *, end: str = "eof") -> None:
        self._pieces = list(pieces)
        self._end = end

    async def read(self, n: int | None = None) -> bytes:
        await trio.lowlevel.checkpoint()
        if self._pieces:
            return self._pieces.pop(0)
        if self._end == "hang":
            await trio.sleep_forever()
        raise StreamEOF if self._end == "eof" else StreamReset


def _frames(pieces: list[bytes], limit: int = 1000, **how: Any) -> wire.Frames:
    return wire.Frames(Pieces(pieces, **how), limit=limit, seconds=5)  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=300), max_size=5), st.lists(st.integers(1, 50), max_size=20))
def test_frames_come_out_as_they_went_in_however_they_are_cut(frames: list[bytes], cuts: list[int]) -> None:
    rest = b"".join(map(wire.frame, frames))
    pieces: list[bytes] = []
    for cut in cuts:
        if rest:
            pieces.append(rest[:cut])
            rest = rest[cut:]
    if rest:
        pieces.append(rest)

    async def read_all() -> list[bytes | None]:
        reader = _frames(pieces)
        return [await reader.next() for _ in range(len(frames) + 1)]

    assert trio.run(read_all) == [*frames, None]


async def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadInput, match="at most 1000"):
        await _frames([wire.frame(bytes(1001))[:2]], end="hang").next()


@pytest.mark.parametrize("data", [b"\xff" * 5, b"\x80" * 6])
async def test_an_endless_length_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        await _frames([data]).next()


@pytest.mark.parametrize("beginning", [b"\x80", b"\x05abc"])
async def test_a_stream_that_ends_inside_a_frame_is_unavailable(beginning: bytes) -> None:
    with pytest.raises(Unavailable):
        await _frames([beginning]).next()


async def test_a_stream_that_breaks_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await _frames([], end="reset").next()


async def test_a_frame_that_is_begun_must_be_finished_in_time(autojump_clock: MockClock) -> None:
    with pytest.raises(Late):
        await _frames([b"\x05ab"], end="hang").next()
    assert trio.current_time() >= 5
