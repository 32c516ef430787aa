"""Calls about marked copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.marks import Leak, Mark


@dataclass(frozen=True, slots=True)
class ProposeMark:
    """Commit to the secrets of a copy and lay down the stake."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class RecallMark:
    """Take the stake of a mark back that was not accepted."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class AcceptMark:
    """Lay down the bond."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class SealLeak:
    """Commit to a reading of a found file."""

    mark_id: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class ShowLeak:
    """Show a reading that was committed to."""

    mark: Mark
    leak: Leak


@dataclass(frozen=True, slots=True)
class AnswerLeak:
    """Open the secret of a reading's chapter."""

    mark: Mark
    leak: Leak
    secret: bytes
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LapseMark:
    """End a mark whose owner did not answer."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class ReleaseMark:
    """Give both sides back what they laid down."""

    mark: Mark


MarkAction: TypeAlias = (
    ProposeMark | RecallMark | AcceptMark | SealLeak | ShowLeak | AnswerLeak | LapseMark | ReleaseMark
)
