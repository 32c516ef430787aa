"""Challenging by oneself: compare a new answer with what was shown before, and challenge it when it is a copy.

What this account has shown is always looked at, wherever it is. A node that challenges for others looks at every
public sketch about the same area as well, the same cell first and the newest first, as far as a day's bonds reach.
What was compared lies in the journal: a node that was killed goes on with the next one.
"""

from __future__ import annotations

import logging
from typing import Final

import trio

from thenar.domain import canonical
from thenar.domain.bounty.answers import AnswerStage, Charge, ask_of
from thenar.domain.bounty.sketches import Judged, encode_witness, judge
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import AnswerRecord
from thenar.domain.ids import AnswerId
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.report import Verdict
from thenar.domain.scoring.search import search
from thenar.domain.scoring.transform import Transform
from thenar.errors import Corrupt, NotFound, Poor, Unavailable
from thenar.services.bounty.answering import near
from thenar.services.bounty.checking import challenge, laid
from thenar.services.bounty.conditions import charge_for, unmet
from thenar.services.bounty.desk import BountyDesk
from thenar.services.work.bonds import Brought, brought_today, write_down

log = logging.getLogger(__name__)

MOST: Final = 64
"""Sketches one answer is compared with for others' sake."""
BONDS: Final = "bounty/bonds"
LIMIT: Final = 64 * 1024


async def check(desk: BountyDesk, number: AnswerId) -> None:
    """Compare an answer with what was shown before, and challenge it when it is a copy.

    Raises Poor, Unavailable while a sketch of this account's, or the answer's own, is not to be had.
    """
    record, done = desk.answer(number), await _done(desk, number)
    if await _challenged_unmet(desk, record):
        return
    older = [one for one in older_than(desk, record) if one.id not in done]
    new = await desk.sketch(record) if older and await _is_open(desk, record) else None
    for other in older:
        if new is None or not await _is_open(desk, record):
            break
        if other.contributor != desk.trade.me:
            await _check_budget(desk, record)
        charge = await _charge(desk, record, new, other)
        if charge is not None:
            await _challenge(desk, record, other, charge)
            break
        done.append(other.id)
        await desk.trade.journal.put(_name(number), canonical.encode({"compared": [str(one) for one in done]}))
    await desk.trade.journal.forget([_name(number)])


async def _challenged_unmet(desk: BountyDesk, record: AnswerRecord) -> bool:
    """Challenge an answer to one's own ask that fails what was demanded; whether it did."""
    if desk.ask(ask_of(record.id)).sponsor != desk.trade.me or not await _is_open(desk, record):
        return False
    failed = await unmet(desk, record)
    if failed is None:
        return False
    log.info("answer fails what was demanded", extra={"answer": record.id, "unmet": failed})
    await challenge(desk, record.id, charge_for(record, failed))
    return True


def older_than(desk: BountyDesk, record: AnswerRecord) -> list[AnswerRecord]:
    """What an answer is compared with: this account's first, then what lies nearest and newest."""
    catalog, me = desk.trade.belief.catalog, desk.trade.me
    ask = desk.ask(ask_of(record.id))
    if not is_public(ask.ask) or record.contributor == me:
        return []
    shown = [
        one
        for one in catalog.answers.values()
        if one.shown is not None
        and one.committed_at < record.committed_at
        and one.stage not in (AnswerStage.REFUTED, AnswerStage.VOIDED)
        and is_public(desk.ask(ask_of(one.id)).ask)
    ]
    mine = [one for one in shown if one.contributor == me]
    if desk.watch_bonds is None:
        return mine
    others = [one for one in shown if one.contributor != me and near(catalog, ask, one)]
    return mine + sorted(others, key=lambda one: (_is_elsewhere(record, one), -one.committed_at))[:MOST]


def _is_elsewhere(record: AnswerRecord, other: AnswerRecord) -> bool:
    """Whether two answers count for different cells or levels."""
    one, two = record.shown, other.shown
    return one is None or two is None or (one.cell, one.level) != (two.cell, two.level)


async def _is_open(desk: BountyDesk, record: AnswerRecord) -> bool:
    """Whether an answer can still be challenged."""
    return record.stage is AnswerStage.REVEALED and record.shown is not None and await desk.now() < record.until


async def _charge(desk: BountyDesk, record: AnswerRecord, new: PlaceSketch, other: AnswerRecord) -> Charge | None:
    """What can be held against an answer beside an older one. A stranger's sketch that nobody gives shows nothing."""
    if record.shown is None or other.shown is None:
        return None
    mine = other.contributor == desk.trade.me
    try:
        old = await desk.sketch(other)
    except (Unavailable, Corrupt, NotFound) as cause:
        if mine:
            raise
        log.info("a sketch to compare with is missing", extra={"answer": other.id, "reason": cause.message})
        return None
    look = laid if mine else _laid_as_it_is
    witness, found = await trio.to_thread.run_sync(look, new, old)
    made = Charge(other.shown.asset, record.shown.quality, found.novelty, encode_witness(witness))
    told = {"answer": record.id, "with": other.id, "verdict": found.verdict.value, "novelty": found.novelty}
    log.info("answer compared", extra=told)
    if not mine and found.verdict is not Verdict.COPY:
        return None  # who overstates what is new of an honest scan is left to whoever was there before
    return made if made.weighs(record.shown) else None


def _laid_as_it_is(new: PlaceSketch, old: PlaceSketch) -> tuple[Transform, Judged]:
    """What is found without trying scales, which takes ten times as long."""
    witness = search(new, old)
    return witness, judge(new, old, witness)


async def _challenge(desk: BountyDesk, record: AnswerRecord, other: AnswerRecord, charge: Charge) -> None:
    """Challenge; for another's sake the bond counts among the day's first, so that no kill passes the limit."""
    if other.contributor != desk.trade.me:
        laid_down = await _check_budget(desk, record)
        await write_down(desk.trade, BONDS, laid_down, desk.challenge_bond)
    log.warning("challenging a copy", extra={"answer": record.id, "of": other.id, "novelty": charge.novelty})
    await challenge(desk, record.id, charge)


async def _check_budget(desk: BountyDesk, record: AnswerRecord) -> Brought:
    """What was laid down today, when another bond may be; asked before anything is compared, which takes seconds.

    Raises Unavailable while somebody else says that he challenges, Poor when the day's bonds lie there.
    """
    if desk.hearsay.is_challenged(record.id):
        raise Unavailable(f"somebody else says that he challenges answer {record.id}")
    laid_down, most = await brought_today(desk.trade, BONDS), desk.watch_bonds or 0
    if laid_down.amount + desk.challenge_bond > most:
        raise Poor(
            f"{laid_down.amount} of the {most} token units that this node may lay down in a day to challenge for "
            "others lie there already",
            next_step="bounty.bonds in thenar.toml is the limit",
        )
    return laid_down


async def _done(desk: BountyDesk, number: AnswerId) -> list[AnswerId]:
    data = await desk.trade.journal.get(_name(number))
    listed = canonical.decode_object(data, limit=LIMIT).get("compared") if data else None
    return [AnswerId(int(str(one))) for one in listed] if isinstance(listed, list) else []


def _name(number: AnswerId) -> str:
    return f"compared/{number}"
