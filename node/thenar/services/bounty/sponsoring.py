"""The sponsor's side: ask for captures, and have what is left back."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from thenar.domain.actions import CloseAsk, LapseAnswer, PostAsk, SettleAnswer, SkipAnswers
from thenar.domain.bounty.answers import AnswerStage
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.gaps import gap_of
from thenar.domain.bounty.subjects import Subject
from thenar.domain.bounty.visibility import is_public
from thenar.domain.catalog import AskRecord, Catalog
from thenar.domain.ids import AnswerId, AskId
from thenar.errors import BadInput, Unavailable
from thenar.services.bounty import subjects
from thenar.services.bounty.desk import BountyDesk
from thenar.services.bounty.hearsay import GAP, gap_body
from thenar.services.licensing import PATIENCE, approve
from thenar.services.ports import Receipt
from thenar.services.steps import step

GAPS = 32
"""Bounties a sponsor's node tells of at once: its newest."""
PASSED_OVER = 16
"""Answers that are over which a settlement passes over by itself."""


def name_of(ask: Ask) -> str:
    """What a request to ask for this is known by, whenever it is asked for."""
    return f"ask/{hashlib.sha256(repr(replace(ask, deadline=0)).encode()).hexdigest()}"


async def post(desk: BountyDesk, ask: Ask, subject: Subject | None = None) -> tuple[AskRecord, Receipt]:
    """Lock the budget and wait until the chain confirms the bounty; its subject is published first.

    Raises BadInput, Refused, Poor, Reverted.
    """
    ask.check()
    if ask.needs_gesture and not is_public(ask):
        raise BadInput(
            "a gesture is seen in a trace that is published, and of this nothing is",
            next_step="ask for devices: --needs-device",
        )
    trade = desk.trade
    if subject is not None:
        await subjects.publish(desk, subject)
    await approve(trade, ask.budget)
    receipt = await trade.send(name_of(ask), PostAsk(ask))
    await trade.seen(receipt)

    def asked(catalog: Catalog) -> AskRecord | None:
        return next((one for one in catalog.asks.values() if one.opened.tx_hash == receipt.tx_hash), None)

    return await trade.belief.until(asked, seconds=PATIENCE, what="the capture bounty"), receipt


async def announce_gaps(desk: BountyDesk) -> int:
    """Tell everybody how much is missing of this account's open bounties; how many were told."""
    trade = desk.trade
    mine = [one for one in trade.belief.catalog.asks.values() if one.sponsor == trade.me and one.left]
    if not mine:
        return 0
    now = await desk.now()
    still = [one for one in mine if now < one.ask.deadline][-GAPS:]
    for record in still:
        missing = gap_of(trade.belief.catalog, record, now).missing_bp
        await desk.files.peers.announce(GAP, gap_body(record.id, missing))
    return len(still)


async def close(desk: BountyDesk, number: AskId) -> None:
    """Have every answer ended that can be, and what is left of the budget back."""
    record = desk.ask(number)
    if record.closed:
        return
    await clear(desk, record, len(record.answers))
    await step(desk.trade, f"ask-close:{number}", CloseAsk(number))


async def clear(desk: BountyDesk, record: AskRecord, before: int) -> None:
    """Settle or end every answer that stands before a place. Raises Unavailable while one of them still runs."""
    now, over = await desk.now(), 0
    for number in record.answers[:before]:
        answer = desk.answer(number)
        if answer.stage.is_over:
            over += 1
            continue
        if answer.stage is AnswerStage.DISPUTED or now < answer.until:
            raise Unavailable(f"an earlier answer to bounty {record.id} is not over")
        await _end(desk, number)
    if over > PASSED_OVER:
        await step(desk.trade, f"ask-skip:{record.id}/{before}", SkipAnswers(record.id, before))


async def _end(desk: BountyDesk, number: AnswerId) -> None:
    answer = desk.answer(number)
    if answer.shown is None:
        await step(desk.trade, f"answer-lapse:{number}", LapseAnswer(number))
    else:
        await step(desk.trade, f"answer-settle:{number}/{answer.until}", SettleAnswer(number, answer.shown))
