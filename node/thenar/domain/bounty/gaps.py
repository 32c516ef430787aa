"""What of a bounty is still missing: counted over all its spots, never which of them."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.coverage import Spot, gap_bp
from thenar.domain.catalog import AskRecord, Catalog
from thenar.domain.place import cell_resolution, lies_in

_CHILDREN = 7


@dataclass(frozen=True, slots=True)
class Gap:
    """Spots of a bounty, how many of them have any coverage, and basis points of all its targets that are missing."""

    spots: int
    covered_spots: int
    missing_bp: int


def gap_of(catalog: Catalog, record: AskRecord, now: int) -> Gap:
    """What is missing of a bounty at a time."""
    ask, target = record.ask, record.ask.target
    cells = len(ask.cells) or (_CHILDREN ** (ask.grain - cell_resolution(ask.area)) if ask.place_class else 1)
    spots = cells * (ask.highest - ask.lowest + 1)
    covered = [min(target, one.now(now)) for one in catalog.coverage.values() if _is_asked(ask, one.spot)]
    held = sum(covered) // max(1, spots)
    return Gap(spots, sum(amount > 0 for amount in covered), gap_bp(target, held))


def _is_asked(ask: Ask, spot: Spot) -> bool:
    """Whether a spot of the catalog, well formed as the chain made it, is one that is asked for; quick among many."""
    if (spot.modality, spot.place_class, spot.subject) != (ask.modality, ask.place_class, ask.subject):
        return False
    fits = ask.lowest <= spot.level <= ask.highest and (not ask.cells or spot.cell in ask.cells)
    return fits and (lies_in(spot.cell, ask.grain, ask.area) if ask.place_class else spot.cell == 0)
