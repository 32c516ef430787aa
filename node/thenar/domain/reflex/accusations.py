"""Accusations that an answer is not the model's: the twin of contracts/types/Calls.sol, and how a juror votes."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from thenar.domain.ids import Address, AssetId
from thenar.domain.keccak import keccak256, tag32
from thenar.domain.reflex.numbers import is_near, number_at
from thenar.domain.typed import account_word, number_word

MOST_OBSERVED: Final = 4_096
"""Bytes of the longest observation that can be shown to the chain."""
NUDGED: Final = 8
"""Observations beside the given one that a juror runs, as far away as machines round."""
NUDGE: Final = 2.0**-20
_HUGE: Final = 2.0**120
_CLASS: Final = tag32("thenar.reflex/1")
_NUMBER: Final = tag32("thenar.number/1")


@dataclass(frozen=True, slots=True)
class Accused:
    """What is said to be wrong: a number of an answer, and what the model gives there (float32, little-endian)."""

    node: Address
    model: AssetId
    observation: bytes
    answer: bytes
    place: int
    claimed: bytes
    charged: bytes

    @property
    def id(self) -> bytes:
        """keccak256(abi.encode(Accused))."""
        who = account_word(self.node) + bytes.fromhex(self.model[2:])
        numbers = number_word(self.place) + self.claimed.ljust(32, b"\0") + self.charged.ljust(32, b"\0")
        return keccak256(who + self.observation + self.answer + numbers)

    @property
    def claim_leaf(self) -> bytes:
        """What a juror votes for who finds the answer right."""
        return leaf_of(self.place, self.claimed)

    @property
    def other_leaf(self) -> bytes:
        """What a juror votes for who finds the accuser right."""
        return leaf_of(self.place, self.charged)

    def verdict(self, found: Sequence[bytes]) -> bytes:
        """The leaf for what was computed: the node's when any is near, the accuser's when the first is, else its own.

        ``found`` are the actions for the observation and for those beside it: a policy may jump where the observation
        lies, and an honest node then lands on either side.
        """
        numbers = [number_at(action, self.place) for action in found]
        if any(is_near(number, self.claimed) for number in numbers):
            return self.claim_leaf
        return self.other_leaf if is_near(numbers[0], self.charged) else leaf_of(self.place, numbers[0])


def leaf_of(place: int, number: bytes) -> bytes:
    """The leaf that stands for a number at a place."""
    return keccak256(_NUMBER + number_word(place) + number.ljust(32, b"\0"))


def class_of(model: AssetId) -> bytes:
    """The class in which jurors of a model are seated."""
    return keccak256(_CLASS + bytes.fromhex(model[2:]))


def beside(observation: bytes) -> tuple[bytes, ...]:
    """The observation and those as far from it as machines round, the same for everybody: drawn by its hash."""
    count = len(observation) // 4
    given = struct.unpack(f"<{count}f", observation)
    found = [observation]
    for number in range(NUDGED):
        signs = hashlib.shake_256(observation + bytes([number])).digest(count)
        nudged = (_nudged(value, NUDGE if sign & 1 else -NUDGE) for value, sign in zip(given, signs, strict=True))
        found.append(struct.pack(f"<{count}f", *nudged))
    return tuple(found)


def _nudged(value: float, part: float) -> float:
    """What is not finite, or about to be, stays as it is."""
    return value + part * max(1.0, abs(value)) if abs(value) < _HUGE else value
