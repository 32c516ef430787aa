"""How promises that outlive a sale change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog


def fold(catalog: Catalog, fact: f.CovenantFact) -> None:
    """Add one fact."""
    match fact:
        case f.ExclusiveTaken():
            catalog.exclusives[fact.asset] = (fact.licensee, fact.until)
        case f.ExclusiveDropped():
            catalog.exclusives.pop(fact.asset, None)
        case f.FloorBound():
            catalog.floors[fact.child] = fact.floor
        case f.ExclusionAcknowledged():
            catalog.acknowledged[(fact.model, fact.asset)] = (fact.consent_epoch, fact.exclusion_root)
        case _:
            assert_never(fact)
