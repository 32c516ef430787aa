"""What this node believes right now, and a way to wait until it believes more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import trio

from thenar.domain.catalog import Catalog
from thenar.errors import Late

Found = TypeVar("Found")


class Belief:
    """The catalog as of a block. One task changes it; any task may read it or wait for it to move on.

    ``version`` is another number whenever facts were folded or forgotten: while it stays, so does the catalog, whatever
    block it is as of. ``rewinds`` is another number after every reorganisation, before anything is forgotten, and once
    more when the catalog holds what is left.
    """

    def __init__(self) -> None:
        self.catalog = Catalog()
        self.block = -1
        self.version = 0
        self.rewinds = 0
        self._changed = trio.Event()
        self._moved = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the catalog last moved on."""
        return time.monotonic() - self._moved

    def advance(self, block: int, *, changed: bool = True) -> None:
        """The catalog now holds everything up to ``block``; unless it ``changed``, it is what it was before."""
        self.block = block
        self.version += changed
        self._moved = time.monotonic()
        self._changed.set()
        self._changed = trio.Event()

    def doubt(self) -> None:
        """The newest blocks are gone: what was concluded from them is not certain."""
        self.rewinds += 1

    def restart(self) -> None:
        """Forget everything, to refold after a reorg."""
        self.catalog = Catalog()
        self.block = -1
        self.version += 1
        self.rewinds += 1

    async def changed(self) -> None:
        """Return when the catalog has moved on to another block, also one in which nothing happened."""
        await self._changed.wait()

    async def until(self, look: Callable[[Catalog], Found | None], *, seconds: float, what: str) -> Found:
        """Wait until ``look`` finds something in the catalog. Raises Late naming what was waited for."""
        with trio.move_on_after(seconds):
            while True:
                found = look(self.catalog)
                if found is not None:
                    return found
                await self.changed()
        raise Late(
            f"{what} was not seen on chain within {seconds:g} s (catalog as of block {self.block})",
            next_step="`thenar status` shows whether the chain is followed; running the command again is safe",
        )
