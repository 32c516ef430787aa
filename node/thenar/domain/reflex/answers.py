"""Windows of answers: what a node signs of what it answered, and the evidence that it answered twice.

Leaf i of a window is SHA-256(0x00 ‖ SHA-256(observation i) ‖ SHA-256(answer i)); the tree is RFC 9162's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from thenar.domain import merkle
from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256
from thenar.domain.reflex.vouchers import Desk
from thenar.domain.typed import account_word, number_word

WINDOW_CALLS: Final = 1_024
"""Calls in a full window."""
_ANSWERS: Final = keccak256(
    b"Answers(address node,bytes32 model,uint64 channel,uint64 window,uint32 count,bytes32 runtime,bytes32 root)"
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a node signs: so many answers of a window stand under a root."""

    node: Address
    model: AssetId
    channel: int
    window: int
    count: int
    runtime: bytes
    root: bytes

    def signed(self, desk: Desk) -> bytes:
        """The 32 bytes the node signs."""
        body = (
            account_word(self.node)
            + bytes.fromhex(self.model[2:])
            + number_word(self.channel)
            + number_word(self.window)
        )
        return desk.digest(_ANSWERS + body + number_word(self.count) + self.runtime + self.root)


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """One answer under a window its node signed: what a contradiction is made of."""

    answers: Answers
    signature: bytes
    index: int
    observation: bytes
    answer: bytes
    path: tuple[bytes, ...]

    def contradicts(self, other: SignedAnswer) -> bool:
        """Whether one node, with one model and one runtime, gave one observation two answers."""
        mine, theirs = self.answers, other.answers
        same = (mine.node, mine.model, mine.runtime) == (theirs.node, theirs.model, theirs.runtime)
        return same and self.observation == other.observation and self.answer != other.answer


@dataclass(frozen=True, slots=True)
class SignedCall:
    """A call whose answer its node has signed, with all that was asked and answered: what is run again."""

    shown: SignedAnswer
    observation: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """One call by its hashes."""

    observation: bytes
    answer: bytes

    @staticmethod
    def of(observation: bytes, answer: bytes) -> Answered:
        """Hash what was sent and what came back."""
        return Answered(hashlib.sha256(observation).digest(), hashlib.sha256(answer).digest())

    @property
    def leaf(self) -> bytes:
        """Its leaf in the window's tree."""
        return merkle.leaf_hash(self.observation + self.answer)


@dataclass(slots=True)
class Window:
    """The answers of a window that is still being filled."""

    number: int
    calls: list[Answered] = field(default_factory=list)

    @property
    def root(self) -> bytes:
        """Root over what it has so far."""
        return merkle.root(call.leaf for call in self.calls)

    def path(self, index: int) -> tuple[bytes, ...]:
        """Inclusion proof of one call."""
        return merkle.proof([call.leaf for call in self.calls], index)

    def shown(self, index: int, said: Answers, signature: bytes) -> SignedAnswer:
        """One call as evidence."""
        call = self.calls[index]
        return SignedAnswer(said, signature, index, call.observation, call.answer, self.path(index))
