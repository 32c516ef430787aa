"""Marked copies as the chain knows them: what was agreed on, what a finder shows. Twin of contracts/types/Marks.sol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256, tag32

MARK_TAG: Final = tag32("thenar.mark/1")


class MarkStage(IntEnum):
    """Where a mark stands. None → Proposed → Held → Ended; Proposed → Ended."""

    NONE = 0
    PROPOSED = 1
    HELD = 2
    ENDED = 3


class MarkEnd(IntEnum):
    """How a mark ended."""

    NONE = 0
    RECALLED = 1
    RAN_OUT = 2
    LEAKED = 3
    UNANSWERED = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """What an owner and a buyer agree on about one marked copy. Bond in token units, until in unix seconds."""

    copy: AssetId
    owner: Address
    buyer: Address
    root: bytes
    bond: int
    until: int
    step: int

    def id_on(self, chain_id: int, contract: Address) -> bytes:
        """keccak256(abi.encode("thenar.mark/1", chain id, MarkDesk, mark))."""
        words = (
            MARK_TAG,
            chain_id.to_bytes(32, "big"),
            *(bytes.fromhex(word[2:]).rjust(32, b"\0") for word in (contract, self.copy, self.owner, self.buyer)),
            self.root,
            *(number.to_bytes(32, "big") for number in (self.bond, self.until, self.step)),
        )
        return keccak256(b"".join(words))


@dataclass(frozen=True, slots=True)
class Leak:
    """What a finder read from a found file: cells of one chapter, rising, with the bit each carries as lowest bit."""

    chapter: int
    salt: bytes
    seen: tuple[int, ...]

    def sealed_by(self, finder: Address, mark_id: bytes) -> bytes:
        """keccak256(abi.encode(markId, finder, leak)): what is committed to before it is shown."""
        who = bytes.fromhex(finder[2:]).rjust(32, b"\0")
        body = self.chapter.to_bytes(32, "big") + self.salt + (96).to_bytes(32, "big")
        cells = len(self.seen).to_bytes(32, "big") + b"".join(word.to_bytes(32, "big") for word in self.seen)
        return keccak256(mark_id + who + (96).to_bytes(32, "big") + body + cells)


@dataclass(frozen=True, slots=True)
class Shares:
    """What is laid down and paid beside a bond, token units."""

    stake: int
    deposit: int
    reward: int

    @classmethod
    def of(cls, bond: int) -> Shares:
        """The contract rounds the same way."""
        eighth = bond // 8
        return cls(stake=5 * eighth, deposit=eighth, reward=3 * eighth)
