"""Canaries: answers a requester knows, hidden among a bounty's units. The twin of ClaimDisputes.openCanary.

Every unit has a leaf keccak256(abi.encode("thenar.canary/1", unit, answer, salt)); at units that are none the answer is
noise, so nobody sees which are, nor how many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain.keccak import keccak256, tag32
from thenar.domain.membertree import MemberTree
from thenar.errors import BadInput

CANARY: Final = tag32("thenar.canary/1")
MOST_UNITS: Final = 1_000_000
"""Of a bounty with canaries: the tree over all of them is built here."""


@dataclass(frozen=True, slots=True)
class Known:
    """A unit, and the trace root it must come to (hex)."""

    unit: int
    root: str


@dataclass(frozen=True, slots=True)
class Canaries:
    """What hides them: 32 secret bytes (hex), the number of units, and what is known of some."""

    secret: str
    units: int
    known: tuple[Known, ...]

    def __post_init__(self) -> None:
        if not 0 < self.units <= MOST_UNITS or len(self.secret) != 64:
            raise BadInput(f"canaries are hidden among 1 to {MOST_UNITS:,} units by 32 bytes")

    def answer(self, unit: int) -> bytes:
        """The root a unit must come to; noise at a unit that is no canary."""
        root = next((one.root for one in self.known if one.unit == unit), None)
        return self._noise(b"answer", unit) if root is None else bytes.fromhex(root)

    def hides(self, unit: int) -> bool:
        """Whether the unit is a canary."""
        return any(one.unit == unit for one in self.known)

    def salt(self, unit: int) -> bytes:
        """What hides the answer."""
        return self._noise(b"salt", unit)

    def tree(self) -> MemberTree:
        """The tree whose root stands in the bounty."""
        answers = {one.unit: bytes.fromhex(one.root) for one in self.known}
        return MemberTree.build(
            [
                hidden(unit, answers.get(unit) or self._noise(b"answer", unit), self.salt(unit))
                for unit in range(self.units)
            ]
        )

    def _noise(self, what: bytes, unit: int) -> bytes:
        return keccak256(bytes.fromhex(self.secret) + what.ljust(32, b"\0") + unit.to_bytes(32, "big"))


def hidden(unit: int, answer: bytes, salt: bytes) -> bytes:
    """The member of the tree at a unit."""
    return keccak256(CANARY + unit.to_bytes(32, "big") + answer + salt)
