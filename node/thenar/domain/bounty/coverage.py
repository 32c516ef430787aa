"""How coverage is counted, how it fades and what raising it is worth. Twin of contracts/libraries/Coverages.sol.

Whole numbers only and the same roundings, so that node and chain agree to the unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from thenar.domain.keccak import keccak256

BP: Final = 10_000
"""One good capture."""
DAY: Final = 86_400
_HALVINGS: Final = 13
_TAG: Final = b"thenar.spot/1".ljust(32, b"\0")
_HALF_LIVES: Final = (730, 90, 90, 180, 180, 365, 365)


@dataclass(frozen=True, slots=True)
class Spot:
    """What coverage is counted by: a modality at a class of place, an H3 cell and a level, or with a subject.

    Numbers as on chain (``asks.MODALITIES``, ``asks.PLACE_CLASSES``); without a place class, cell and level are 0.
    """

    modality: int
    place_class: int
    cell: int
    level: int
    subject: bytes = bytes(32)

    @property
    def key(self) -> bytes:
        """The 32 bytes the CoverageMap keeps it by: keccak256(abi.encode("thenar.spot/1", spot))."""
        numbers = (self.modality, self.place_class, self.cell, self.level)
        words = b"".join((number % 2**256).to_bytes(32, "big") for number in numbers)
        return keccak256(_TAG + words + self.subject)


def half_life_of(place_class: int) -> int:
    """Seconds in which coverage of a class of place fades by half; 0 is what is no place."""
    return _HALF_LIVES[place_class] * DAY


def faded(amount: int, age: int, half_life: int) -> int:
    """What is left of an amount after ``age`` seconds: halved in every half-life, straight between, 0 after 13."""
    halvings, rest = divmod(age, half_life)
    if halvings >= _HALVINGS:
        return 0
    return (amount >> halvings) * (2 * half_life - rest) // (2 * half_life)


def worth(price: int, target: int, start: int, end: int) -> int:
    """Token units for raising coverage from ``start`` to ``end`` basis points.

    The integral of price · g · (1 + 4 g²), where g is the part of the target that is missing. It is a difference of two
    values of one function, so the parts of a raise are worth exactly what the whole is.
    """
    return _ahead(price, target, start) - _ahead(price, target, end)


def _ahead(price: int, target: int, covered: int) -> int:
    if covered >= target:
        return 0
    square = (target - covered) ** 2
    return price * square * (target**2 + 2 * square) // (2 * target**3 * BP)


def gap_bp(target: int, covered: int) -> int:
    """Which part of a target is missing, in basis points, rounded down."""
    return max(0, target - covered) * BP // target


@dataclass(slots=True)
class Share:
    """What one owner or device has added to a spot since a half-life of his began; twin of the CoverageMap's record."""

    added: int = 0
    since: int = 0

    def room(self, now: int, half_life: int) -> int:
        """What may still be added: one good capture in a half-life."""
        return BP if now >= self.since + half_life else BP - self.added

    def add(self, amount: int, now: int, half_life: int) -> None:
        """Count an addition; a half-life that is over begins anew."""
        if now >= self.since + half_life:
            self.added, self.since = amount, now
        else:
            self.added += amount


@dataclass(slots=True)
class Coverage:
    """Coverage of one spot over time, with the shares of everybody who raised it; twin of the CoverageMap."""

    half_life: int
    amount: int = 0
    at: int = 0
    shares: dict[str, Share] = field(default_factory=dict)

    @classmethod
    def of(cls, spot: Spot) -> Coverage:
        """A spot nobody has captured."""
        return cls(half_life_of(spot.place_class))

    def now(self, time: int) -> int:
        """Basis points at a time not before the last raise."""
        return faded(self.amount, time - self.at, self.half_life)

    def fill(self, gain: int, parties: tuple[str, ...], time: int) -> tuple[int, int]:
        """Raise it by at most ``gain`` and by no more than every party has room for; before and after."""
        shares = [self.shares.setdefault(party, Share()) for party in parties]
        added = min([gain, *(share.room(time, self.half_life) for share in shares)])
        before = self.now(time)
        for share in shares:
            share.add(added, time, self.half_life)
        self.amount, self.at = before + added, time
        return before, before + added
