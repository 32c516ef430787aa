"""The challenger's side, and the juror's: compute an epoch again from facts, and say what comes out."""

from __future__ import annotations

import logging

from thenar.domain.actions import ChallengeRoot
from thenar.domain.catalog import CaseRecord
from thenar.errors import NotFound
from thenar.services.epochs.desk import EpochDesk
from thenar.services.steps import step

log = logging.getLogger(__name__)


async def check(desk: EpochDesk, epoch: int, root: bytes) -> None:
    """Compute a proposed root again, and hold one's own against it when they differ. Raises Poor."""
    proposal = desk.book.proposal
    if proposal is None or desk.book.dispute is not None or proposal.root.root != root:
        return
    mine = await desk.tree(epoch)
    if mine.root.verdict(desk.place) == proposal.root.verdict(desk.place):
        return
    log.warning("another root comes out", extra={"epoch": epoch, "proposed": root.hex(), "mine": mine.root.root.hex()})
    await desk.publish(mine)
    await desk.back()
    key = f"epoch-challenge:{epoch}/{root.hex()}/{proposal.until}"
    await step(desk.trade, key, ChallengeRoot(proposal, mine.root))


async def root_leaf(desk: EpochDesk, case: CaseRecord) -> bytes:
    """What a juror votes for: the root this node computes. Raises NotFound for a case about something else."""
    if case.epoch is None:
        raise NotFound(f"dispute {case.id} is about no epoch")
    tree = await desk.tree(case.epoch)
    return tree.root.verdict(desk.place)
