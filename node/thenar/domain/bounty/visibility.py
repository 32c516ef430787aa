"""Whose sketches are published, and whose are shown to a jury alone: homes, workplaces, stairwells, touch, movement."""

from __future__ import annotations

from typing import Final

from thenar.domain.bounty.asks import PLACE_CLASSES, Ask

PUBLIC: Final = PLACE_CLASSES[:3]
"""Classes of place whose sketches are published."""
_SPATIAL: Final = "spatial"


def is_public(ask: Ask) -> bool:
    """Whether sketches of what is asked for are published: scans of public places only."""
    return ask.modality_name == _SPATIAL and ask.place_name in PUBLIC
