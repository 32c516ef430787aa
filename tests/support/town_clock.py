"""The time of a town on a real chain: when the next transaction is mined is said by the test, to the second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from brownie import chain
from system import next_block_at


@dataclass
class TownClock:
    """A system, and when its last transaction was mined."""

    system: Any
    now: int = 0

    def later(self, seconds: int) -> int:
        """Let the next transaction be mined so many seconds after the last one."""
        self.now = max(self.now, chain[-1].timestamp) + seconds
        next_block_at(self.now)
        return self.now

    def at(self, time: int) -> None:
        """Let the next transaction be mined at a time."""
        self.later(time - max(self.now, chain[-1].timestamp))
