"""Whether a run may still be done, from everything this node believes: the node's own check beside the contract's."""

from __future__ import annotations

from thenar.domain.assets import Purpose
from thenar.domain.catalog import Catalog, ProgramRecord, RunRecord
from thenar.domain.ids import AssetId
from thenar.domain.runs.programs import fits


def program_of(catalog: Catalog, asset: AssetId, program: bytes) -> ProgramRecord | None:
    """A program that stands: approved by the owner of now, under the consent of now."""
    approved, record = catalog.programs.get((asset, program)), catalog.assets.get(asset)
    if approved is None or record is None:
        return None
    stands = (approved.owner, approved.consent_epoch) == (record.owner, record.consent_epoch)
    return approved if stands else None


def why_not(catalog: Catalog, record: RunRecord, now: int) -> str | None:
    """Why a run must not be done, or None: consent, approval, license, part, size and budget, each by itself."""
    run = record.run
    approved = program_of(catalog, run.asset, run.program)
    if approved is None or approved.consent_epoch != run.consent_epoch:
        return "the program is not approved, or not any more"
    if not catalog.is_allowed(run.asset, run.buyer, Purpose.COMPUTE_ONLY, now):
        return "the buyer holds no license for COMPUTE_ONLY, or not any more"
    if run.part >= approved.limits.parts:
        return f"there is no part {run.part}"
    if run.output_bytes > approved.limits.output_bytes:
        return "the program may put out less by now"
    earlier = (
        (other.run.buyer, other.run.ordered_at)
        for other in catalog.runs.values()
        if other.id < record.id and (other.run.asset, other.run.program) == (run.asset, run.program)
    )
    return fits(approved.limits, earlier, run.buyer, run.ordered_at)
