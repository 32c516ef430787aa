"""What a node does about income by itself: rolls shares up, keeps payouts, sees that none omits what is its own."""

from __future__ import annotations

from thenar.domain import facts as f
from thenar.domain.actions import RollShare
from thenar.domain.catalog import Catalog
from thenar.domain.duties import Duty
from thenar.domain.ids import AssetId
from thenar.errors import NotFound, Reverted
from thenar.services.licensing import Trade
from thenar.services.omissions import answer, challenge, condemn, end_freeze, return_bond, thaw_earlier
from thenar.services.payouts import fetch_payout, find_payout
from thenar.services.ports import Peers, Store


async def roll_share(trade: Trade, duty: Duty) -> None:
    """Move a parent's share of a child's income up to it, unless that happened meanwhile."""
    child, parent, place = duty.subject.split("/")
    if trade.belief.catalog.income_of(AssetId(child)).roll_due(AssetId(parent)) <= 0:
        return
    try:
        await trade.outbox.send(f"roll:{child}/{parent}/{place}", RollShare(AssetId(child), AssetId(parent)))
    except Reverted as refused:
        if refused.name != "RevenueGraph_NothingDue":
            raise


async def keep_payout(trade: Trade, store: Store, peers: Peers, duty: Duty) -> None:
    """Fetch and pin a payout's tree, so that contributors find it also while its publisher is away."""
    await fetch_payout(trade, store, peers, _payout(trade.belief.catalog, duty))


async def check_payout(trade: Trade, store: Store, peers: Peers, duty: Duty) -> None:
    """Prove that a payout omits an asset of this account, if it does."""
    catalog = trade.belief.catalog
    mine = {sale.deal.asset for sale in catalog.sales.values() if sale.deal.seller == trade.me}
    await challenge(trade, store, peers, _payout(catalog, duty), only=mine)


async def answer_accusation(trade: Trade, store: Store, peers: Peers, duty: Duty) -> None:
    """Show the place of what this account is said to have omitted."""
    accused = _accusation(trade.belief.catalog, duty)
    if accused:
        await answer(trade, store, peers, accused)


async def condemn_omission(trade: Trade, duty: Duty) -> None:
    """Ask for the verdict on an accusation of this account that nobody answered."""
    accused = _accusation(trade.belief.catalog, duty)
    if accused:
        await condemn(trade, accused)


async def thaw_payout(trade: Trade, store: Store, peers: Peers, duty: Duty) -> None:
    """Thaw earlier payouts that this one corrects."""
    await thaw_earlier(trade, store, peers, _payout(trade.belief.catalog, duty))


async def end_time(trade: Trade, duty: Duty) -> None:
    """Thaw a payout of this account whose time has passed."""
    asset, payout = duty.subject.split("/")
    await end_freeze(trade, AssetId(asset), int(payout))


async def take_bond_back(trade: Trade, duty: Duty) -> None:
    """Bring a bond of this account back."""
    asset, payout = duty.subject.split("/")
    await return_bond(trade, AssetId(asset), int(payout))


def _payout(catalog: Catalog, duty: Duty) -> f.PayoutPublished:
    asset, payout = duty.subject.split("/")
    return find_payout(catalog, AssetId(asset), int(payout))


def _accusation(catalog: Catalog, duty: Duty) -> f.OmissionAccused | None:
    asset, payout, omitted = duty.subject.split("/")
    if AssetId(asset) not in catalog.assets:
        raise NotFound(f"no asset {asset}")
    return catalog.income_of(AssetId(asset)).accusations.get((int(payout), AssetId(omitted)))
