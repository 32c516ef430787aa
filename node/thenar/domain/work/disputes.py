"""Disputes about work: the twin of contracts/types/Disputes.sol and of what SegmentCourt makes of a vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from thenar.domain.ids import Address, DisputeId
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.work import aggregates

VOTE_TAG: Final = tag32("thenar.vote/1")

Children: TypeAlias = tuple[bytes, ...]
"""The sixteen children of a node of a trace tree, or the fifteen beside one of them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is about. Never changes; kept on chain as a hash and handed back."""

    class_id: bytes
    spec: bytes
    unit: int
    segments: int
    claim_root: bytes
    other_root: bytes
    claimant: Address
    other: Address
    requester: Address

    @property
    def computable(self) -> bool:
        """Whether the chain computes the disputed leaf itself, without a jury."""
        return self.class_id == aggregates.CLASS

    @property
    def depth(self) -> int:
        """Levels above the leaves of either trace, which has one leaf more than segments."""
        return 1 if self.segments < 16 else 2 if self.segments < 256 else 3


class Ruling(IntEnum):
    """Whose trace is right."""

    NONE = 0
    CLAIM = 1
    OTHER = 2
    VOID = 3


class Ground(IntEnum):
    """Why a claim is before the court."""

    NONE = 0
    AUDIT = 1
    CHALLENGE = 2
    CANARY = 3


class Phase(IntEnum):
    """Where a case stands."""

    NONE = 0
    NARROWING = 1
    STATE = 2
    DRAWING = 3
    VOTING = 4
    RULED = 5
    CLOSED = 6


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a vote is bound to beside its leaf and salt."""

    chain: int
    court: Address
    dispute: DisputeId
    round: int
    juror: Address

    def commitment(self, leaf: bytes, salt: bytes) -> bytes:
        """What a juror commits before anybody shows a vote."""
        numbers = (self.chain, int(self.court, 16), self.dispute, self.round, int(self.juror, 16))
        return keccak256(VOTE_TAG + b"".join(number.to_bytes(32, "big") for number in numbers) + leaf + salt)


def majority(size: int, votes: Sequence[Ruling]) -> Ruling:
    """What the revealed votes of a panel come to; a vote for neither side's leaf is NONE.

    Two in three of the revealed votes rule when at least half of the panel revealed.
    """
    if votes and 2 * len(votes) >= size:
        for side in (Ruling.CLAIM, Ruling.OTHER):
            if 3 * votes.count(side) >= 2 * len(votes):
                return side
    return Ruling.NONE
