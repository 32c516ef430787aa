"""What is answered to a capture bounty, what is held against it, and how both are bound."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from thenar.domain.bounty.coverage import BP
from thenar.domain.ids import Address, AnswerId, AskId, AssetId
from thenar.domain.keccak import keccak256

NOBODY: Final = Address("0x" + "00" * 20)
NO_ASSET: Final = AssetId("0x" + "00" * 32)
MOST_WITNESS: Final = 4_096
_ANSWER: Final = b"thenar.answer/1".ljust(32, b"\0")
_SCORE: Final = b"thenar.score/1".ljust(32, b"\0")
_LEAST_LOWERED: Final = (4, 5)


class AnswerStage(IntEnum):
    """Where an answer stands."""

    NONE = 0
    COMMITTED = 1
    REVEALED = 2
    DISPUTED = 3
    SETTLED = 4
    LAPSED = 5
    REFUTED = 6
    VOIDED = 7

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to it."""
        return self >= AnswerStage.SETTLED


def answer_id(ask: AskId, place: int) -> AnswerId:
    """The number of an answer by its place in the bounty, from 0."""
    return AnswerId(ask << 32 | place)


def ask_of(answer: AnswerId) -> AskId:
    """The bounty an answer is to."""
    return AskId(answer >> 32)


def place_of(answer: AnswerId) -> int:
    """The place of an answer in its bounty."""
    return answer & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer shows: an asset, where it counts, its score in basis points, and the digest of its sketch.

    ``beacon`` is the block whose hash its gesture is drawn from; 0 without one.
    """

    asset: AssetId
    cell: int
    level: int
    quality: int
    novelty: int
    device: Address
    sketch: bytes
    beacon: int = 0

    @property
    def gain(self) -> int:
        """By how much it can raise its spot, in basis points."""
        return self.quality * self.novelty // BP

    @property
    def encoded(self) -> bytes:
        """abi.encode(Shown)."""
        numbers = (self.cell, self.level, self.quality, self.novelty, int(self.device, 16))
        return _hash(self.asset) + b"".join(_word(number) for number in numbers) + self.sketch + _word(self.beacon)

    @property
    def leaf(self) -> bytes:
        """What a juror votes for who finds this score right."""
        return score_leaf(self.quality, self.novelty)


@dataclass(frozen=True, slots=True)
class Backing:
    """What shows that an answer may be given: the device's signature, and the cell's siblings up to the list's root."""

    device: bytes = b""
    cell: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """What a challenger holds against an answer: the right score, and for a copy of what and under which witness."""

    prior: AssetId
    quality: int
    novelty: int
    witness: bytes

    @property
    def leaf(self) -> bytes:
        """What a juror votes for who finds this score right."""
        return score_leaf(self.quality, self.novelty)

    def weighs(self, shown: Shown) -> bool:
        """Whether it lowers the score by as much as a challenge must: a fifth."""
        part, of = _LEAST_LOWERED
        return of * self.quality * self.novelty <= part * shown.quality * shown.novelty


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a commitment is bound to beside what is shown."""

    chain: int
    contract: Address
    ask: AskId
    contributor: Address

    def commitment(self, shown: Shown, salt: bytes) -> bytes:
        """What is sent before anything is shown."""
        numbers = (self.chain, int(self.contract, 16), self.ask, int(self.contributor, 16))
        return keccak256(_ANSWER + b"".join(_word(number) for number in numbers) + shown.encoded + salt)


def score_leaf(quality: int, novelty: int) -> bytes:
    """The leaf that stands for a score before the court."""
    return keccak256(_SCORE + _word(quality) + _word(novelty))


def _word(number: int) -> bytes:
    return (number % 2**256).to_bytes(32, "big")


def _hash(asset: AssetId) -> bytes:
    return bytes.fromhex(asset[2:])
