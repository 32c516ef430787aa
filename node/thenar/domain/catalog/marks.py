"""How marked copies change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import MarkRecord
from thenar.domain.marks import MarkStage


def fold(catalog: Catalog, fact: f.MarkFact) -> None:
    """Add one fact."""
    match fact:
        case f.MarkProposed():
            catalog.marks[fact.mark_id] = MarkRecord(fact.mark_id, fact.mark)
        case f.MarkAccepted():
            catalog.marks[fact.mark_id].stage = MarkStage.HELD
        case f.LeakSealed():
            if fact.mark_id in catalog.marks:  # anybody may commit to anything, also about no mark
                catalog.marks[fact.mark_id].sealed[fact.finder] = fact.commitment
        case f.LeakShown():
            found = catalog.marks[fact.mark_id]
            found.leak, found.finder, found.answer_by = fact.leak, fact.finder, fact.answer_by
        case f.LeakRefuted():
            found = catalog.marks[fact.mark_id]
            found.spent |= 1 << fact.chapter
            found.leak, found.answer_by = None, 0
        case f.MarkEnded():
            found = catalog.marks[fact.mark_id]
            found.stage, found.end, found.leak, found.answer_by = MarkStage.ENDED, fact.how, None, 0
        case _:
            assert_never(fact)
