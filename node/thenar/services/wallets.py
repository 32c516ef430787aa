"""Wallets of browsers: what a node does for an account whose keys it has not.

The wallet signs and pays; the node makes and keeps the one-time key of a sale, checks and opens what comes, delivers
keys of what it sealed as the wallet's keeper, and takes every exit that anybody may take. Only a complaint needs both.
"""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.ids import Address
from thenar.domain.licenses import FOREVER, Order
from thenar.errors import Refused
from thenar.services.licensing import Trade, Wish, bond_of, is_keyless, one_time_point, standing_offer
from thenar.services.ports import Journal

ROW = "wallet/"
"""Under which the journal names wallets."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order that a wallet can sign, or with ``keyless`` a purchase that brings no key; amounts in token units."""

    order: Order
    price: int
    bond: int
    keyless: bool


async def wallets_served(journal: Journal) -> set[Address]:
    """Every wallet this node has worked for."""
    return {Address(name.removeprefix(ROW)) for name in await journal.names(ROW)}


async def serve_wallet(journal: Journal, wallets: set[Address], wallet: Address) -> None:
    """Work for a wallet from now on, on disk before anything is done for it."""
    if wallet not in wallets:
        await journal.put(f"{ROW}{wallet}", b"{}")
        wallets.add(wallet)


async def order_for(trade: Trade, wish: Wish, wallet: Address, label: str) -> Ordered:
    """What a wallet signs to buy at the owner's standing offer, with a one-time key whose seed is on disk.

    The same label gives the same key, so that asking again after a crash opens no second sale. Raises NotFound without
    an offer, Refused above the price accepted, for one's own asset, and while a sale of it to the wallet runs.
    """
    catalog = trade.belief.catalog
    chosen, made = standing_offer(catalog, wish, (await trade.chain.head()).timestamp)
    if catalog.assets[wish.offered].owner == wallet:
        raise Refused(f"{wish.asset} belongs to this wallet already", next_step="pick another wallet to buy with")
    least, keyless = made.duration or FOREVER, is_keyless(catalog, chosen)
    what = f"{wish.asset}/{wish.part}" if wish.part else str(wish.asset)
    x, y = (0, 0) if keyless else await one_time_point(trade, what, f"{wallet}/{label}")
    order = Order(wish.offered, chosen, made.price, wish.max_share, least, x, y, wish.part)
    return Ordered(order, made.price, bond_of(made), keyless)
