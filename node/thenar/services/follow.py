"""Blocks become facts, facts become the catalog and duties: one journal transaction per batch."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import trio
from trio_typing import TaskStatus

from thenar.domain.catalog import apply
from thenar.domain.duties import Duty, Me, react
from thenar.services.belief import Belief
from thenar.services.ports import Batch, Chain, Journal, Rewind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Followed:
    """What following needs to know beside its ports."""

    first_block: int
    me: Me


async def refold(journal: Journal, belief: Belief) -> None:
    """Build the catalog again from every fact in the journal; no other task sees it half built."""
    facts, cursor = await journal.facts(), await journal.cursor()
    belief.restart()
    for fact in facts:
        apply(belief.catalog, fact)
    belief.advance(-1 if cursor is None else cursor)


async def follow_chain(
    chain: Chain,
    journal: Journal,
    belief: Belief,
    followed: Followed,
    *,
    task_status: TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Follow the chain for ever. Announces the block the catalog stands at, once refolded."""
    await refold(journal, belief)
    task_status.started(belief.block)
    start = followed.first_block if belief.block < 0 else belief.block + 1
    async for item in chain.confirmed(start, journal.block_hash):
        match item:
            case Batch():
                await take_in(item, journal, belief, followed.me)
            case Rewind(to_block=to_block):
                log.warning("chain reorganised; facts dropped", extra={"after_block": to_block})
                belief.doubt()
                await journal.rewind(to_block)
                await refold(journal, belief)


async def take_in(batch: Batch, journal: Journal, belief: Belief, me: Me) -> None:
    """Fold one batch; duties and facts become durable together, before anybody acts on them."""
    duties: list[Duty] = []
    for fact in batch.facts:
        apply(belief.catalog, fact)
        duties.extend(react(belief.catalog, fact, me))
    await journal.take_in(batch, duties)
    belief.advance(batch.last, changed=bool(batch.facts))
