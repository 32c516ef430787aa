"""A chain on paper whose newest blocks are replaced: transactions come back elsewhere, later, or never."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from paper_chain import PaperChain


@dataclass
class Block:
    """A block's hash and the deposits in it, each a transaction of its own known by its number."""

    hash: str
    deposits: tuple[int, ...]


@dataclass
class ShiftingChain(PaperChain):
    """``head`` is the newest block; what was replaced is sometimes still told, marked as removed."""

    dice: random.Random = field(default_factory=random.Random)
    blocks: list[Block] = field(default_factory=list)
    orphans: list[tuple[int, Block]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    made: int = 0
    came_back: int = 0
    lost: int = 0
    removed_told: int = 0
    ambush: int = 0

    def __post_init__(self) -> None:
        grown, self.head = self.head, -1
        self.grow(grown + 1)

    def hash_of(self, block: int) -> str:
        return self.blocks[block].hash if block >= 0 else "0x" + "00" * 32

    def grow(self, count: int) -> None:
        """Mine blocks: new deposits, and some that waited for a block."""
        for _ in range(count):
            fresh = [self._new() for _ in range(self.dice.choice((0, 0, 1, 1, 2)))]
            again = [one for one in self.waiting if self.dice.random() < 0.5]
            self.waiting = [one for one in self.waiting if one not in again]
            self.came_back += len(again)
            mixed = fresh + again
            self.dice.shuffle(mixed)
            self.blocks.append(Block(f"0x{self.dice.randbytes(32).hex()}", tuple(mixed)))
            self.head += 1

    def reorganise(self, depth: int) -> None:
        """Replace the newest ``depth`` blocks by as many others and one more."""
        cut = self.head + 1 - depth
        replaced = list(enumerate(self.blocks))[cut:]
        self.orphans += replaced
        for _, block in replaced:
            kept = [one for one in block.deposits if self.dice.random() < 0.8]
            self.lost += len(block.deposits) - len(kept)
            self.waiting += kept
        del self.blocks[cut:]
        self.head = cut - 1
        self.grow(depth + 1)

    def _new(self) -> int:
        self.made += 1
        return self.made

    def _logs(self, first: int, last: int) -> dict[str, Any]:
        if self.ambush and last >= self.head:  # the chain changes between a header and its logs
            depth, self.ambush = self.ambush, 0
            self.reorganise(depth)
        told = [entry for at in range(first, last + 1) for entry in self._logs_of(at, self.blocks[at])]
        if self.orphans and self.dice.random() < 0.1:
            at, block = self.dice.choice(self.orphans)
            stale = [{**entry, "removed": True} for entry in self._logs_of(at, block)]
            self.removed_told += len(stale)
            told += stale
        return {"result": told}

    def _logs_of(self, at: int, block: Block) -> list[dict[str, Any]]:
        blank = {**self._log(at), "blockHash": block.hash, "removed": False}
        return [
            {**blank, "data": f"0x{number:064x}", "transactionHash": f"0x{number:064x}", "logIndex": hex(place)}
            for place, number in enumerate(block.deposits)
        ]
