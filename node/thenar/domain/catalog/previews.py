"""How previews change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import PreviewRecord
from thenar.domain.previews import End, Stage


def fold(catalog: Catalog, fact: f.PreviewFact) -> None:
    """Add one fact."""
    match fact:
        case f.PreviewAsked():
            catalog.previews[fact.preview_id] = PreviewRecord(fact.preview_id, fact.preview, fact.at)
        case f.PreviewOpened():
            found = catalog.previews[fact.preview_id]
            found.stage, found.opened, found.deadline = Stage.OPENED, fact.opened, fact.deadline
        case f.PreviewEnded():
            found = catalog.previews[fact.preview_id]
            found.stage, found.end, found.ended = Stage.NONE, End(fact.how), fact.at
        case _:
            assert_never(fact)
