"""Canaries of one's own bounties: units run here before anybody else has them, and held against every claim."""

from __future__ import annotations

import logging
import random
import secrets
from dataclasses import replace
from typing import Final

from thenar.domain import canonical
from thenar.domain.actions import OpenCanary
from thenar.domain.catalog import BountyRecord, ClaimRecord
from thenar.domain.records import from_value, to_value
from thenar.domain.work.bounties import ClaimStage, Job
from thenar.domain.work.canaries import Canaries, Known
from thenar.domain.work.results import WorkRecord
from thenar.errors import BadInput, Refused, Unavailable
from thenar.services.ports import Plan
from thenar.services.steps import step
from thenar.services.work.workbench import Bench, roots_of

log = logging.getLogger(__name__)

LIMIT: Final = 1 << 20
MOST: Final = 1_000


async def with_canaries(bench: Bench, plan: Plan, job: Job, count: int, asked: str) -> Job:
    """Run some units of a job here, chosen by chance, and hide what they came to in it.

    What hides them is on disk before the job is posted; with the same ``asked``, the same units are chosen.
    Raises BadInput, Refused where this machine does not pass the job's class, Unavailable.
    """
    if not 0 < count <= min(MOST, job.units):
        raise BadInput(f"1 to {min(MOST, job.units)} of the {job.units} units can be canaries, not {count}")
    classes = (await bench.executor.capabilities()).classes
    if job.class_id not in [one.class_id for one in classes]:
        raise Refused(
            "this machine does not pass the class of the job, so it cannot know what a unit comes to",
            next_step="`thenar doctor` says what it lacks; post the job without canaries, or from another machine",
        )
    name = f"canaries/asked/{job.spec.hex()}/{asked}"
    known = await _read(bench, name)
    if known is None:
        units = sorted(random.SystemRandom().sample(range(job.units), count))
        roots = roots_of(await bench.rehearse(plan, job, units))
        found = tuple(Known(unit, root.hex()) for unit, root in sorted(roots.items()))
        known = Canaries(secrets.token_hex(32), job.units, found)
    root = known.tree().root
    written = canonical.encode(to_value(known))
    await bench.trade.journal.put_all({name: written, _name(root): written})
    return replace(job, canary_root=root)


async def hold_canaries(bench: Bench, bounty: BountyRecord, claim: ClaimRecord, record: WorkRecord) -> None:
    """Bring a claim before the court that came to something else at a canary.

    The bond serves one claim at a time: raises Unavailable while it is out for another one.
    """
    if not any(bounty.job.canary_root) or claim.stage is not ClaimStage.REVEALED or await bench.now() >= claim.by:
        return
    known = await _read(bench, _name(bounty.job.canary_root))
    if known is None:
        log.warning("the canaries of a bounty are not known here", extra={"bounty": bounty.id})
        return
    for place, unit in enumerate(claim.units):
        claimed = record.trace_roots[place]
        if known.hides(unit) and claimed != known.answer(unit):
            log.warning("claim is wrong at a canary", extra={"claim": claim.id, "unit": unit})
            await _open(bench, claim, record, known, place)
            return


async def _open(bench: Bench, claim: ClaimRecord, record: WorkRecord, known: Canaries, place: int) -> None:
    unit = claim.units[place]
    opening = (known.answer(unit), known.salt(unit), known.tree().prove(unit))
    action = OpenCanary(claim.id, place, record.trace_roots[place], record.tree.prove(place), *opening)
    opened = await step(bench.trade, f"canary:{claim.id}", action)
    if not opened and claim.stage is ClaimStage.REVEALED:
        raise Unavailable(f"the canary at unit {unit} of claim {claim.id} cannot be opened now")


async def _read(bench: Bench, name: str) -> Canaries | None:
    data = await bench.trade.journal.get(name)
    return None if data is None else from_value(Canaries, canonical.decode_object(data, limit=LIMIT), "the canaries")


def _name(root: bytes) -> str:
    return f"canaries/{root.hex()}"
