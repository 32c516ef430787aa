"""What is asked for in words: published by who asks, fetched and held against the chain by everybody else."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

import trio

from thenar.domain.bounty.asks import NO_SUBJECT
from thenar.domain.bounty.subjects import Subject
from thenar.domain.catalog import AskRecord
from thenar.domain.ids import RAW, Cid
from thenar.errors import BadInput, Corrupt, Refused, Unavailable
from thenar.services.bounty.desk import BountyDesk
from thenar.services.ports import one_part
from thenar.services.work.jobfiles import holders_of

log = logging.getLogger(__name__)

PATIENCE: Final = 2.0
"""Seconds in which what several bounties ask for is told as far as it is found."""
AT_ONCE: Final = 64
"""Bounties whose words are looked for at once: the newest."""


async def publish(desk: BountyDesk, subject: Subject) -> None:
    """Keep a subject where everybody can fetch it. Raises Refused where nobody would find it."""
    if desk.trade.me not in desk.trade.belief.catalog.nodes:
        raise Refused(
            "what you ask for in words is fetched from your registered node, and this one is not registered",
            next_step="`thenar register --stake 100` registers it",
        )
    stored = await desk.files.store.add(one_part(subject.encode()))
    if stored.root != subject.cid:
        raise Corrupt("the subject is not stored as one block")
    desk.subjects[subject.digest] = subject


async def subject_of(desk: BountyDesk, record: AskRecord) -> Subject | None:
    """What a bounty asks for in words; None for a place. Raises Unavailable while nobody gives it, Corrupt."""
    digest, catalog = record.ask.subject, desk.trade.belief.catalog
    if digest == NO_SUBJECT:
        return None
    if digest not in desk.subjects:
        answering = (catalog.answers[number].contributor for number in record.answers)
        holders = holders_of(catalog, record.sponsor, *answering)
        try:
            found = Subject.decode(await desk.files.bring(Cid.of(RAW, digest), holders, Subject.most))
        except BadInput as cause:
            raise Corrupt(f"what bounty {record.id} asks for cannot be read: {cause.message}") from cause
        desk.subjects[digest] = found
    return desk.subjects[digest]


async def learn(desk: BountyDesk, records: Iterable[AskRecord]) -> None:
    """Have what bounties ask for in words at hand, as far as it is found soon."""
    unknown = [one for one in records if one.ask.subject not in (NO_SUBJECT, *desk.subjects)]
    with trio.move_on_after(PATIENCE):
        async with trio.open_nursery() as nursery:
            for record in unknown[-AT_ONCE:]:
                nursery.start_soon(_learn, desk, record)


async def _learn(desk: BountyDesk, record: AskRecord) -> None:
    try:
        await subject_of(desk, record)
    except (Unavailable, Corrupt) as cause:
        log.info("nobody says what a bounty asks for", extra={"bounty": record.id, "reason": cause.message})
