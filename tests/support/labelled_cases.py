"""A case of the labelled set, and how large a set is."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.scoring.report import Likeness

COPY, HONEST = "copy", "honest"
SAME_STANDS, ALIKE = "same stands", "thorough, thinned"
"""Honest too, and told from copies by nothing here: they are listed and not counted."""


@dataclass(frozen=True)
class Case:
    """One recording beside one earlier: what it truly is, and all that a rule looks at."""

    modality: str
    kind: str
    truth: str
    source: int
    units: int
    likeness: Likeness
    seen_bp: int
    by_tiles: Likeness | None = None


@dataclass(frozen=True)
class Size:
    """How many sources of each kind; ``rays`` of a scan and ``seconds`` of a recording in time."""

    rooms: int
    hands: int
    walks: int
    rays: int = 40_000
    seconds: int = 10


FULL, SMALL = Size(12, 15, 20), Size(2, 2, 2, 15_000, 5)
