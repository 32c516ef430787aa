"""Coverage for a map: every covered spot in six values, so that tens of thousands of cells come in one answer.

Homes are on no map, not even by the coarse cells that the chain has of them.
"""

from __future__ import annotations

from typing import Final

import trio

from thenar.adapters.web import View
from thenar.adapters.web.kinds import one_of
from thenar.assembly import Node
from thenar.domain.bounty.asks import MODALITIES, PLACE_CLASSES
from thenar.domain.bounty.coverage import half_life_of
from thenar.domain.catalog import CoverageRecord
from thenar.errors import NotFound

EVERYTHING: Final = "all"
HOME: Final = PLACE_CLASSES.index("private_home") + 1
COLUMNS: Final = ("cell", "place_class", "level", "amount_bp", "at", "modality")


def map_views(node: Node) -> dict[str, View]:
    """The map of a modality, or of all."""
    return {
        "maps": View(
            "What is covered of a modality (or of `all`): classes and coarse cells, and no home",
            lambda modality: map_view(node, modality),
            {
                "modality": one_of((EVERYTHING, *MODALITIES)),
                "columns": "texts",
                "spots": "rows",
                "half_lives_s": "object",
            },
            {"type": "string", "enum": [EVERYTHING, *MODALITIES]},
        )
    }


async def map_view(node: Node, modality: str) -> dict[str, object]:
    """Every spot that has a cell, as rows of ``columns``. Raises NotFound for a modality there is not."""
    if modality not in (EVERYTHING, *MODALITIES):
        raise NotFound(f"there is no modality {modality[:40]!r}", next_step=f"use all, {', '.join(MODALITIES)}")
    records = list(node.belief.catalog.coverage.values())
    return {
        "modality": modality,
        "columns": list(COLUMNS),
        "spots": await trio.to_thread.run_sync(lambda: _rows(records, modality)),
        "half_lives_s": {name: half_life_of(number) for number, name in enumerate(PLACE_CLASSES, 1)},
    }


def _rows(records: list[CoverageRecord], modality: str) -> list[list[object]]:
    return [
        [
            f"{one.spot.cell:x}",
            PLACE_CLASSES[one.spot.place_class - 1],
            one.spot.level,
            one.amount,
            one.at,
            MODALITIES[one.spot.modality - 1],
        ]
        for one in records
        if one.spot.place_class not in (0, HOME) and modality in (EVERYTHING, MODALITIES[one.spot.modality - 1])
    ]
