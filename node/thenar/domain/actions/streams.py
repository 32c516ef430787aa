"""Calls about money of licenses with an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.streams import Stream


@dataclass(frozen=True, slots=True)
class CollectEarned:
    """Pay out what a license with an end has earned since the last time."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class RefundUnearned:
    """Close the stream of a license that ended early: the rest of its price goes back to the licensee."""

    stream: Stream


StreamAction: TypeAlias = CollectEarned | RefundUnearned
