"""The challenger's side, and the juror's: lay one published sketch on another, and say what comes out."""

from __future__ import annotations

import logging
from typing import Final

import trio

from thenar.domain.actions import ChallengeAnswer
from thenar.domain.bounty.answers import NO_ASSET, AnswerStage, Charge, Shown, ask_of, score_leaf
from thenar.domain.bounty.duties import may_be_copied
from thenar.domain.bounty.sketches import Judged, decode_witness, encode_witness, judge
from thenar.domain.catalog import AnswerRecord, CaseRecord
from thenar.domain.duty import Me
from thenar.domain.ids import AnswerId, AssetId
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.transform import Transform
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty.desk import BountyDesk
from thenar.services.steps import step

log = logging.getLogger(__name__)

SPATIAL: Final = "spatial"
PATIENCE: Final = 10.0
"""Seconds a juror waits for a sketch before he goes by its absence."""


async def check(desk: BountyDesk, number: AnswerId) -> None:
    """Compare an answer with what this account has shown before, and challenge it when it is a copy. Raises Poor."""
    record = desk.answer(number)
    if record.stage is not AnswerStage.REVEALED or record.shown is None or await desk.now() >= record.until:
        return
    if desk.ask(ask_of(number)).ask.modality_name != SPATIAL:
        return
    new = await desk.sketch(record)
    for mine in _older(desk, record):
        charge = await _charge(desk, record, new, mine)
        if charge is not None:
            await challenge(desk, number, charge)
            return


def _older(desk: BountyDesk, record: AnswerRecord) -> list[AnswerRecord]:
    catalog, me = desk.trade.belief.catalog, desk.trade.me
    if not may_be_copied(catalog, record.id, Me(me, pins_for_others=False)):
        return []
    mine = (one for one in catalog.answers.values() if one.contributor == me and one.shown is not None)
    return [one for one in mine if one.committed_at < record.committed_at]


async def _charge(desk: BountyDesk, record: AnswerRecord, new: PlaceSketch, mine: AnswerRecord) -> Charge | None:
    if record.shown is None or mine.shown is None:
        return None
    old = await desk.sketch(mine)
    witness, found = await trio.to_thread.run_sync(laid, new, old)
    made = Charge(mine.shown.asset, record.shown.quality, found.novelty, encode_witness(witness))
    log.info("answer compared", extra={"answer": record.id, "verdict": found.verdict.value, "novelty": found.novelty})
    return made if made.weighs(record.shown) else None


def laid(new: PlaceSketch, old: PlaceSketch) -> tuple[Transform, Judged]:
    """The worst this node's search finds to say of a scan beside an older one; stretched where it is no copy as it is.

    The second search takes ten times as long as the first. Only a copy counts in it: stretched, one room can be made to
    show some of another.
    """
    witness = search(new, old)
    found = judge(new, old, witness)
    if found.verdict in (Verdict.COPY, Verdict.TOO_SMALL):
        return witness, found
    wider = search(new, old, stretched=True)
    stretched = judge(new, old, wider)
    return (wider, stretched) if stretched.verdict is Verdict.COPY else (witness, found)


async def charge_of(desk: BountyDesk, number: AnswerId, prior: AssetId) -> tuple[Charge, Judged]:
    """The charge that an answer shows less that is new beside an older one than it says, and what stands behind it.

    The witness is the best this node's search finds. Raises NotFound, Unavailable, Refused.
    """
    record, catalog = desk.answer(number), desk.trade.belief.catalog
    older = catalog.answered.get(prior)
    if record.shown is None or older is None:
        raise NotFound("both assets must have been shown in answers", next_step="`thenar bounty show` lists answers")
    new, old = await desk.sketch(record), await desk.sketch(desk.answer(older))
    witness, found = await trio.to_thread.run_sync(laid, new, old)
    charge = Charge(prior, record.shown.quality, found.novelty, encode_witness(witness))
    if not charge.weighs(record.shown):
        raise Refused(
            f"under this witness it is {found.verdict.value}, and {found.novelty} of 10,000 are new: a jury would find "
            "for the answer, and your bond would be lost",
            next_step="compare it with another asset",
        )
    return charge, found


async def challenge(desk: BountyDesk, number: AnswerId, charge: Charge) -> bool:
    """Bring an answer before the court; whether it was mined. Raises Poor, Reverted."""
    record = desk.answer(number)
    if record.shown is None:
        raise NotFound("what was not shown cannot be challenged")
    await desk.provide(desk.challenge_bond)
    return await step(desk.trade, f"answer-challenge:{number}", ChallengeAnswer(number, record.shown, charge))


async def verdict_leaf(desk: BountyDesk, case: CaseRecord) -> bytes:
    """What a juror votes for: the score as it is under the witness that was named.

    Who hides the newer sketch is found against; what the older sketch or the witness do not show convicts nobody.
    """
    if case.answer is None:
        raise NotFound(f"dispute {case.id} is about no answer")
    record = desk.answer(case.answer)
    shown, charge = record.shown, record.charge
    if shown is None or charge is None:
        raise NotFound(f"nobody said what dispute {case.id} is about")
    older = desk.trade.belief.catalog.answered.get(charge.prior)
    if charge.prior == NO_ASSET or older is None:
        return shown.leaf  # quality cannot be judged from a sketch
    new = await _sketch_in_time(desk, record)
    if new is None:
        return charge.leaf
    old = await _sketch_in_time(desk, desk.answer(older))
    if old is None:
        return shown.leaf
    return await _leaf(new, old, shown, charge)


async def _leaf(new: PlaceSketch, old: PlaceSketch, shown: Shown, charge: Charge) -> bytes:
    try:
        found = await trio.to_thread.run_sync(judge, new, old, decode_witness(charge.witness))
    except BadInput as cause:
        log.warning("the named witness is none", extra={"reason": cause.message})
        return shown.leaf
    return score_leaf(shown.quality, min(shown.novelty, found.novelty))


async def _sketch_in_time(desk: BountyDesk, record: AnswerRecord) -> PlaceSketch | None:
    with trio.move_on_after(PATIENCE):
        try:
            return await desk.sketch(record)
        except (Unavailable, Corrupt, NotFound) as cause:
            log.warning("no sketch to judge by", extra={"answer": record.id, "reason": str(cause)})
    return None
