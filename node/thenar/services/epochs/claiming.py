"""Bringing rewards home, and paying for use."""

from __future__ import annotations

from thenar.domain.actions import ApproveUsage, ClaimReward, PayUsage
from thenar.domain.epochs.tree import RewardTree
from thenar.domain.ids import Address, AssetId
from thenar.errors import BadInput, NotFound
from thenar.services.epochs.desk import EpochDesk
from thenar.services.ports import Receipt


async def settled_tree(desk: EpochDesk) -> RewardTree:
    """The tree of the settled root: as this node computes it, else as it was published. Raises NotFound, Corrupt."""
    settled = desk.book.settled
    if settled is None:
        raise NotFound("no root is settled yet", next_step="`thenar epoch list` shows where each epoch stands")
    mine = await desk.tree(settled.epoch)
    if mine.root.verdict(desk.place) == settled.verdict(desk.place):
        return mine
    return await desk.published(settled)


async def claim(desk: EpochDesk, account: Address) -> tuple[int, Receipt]:
    """Mint what an account is due under the settled root beyond what it had; how much. Raises NotFound."""
    leaf = (await settled_tree(desk)).prove(account)
    due = leaf.amount - desk.book.claimed[account]
    if due <= 0:
        raise NotFound(
            f"{account} has had all it is due so far", next_step="`thenar earnings` shows what is still to come"
        )
    action = ClaimReward(account, leaf.index, leaf.amount, leaf.siblings, leaf.sums)
    receipt = await desk.trade.send(f"epoch-claim/{account}", action)
    await desk.trade.seen(receipt)
    return due, receipt


async def pay(desk: EpochDesk, asset: AssetId, amount: int) -> Receipt:
    """Pay for using an asset in ThenarToken: a twentieth is burnt, the owner has the rest.

    Raises NotFound, BadInput.
    """
    if asset not in desk.trade.belief.catalog.assets:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    if amount <= 0:
        raise BadInput("the amount must be above zero")
    await desk.trade.send(f"epoch-approve/{asset}", ApproveUsage(amount))
    receipt = await desk.trade.send(f"epoch-pay/{asset}", PayUsage(asset, amount))
    await desk.trade.seen(receipt)
    return receipt
