"""What the reflex arc needs: a model that is ready to run, and streams of frames between two peers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thenar.domain.ids import PeerId
from thenar.domain.reflex.frames import Frame


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model takes and gives: bytes of an observation and an action, rows run at once, and what computes them."""

    observation: int
    action: int
    batch: int
    runtime: bytes


class Engine(Protocol):
    """A model in a process of its own, warm. Rows of one run do not see each other."""

    @property
    def shape(self) -> Shape: ...

    async def run(self, observations: Sequence[bytes]) -> list[bytes]:
        """The actions for at most ``batch`` observations. Raises Unavailable when the process ended."""
        ...


OpenEngine = Callable[[Path, int], AbstractAsyncContextManager[Engine]]
"""Opens a model file for so many rows at once. Raises BadInput for what is no such model."""


class Line(Protocol):
    """One stream of frames to a peer."""

    @property
    def peer(self) -> PeerId: ...

    async def send(self, frame: Frame) -> None:
        """Raises Unavailable when the peer is gone, Late when it takes nothing."""
        ...

    async def receive(self) -> Frame | None:
        """The next frame, None at the end. Raises BadInput, Late, Unavailable."""
        ...

    async def drop(self) -> None: ...


class Lines(Protocol):
    """Opens and takes lines."""

    async def call(self, peer: PeerId) -> Line:
        """Open a line. Raises Unavailable, Late."""
        ...

    def answer(self, handler: Callable[[Line], Awaitable[None]]) -> None:
        """Hand every line a peer opens to a handler, from now on; too many at once are refused."""
        ...
