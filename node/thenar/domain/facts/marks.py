"""Facts about marked copies and who found them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId
from thenar.domain.marks import Leak, Mark, MarkEnd


@dataclass(frozen=True, slots=True)
class MarkProposed:
    """An owner committed to the secrets of a marked copy and laid down a stake."""

    at: At
    mark_id: bytes
    copy: AssetId
    buyer: Address
    mark: Mark


@dataclass(frozen=True, slots=True)
class MarkAccepted:
    """The buyer laid down the bond."""

    at: At
    mark_id: bytes


@dataclass(frozen=True, slots=True)
class LeakSealed:
    """A finder committed to a reading."""

    at: At
    mark_id: bytes
    finder: Address
    commitment: bytes


@dataclass(frozen=True, slots=True)
class LeakShown:
    """A finder showed what he committed to; the owner answers before ``answer_by``."""

    at: At
    mark_id: bytes
    finder: Address
    leak: Leak
    answer_by: int


@dataclass(frozen=True, slots=True)
class LeakRefuted:
    """The owner opened a chapter: only ``agreed`` bits of the reading were the mark's."""

    at: At
    mark_id: bytes
    finder: Address
    chapter: int
    agreed: int


@dataclass(frozen=True, slots=True)
class MarkEnded:
    """The mark is over. ``finder`` was paid, or was not answered; the zero address otherwise."""

    at: At
    mark_id: bytes
    how: MarkEnd
    finder: Address


MarkFact: TypeAlias = MarkProposed | MarkAccepted | LeakSealed | LeakShown | LeakRefuted | MarkEnded
