"""What must be left out of everything made later: the published list behind ``ConsentChanged.exclusionRoot``.

The root is the SHA-256 of the list's canonical bytes, so it is also the CID under which anybody finds the list.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Final

from thenar.domain.description import require
from thenar.domain.documents import Document
from thenar.domain.ids import asset_id

SCHEMA: Final = "thenar.exclusion/1"
LIMIT: Final = 256 * 1024
"""Bytes a list may have: one block."""
EVERYTHING: Final = bytes(32)
"""The root that leaves out all of an asset and needs no list."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """A run of chunks of 262,128 bytes, both ends included; of a batch, a run of members."""

    first: int
    last: int

    def __post_init__(self) -> None:
        require(0 <= self.first <= self.last < 2**40, f"{self.first}..{self.last} is no run of chunks")


@dataclass(frozen=True, slots=True)
class Exclusion(Document):
    """Parts of one asset, in ascending order, none touching the next. Wrong values raise BadInput when made."""

    asset: str
    parts: tuple[Chunks, ...]
    schema: str = SCHEMA
    noun: ClassVar = "exclusion"
    most: ClassVar = LIMIT

    def __post_init__(self) -> None:
        require(self.schema == SCHEMA, f"the list has schema {self.schema[:40]!r}, not {SCHEMA}")
        require(asset_id(self.asset) == self.asset, "the list names no asset")
        require(len(self.parts) > 0, "the list names no part")
        gaps = zip(self.parts, self.parts[1:], strict=False)
        require(all(one.last + 1 < other.first for one, other in gaps), "parts must be in order and apart")

    @property
    def root(self) -> bytes:
        """What goes on chain."""
        return hashlib.sha256(self.encode()).digest()
