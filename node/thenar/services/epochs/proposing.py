"""Closing epochs, answering for their roots, and having them settled when nobody held another against them."""

from __future__ import annotations

import logging

from thenar.domain.actions import CloseEpoch, ProposeRoot, SettleRoot
from thenar.domain.epochs.tree import RewardTree
from thenar.services.epochs.desk import EpochDesk
from thenar.services.steps import step

log = logging.getLogger(__name__)


async def close(desk: EpochDesk, epoch: int) -> None:
    """End an epoch that has lasted long enough, unless somebody has."""
    if desk.book.newest < epoch:
        await step(desk.trade, f"epoch-close:{epoch}", CloseEpoch())


async def propose(desk: EpochDesk, epoch: int, subject: str) -> RewardTree | None:
    """Publish the tree of the newest closed epoch and answer for its root, unless somebody does; the tree if sent.

    An epoch that makes nobody due anything more than before needs no root. Raises NotFound, Poor.
    """
    book = desk.book
    settled = book.settled.epoch if book.settled else 0
    if epoch != book.newest or epoch <= settled or book.proposal is not None:
        return None
    tree = await desk.tree(epoch)
    if tree.root.total == (book.settled.total if book.settled else 0):
        return None
    await desk.publish(tree)
    await desk.back()
    log.info("proposing a root", extra={"epoch": epoch, "root": tree.root.root.hex(), "total": tree.root.total})
    return tree if await step(desk.trade, f"epoch-propose:{subject}", ProposeRoot(tree.root)) else None


async def settle(desk: EpochDesk, epoch: int, root: bytes) -> None:
    """Have a proposed root settled whose window is over."""
    proposal = desk.book.proposal
    if proposal is None or desk.book.dispute is not None or proposal.root.root != root:
        return
    await step(desk.trade, f"epoch-settle:{epoch}/{root.hex()}/{proposal.until}", SettleRoot(proposal))
