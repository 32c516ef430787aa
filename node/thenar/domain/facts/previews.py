"""Facts about previews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.facts.at import At
from thenar.domain.ids import Address, AssetId
from thenar.domain.previews import OpenedKeys, Preview


@dataclass(frozen=True, slots=True)
class PreviewAsked:
    """A fee is held for this preview; the hash of the block after ``preview.asked_in`` draws the chunks."""

    at: At
    preview_id: bytes
    asset: AssetId
    challenger: Address
    preview: Preview


@dataclass(frozen=True, slots=True)
class PreviewOpened:
    """The seller handed over the drawn chunks' keys; they can be disputed until ``deadline``."""

    at: At
    preview_id: bytes
    asset: AssetId
    challenger: Address
    opened: OpenedKeys
    deadline: int


@dataclass(frozen=True, slots=True)
class PreviewEnded:
    """The preview is over. How: 1 the seller was paid, 2 a false opening was shown, 3 never opened."""

    at: At
    preview_id: bytes
    asset: AssetId
    challenger: Address
    how: int


PreviewFact: TypeAlias = PreviewAsked | PreviewOpened | PreviewEnded
