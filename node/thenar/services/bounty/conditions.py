"""What an ask demands beside a score: a beacon's gesture, that a capture is not too old, that it has enough taxels.

The chain holds a beacon's time against the commitment. Whether the gesture is in the data, and what a capture says of
its own time and taxels, is public and judged by jurors: an answer that fails is worth nothing.
"""

from __future__ import annotations

import logging
from typing import Final

import trio

from thenar.domain import canonical
from thenar.domain.bounty.answers import NO_ASSET, Charge, Shown, ask_of
from thenar.domain.bounty.subjects import taxels_of
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import AnswerRecord, AskRecord, BeaconRecord
from thenar.domain.gestures.checking import judge
from thenar.domain.gestures.trace import GestureTrace
from thenar.domain.ids import AssetId
from thenar.domain.scoring.plugins import plugin_for
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty.beacons import beacon
from thenar.services.bounty.desk import BountyDesk
from thenar.services.bounty.subjects import subject_of

log = logging.getLogger(__name__)

PATIENCE: Final = 10.0
"""Seconds a juror waits for what shows a condition."""
GESTURE: Final = "gesture"
AGE: Final = "age"
TAXELS: Final = "taxels"
CONDITIONS: Final = (GESTURE, AGE, TAXELS)
_SECOND_NS: Final = 10**9


def charge_for(record: AnswerRecord, unmet: str) -> Charge:
    """The charge that an answer fails a condition and is worth nothing. Raises NotFound before it is shown."""
    if record.shown is None:
        raise NotFound("what was not shown cannot be challenged")
    return Charge(NO_ASSET, 0, record.shown.novelty, canonical.encode({"unmet": unmet}))


async def unmet(desk: BountyDesk, record: AnswerRecord) -> str | None:
    """Which condition an answer fails, as anybody can see; None when it fails none.

    Raises Unavailable while what shows it is not to be had, Corrupt when it is something else.
    """
    if record.shown is None:
        return None
    for name in CONDITIONS:
        if await _fails(desk, record, record.shown, name):
            return name
    return None


async def _fails(desk: BountyDesk, record: AnswerRecord, shown: Shown, name: str) -> bool:
    asked = desk.ask(ask_of(record.id))
    if name == TAXELS:
        return await lacks_taxels(desk, asked, shown.asset)
    if name == AGE:
        most = 0 if shown.beacon else asked.ask.max_age
        return bool(most) and record.committed_at - await stated_end(desk, shown.asset) > most
    if not shown.beacon or not is_public(asked.ask):
        return False  # a sealed trace is given to no jury
    trace, kinds = await desk.trace(record), plugin_for(asked.ask.modality_name).gestures
    return trace is None or trace.kind not in kinds or not trace.shows(beacon(desk, shown.beacon).head)


async def condition_leaf(desk: BountyDesk, record: AnswerRecord, charge: Charge) -> bytes | None:
    """What a juror votes for about a condition; None when the charge is about none.

    Who hides what would show it is found against.
    """
    shown = record.shown
    if shown is None or charge.prior != NO_ASSET or charge.quality or not charge.witness:
        return None
    for name in CONDITIONS:
        if charge == charge_for(record, name):
            return charge.leaf if await _fails_or_hides(desk, record, shown, name) else shown.leaf
    return None


async def _fails_or_hides(desk: BountyDesk, record: AnswerRecord, shown: Shown, name: str) -> bool:
    if name == TAXELS and not await _least_taxels(desk, desk.ask(ask_of(record.id))):
        return False
    with trio.move_on_after(PATIENCE):
        try:
            return await _fails(desk, record, shown, name)
        except (Unavailable, Corrupt) as cause:
            log.warning("nothing to judge a condition by", extra={"answer": record.id, "reason": cause.message})
    return True


async def lacks_taxels(desk: BountyDesk, asked: AskRecord, asset: AssetId) -> bool:
    """Whether a capture says that it has fewer taxels than a bounty wants. Raises Unavailable, Corrupt."""
    least = await _least_taxels(desk, asked)
    return bool(least) and taxels_of(await desk.description(asset)) < least


async def _least_taxels(desk: BountyDesk, asked: AskRecord) -> int:
    """How many taxels a bounty wants; 0 also where nobody says what it wants: what is not told binds nobody."""
    with trio.move_on_after(PATIENCE):
        try:
            found = await subject_of(desk, asked)
            return 0 if found is None else found.least_taxels
        except (Unavailable, Corrupt) as cause:
            log.warning("nobody says what a bounty wants", extra={"bounty": asked.id, "reason": cause.message})
    return 0


async def stated_end(desk: BountyDesk, asset: AssetId) -> int:
    """When a capture ended, as its manifest says; unix seconds, 0 where it does not. Raises Unavailable."""
    description = await desk.description(asset)
    time = getattr(description, "time", None)
    return 0 if time is None else int(time.end_ns) // _SECOND_NS


async def require_met(desk: BountyDesk, asked: AskRecord, asset: AssetId, found: BeaconRecord | None, now: int) -> None:
    """Refuse to answer with a capture that is too old, has too few taxels, or lacks the gesture that is asked for.

    Raises Unavailable while nobody says what the bounty wants.
    """
    ask = asked.ask
    if found is None and ask.needs_gesture:
        raise Refused(
            "this bounty wants a recording that begins with a gesture",
            next_step="draw one with `thenar capture gesture`, record, and answer with --beacon NUMBER",
        )
    subject = await subject_of(desk, asked)
    if subject is not None and await lacks_taxels(desk, asked, asset):
        raise Refused(
            f"the bounty wants {subject}, and the capture has {taxels_of(await desk.description(asset)):,} taxels",
            next_step="`thenar bounty gaps` lists what else is wanted",
        )
    if not ask.max_age:
        return
    since = found.lit_at if found is not None else await stated_end(desk, asset)
    if now - since > ask.max_age:
        raise Refused(
            f"the capture is {max(0, now - since):,} seconds old, and {ask.max_age:,} are allowed",
            next_step="record it again",
        )


def require_gesture(trace: GestureTrace | None, found: BeaconRecord) -> None:
    """Refuse a recording that does not begin with the gesture of a beacon."""
    if trace is not None and trace.shows(found.head):
        return
    seen = "seen: nothing" if trace is None else judge(trace, found.head).reason
    raise Refused(
        f"the recording does not begin with the gesture of block {found.number}; {seen}",
        next_step="record again, one move after the other, each out and back",
    )
