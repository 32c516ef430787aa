"""How programs that come to the data, and runs of them, change the catalog."""

from __future__ import annotations

from typing import assert_never

from thenar.domain import facts as f
from thenar.domain.catalog.book import Catalog
from thenar.domain.catalog.records import ProgramRecord, RunRecord
from thenar.domain.runs.programs import RunStage


def fold(catalog: Catalog, fact: f.RunFact) -> None:
    """Add one fact."""
    match fact:
        case f.ProgramApproved():
            made = ProgramRecord(fact.asset, fact.program, fact.owner, fact.consent_epoch, fact.limits)
            catalog.programs[fact.asset, fact.program] = made
        case f.ProgramDisapproved():
            catalog.programs.pop((fact.asset, fact.program), None)
        case f.RunOrdered():
            catalog.runs[fact.run] = RunRecord(fact.run, fact.ordered, fact.key_x, fact.key_y, fact.ordered.stage)
        case f.RunDelivered():
            record = catalog.runs[fact.run]
            record.stage, record.sealed, record.reject_by = RunStage.DELIVERED, fact.sealed_digest, fact.reject_by
            record.deliverer = catalog.assets[record.run.asset].owner
        case f.RunSettled():
            catalog.runs[fact.run].stage = RunStage.SETTLED
        case f.RunRejected():
            catalog.runs[fact.run].stage = RunStage.REJECTED
        case f.RunRefunded():
            catalog.runs[fact.run].stage = RunStage.REFUNDED
        case _:
            assert_never(fact)
