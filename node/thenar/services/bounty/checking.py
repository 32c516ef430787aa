"""A challenge, and what a juror makes of it: lay one published sketch on another, and say what comes out."""

from __future__ import annotations

import logging
from typing import Final

import trio

from thenar.domain.actions import ChallengeAnswer
from thenar.domain.bounty.answers import NO_ASSET, Charge, Shown, ask_of, score_leaf
from thenar.domain.bounty.sketches import Judged, decode_witness, encode_witness, judge
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import AnswerRecord, CaseRecord
from thenar.domain.ids import AnswerId, AssetId
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.transform import Transform
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty import sealing
from thenar.services.bounty.conditions import condition_leaf
from thenar.services.bounty.desk import BountyDesk
from thenar.services.bounty.hearsay import CHALLENGE, challenge_body
from thenar.services.steps import step

log = logging.getLogger(__name__)

PATIENCE: Final = 10.0
"""Seconds a juror waits for a sketch before he goes by its absence."""


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
    """Bring an answer before the court, and tell everybody; whether it was mined. Raises Poor, Reverted."""
    record = desk.answer(number)
    if record.shown is None:
        raise NotFound("what was not shown cannot be challenged")
    await desk.provide(desk.challenge_bond)
    try:
        await desk.files.peers.announce(CHALLENGE, challenge_body(number))
    except (Refused, Unavailable) as cause:
        log.info("the challenge was not told to anybody", extra={"reason": cause.message})
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
        found = await condition_leaf(desk, record, charge)
        return shown.leaf if found is None else found  # quality cannot be judged from a sketch
    if not is_public(desk.ask(ask_of(record.id)).ask):
        return await _sealed_leaf(desk, case, record, desk.answer(older))
    new = await _sketch_in_time(desk, record)
    if new is None:
        return charge.leaf
    old = await _sketch_in_time(desk, desk.answer(older))
    if old is None:
        return shown.leaf
    return await _leaf(new, old, shown, charge)


async def _sealed_leaf(desk: BountyDesk, case: CaseRecord, record: AnswerRecord, older: AnswerRecord) -> bytes:
    """For the challenger when it is a copy or withheld, otherwise for the answer; a side goes by what it said itself.

    Who answered could not see what others had sealed, so an honest second recording never costs a bond.
    """
    shown, charge = record.shown, record.charge
    if shown is None or charge is None:
        raise NotFound(f"nobody said what dispute {case.id} is about")
    if not sealing.is_juror(desk, case):
        return shown.leaf
    found = await sealing.verdict(desk, case, record, older)
    return charge.leaf if found is Verdict.COPY else shown.leaf


def blind_charge(desk: BountyDesk, number: AnswerId, prior: AssetId) -> Charge:
    """The charge that a sealed answer copies an older one, which only a jury can see. Raises NotFound, Refused."""
    record, older = desk.answer(number), desk.trade.belief.catalog.answered.get(prior)
    if record.shown is None or older is None:
        raise NotFound("both assets must have been shown in answers", next_step="`thenar bounty show` lists answers")
    one, other = (desk.ask(ask_of(at)).ask for at in (number, older))
    if is_public(one) or is_public(other) or one.modality != other.modality:
        raise Refused("a published sketch and a sealed one, or two modalities, are not compared by a jury")
    return Charge(prior, record.shown.quality, 0, b"")


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
