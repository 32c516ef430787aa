"""What scoring says: parts in basis points, each with its reason in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from thenar.domain.scoring.integers import BP
from thenar.domain.scoring.signals import Flags


@dataclass(frozen=True, slots=True)
class Part:
    """One thing looked at: basis points, how much it weighs, and why it is what it is."""

    name: str
    bp: int
    weight: int
    reason: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a recording is by itself."""

    bp: int
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, parts: Sequence[Part], least_bp: int) -> Quality:
        """The weighted mean, and nothing when a part is below the least: one strong part hides no missing one."""
        if not parts or min(part.bp for part in parts) < least_bp:
            return cls(0, tuple(parts))
        return cls(sum(p.weight * p.bp for p in parts) // sum(p.weight for p in parts), tuple(parts))


class Verdict(Enum):
    """How a recording stands to an earlier one."""

    TOO_SMALL = "too small to compare"
    OTHER = "something else"
    AGAIN = "recorded again"
    PARTLY = "a copy in part"
    COPY = "a copy"


SHOWN: Final = frozenset({Verdict.AGAIN, Verdict.PARTLY})
"""Verdicts after which only what is new is paid."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two recordings compared: how much the smaller shares with the larger, and how alike what they share is.

    ``compared`` counts what the smaller holds: voxels, frame codes, poses or windows. ``stretched`` says that the newer
    was stretched to be compared.
    """

    shared_bp: int
    agreement_bp: int
    compared: int
    stretched: bool = False


@dataclass(frozen=True, slots=True)
class CopyRule:
    """When what is shared makes a copy, a part of one, and when it only shows the same thing again."""

    least_compared: int
    same_bp: int
    part_bp: int
    copy_shared_bp: int
    copy_agreement_bp: int
    least_novelty_bp: int

    def verdict(self, found: Likeness) -> Verdict:
        """The verdict on one pair."""
        if found.compared < self.least_compared:
            return Verdict.TOO_SMALL
        alike = found.agreement_bp >= self.copy_agreement_bp
        if alike and found.shared_bp >= self.copy_shared_bp:
            return Verdict.COPY
        if found.stretched:
            return Verdict.OTHER  # stretched, one place can be made to show some of another
        if alike and found.shared_bp >= self.part_bp:
            return Verdict.PARTLY
        return Verdict.AGAIN if found.shared_bp >= self.same_bp else Verdict.OTHER


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A likeness, and which units of the newer sketch the older one already has."""

    likeness: Likeness
    seen: Flags


@dataclass(frozen=True, slots=True)
class Novelty:
    """What is new in a recording, in basis points, beside earlier ones; verdicts in the order those were given."""

    bp: int
    verdicts: tuple[Verdict, ...]
    reason: str

    @property
    def copied(self) -> bool:
        """Whether it is a copy of an earlier recording."""
        return Verdict.COPY in self.verdicts

    @property
    def witnesses(self) -> tuple[int, ...]:
        """Earlier recordings this one independently confirms."""
        if self.copied:
            return ()
        return tuple(at for at, verdict in enumerate(self.verdicts) if verdict is Verdict.AGAIN)


def novelty_of(rule: CopyRule, units: int, likenesses: Sequence[Likeness], seen_bp: int) -> Novelty:
    """Judge a recording of so many units against all earlier ones; ``seen_bp`` is what those that show the same hold.

    What is too small to be compared is paid nothing: else a copy in small enough pieces would be paid.
    """
    verdicts = tuple(rule.verdict(likeness) for likeness in likenesses)
    if units < rule.least_compared:
        return Novelty(0, verdicts, f"too small to be told from others: {units:,} of {rule.least_compared:,} needed")
    if Verdict.COPY in verdicts:
        return Novelty(0, verdicts, "it is a copy of an earlier recording, so nothing is paid and a bond would be lost")
    if not SHOWN & set(verdicts):
        return Novelty(BP, verdicts, "no earlier recording compared with shows the same, so all of it is new")
    fresh = BP - seen_bp
    if fresh < rule.least_novelty_bp:
        return Novelty(0, verdicts, f"earlier recordings show {percent(seen_bp)} of it; so little new is not paid")
    said = f"earlier recordings show {percent(seen_bp)} of it; {percent(fresh)} is new and is paid"
    return Novelty(fresh, verdicts, said)


def percent(bp: int) -> str:
    """Basis points for people."""
    whole, rest = divmod(bp, 100)
    return f"{whole}.{rest:02d}%" if rest else f"{whole}%"
