"""Calls about previews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from thenar.domain.assets import Commitment
from thenar.domain.openings import LeafOpening
from thenar.domain.previews import OpenedKeys, Preview, Reveal


@dataclass(frozen=True, slots=True)
class ChallengePreview:
    """Pay a fee and ask for ``count`` chunks of an asset, naming a one-time key."""

    commitment: Commitment
    count: int
    fee: int
    key_x: int
    key_y: int


@dataclass(frozen=True, slots=True)
class OpenPreview:
    """Hand over the drawn chunks' wrapped keys."""

    preview: Preview
    opened: OpenedKeys


@dataclass(frozen=True, slots=True)
class DisputePreview:
    """Show that a leaf of a drawn chunk is not what was promised."""

    preview: Preview
    opened: OpenedKeys
    commitment: Commitment
    reveal: Reveal
    leaf: LeafOpening


@dataclass(frozen=True, slots=True)
class ClosePreview:
    """Pay the seller of an undisputed preview."""

    preview: Preview
    opened: OpenedKeys


@dataclass(frozen=True, slots=True)
class ExpirePreview:
    """Give the fee of a preview back that was never opened."""

    preview: Preview


PreviewAction: TypeAlias = ChallengePreview | OpenPreview | DisputePreview | ClosePreview | ExpirePreview
