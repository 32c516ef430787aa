"""What is asked for where there is no place, in words: a small document whose hash is the subject of an ask."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Final

from thenar.domain.card import Card
from thenar.domain.documents import Document
from thenar.domain.manifest import Manifest
from thenar.domain.scoring.tactile import TOUCH
from thenar.errors import BadInput

MOST_WORDS: Final = 200
"""Letters of what is touched or done."""
MOST_TAXELS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Subject(Document):
    """What is touched or done, and how many taxels a recording of it must have; 0: any number.

    Who asks for the same in the same words asks for the same coverage: spaces at the ends and between words are one.
    """

    noun: ClassVar[str] = "subject of a bounty"
    most: ClassVar[int] = 2_048

    what: str
    least_taxels: int = 0

    def __post_init__(self) -> None:
        if not self.what or not self.what.isprintable() or self.what != plain(self.what):
            raise BadInput("a subject is said in words, one space between them", next_step='like "soft objects"')
        if len(self.what) > MOST_WORDS:
            raise BadInput(f"a subject has at most {MOST_WORDS} letters, not {len(self.what):,}")
        if not 0 <= self.least_taxels <= MOST_TAXELS:
            raise BadInput(f"a recording can be asked to have 0 to {MOST_TAXELS:,} taxels")

    @property
    def digest(self) -> bytes:
        """SHA-256 of its bytes: what the ask on chain holds."""
        return hashlib.sha256(self.encode()).digest()

    def __str__(self) -> str:
        least = f", {self.least_taxels:,} taxels or more" if self.least_taxels else ""
        return f"{self.what}{least}"


def plain(words: str) -> str:
    """Words with one space between them."""
    return " ".join(words.split())


def taxels_of(description: Manifest | Card) -> int:
    """How many taxels a capture says it has: of its streams of touch, those with as many readings as the longest.

    They are what its touch is scored by; one that measures along three axes is one. 0 when it says nothing of touch.
    """
    if not isinstance(description, Manifest) or description.modality != "tactile":
        return 0
    streams = description.streams
    touch = [one for one in streams if any(mark in one.kind.lower() for mark in TOUCH)] or list(streams)
    longest = max(one.samples for one in touch)
    return sum(one.count for one in touch if one.samples == longest)
