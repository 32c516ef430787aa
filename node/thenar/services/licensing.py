"""Licenses: offered, bought fairly, keys handed over and checked, money back when they are wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from thenar.domain.actions import (
    Action,
    ApproveSpending,
    DeliverKey,
    DisputeKey,
    MakeOffer,
    OpenSale,
    RevokeAll,
    SettleSale,
    TimeoutRefund,
    WriteTerms,
)
from thenar.domain.assets import Terms
from thenar.domain.catalog import Catalog, SaleRecord
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.keytree import key_commit
from thenar.domain.licenses import FOREVER, Delivery, Offer, Stage
from thenar.domain.revenue import WHOLE
from thenar.errors import NotFound, Poor, Refused, Reverted
from thenar.services.belief import Belief
from thenar.services.once import Once, send_patiently
from thenar.services.ports import Chain, Journal, KeyWrapper, Outbox, Receipt, Sealer, Wrapped
from thenar.services.records import bought_key, own_content, remember_key

UNLIMITED = (1 << 256) - 1
PATIENCE = 120.0
"""Seconds a story waits for the chain to confirm what it sent."""


@dataclass(frozen=True, slots=True)
class Trade:
    """The ports a license story needs."""

    me: Address
    chain: Chain
    once: Once
    belief: Belief
    wrapper: KeyWrapper
    sealer: Sealer
    request: str | None = None

    @property
    def journal(self) -> Journal:
        """What this node remembers."""
        return self.once.journal

    @property
    def outbox(self) -> Outbox:
        """The only way to send."""
        return self.once.outbox

    async def send(self, name: str, action: Action) -> Receipt:
        """Send what a person asked for, once per request id or, without one, once per asking."""
        return await self.once.send(name, action, self.request)

    async def seen(self, receipt: Receipt) -> None:
        """Wait until the catalog holds the block of a receipt. Raises Late."""
        block = receipt.block
        await self.belief.until(
            lambda _: self.belief.block >= block or None, seconds=PATIENCE, what=f"the confirmation of block {block}"
        )


def terms_id(catalog: Catalog, terms: Terms) -> TermsId | None:
    """The id of terms with this content, or None when nobody has written them."""
    return next((number for number, written in catalog.terms.items() if written == terms), None)


async def write_terms(trade: Trade, terms: Terms) -> TermsId:
    """The id of these terms, written first when nobody has."""
    known = terms_id(trade.belief.catalog, terms)
    if known is not None:
        return known
    digest = hashlib.sha256(repr(terms).encode()).hexdigest()
    await send_patiently(trade.outbox, f"terms:{digest}", WriteTerms(terms))
    return await trade.belief.until(lambda c: terms_id(c, terms), seconds=PATIENCE, what="the writing of terms")


async def offer(trade: Trade, asset: AssetId, terms: TermsId, made: Offer) -> Receipt:
    """Offer licenses of an asset this account owns. Raises NotFound, Refused."""
    record = trade.belief.catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    if record.owner != trade.me:
        raise Refused(f"{asset} belongs to {record.owner}, not to this account")
    action = MakeOffer(asset, terms, made.price, made.duration, made.expires_at)
    receipt = await trade.send(f"offer/{asset}/{terms}", action)
    await trade.belief.until(
        lambda c: c.offers.get(asset, {}).get((trade.me, terms)) == made or None, seconds=PATIENCE, what="the offer"
    )
    return receipt


async def revoke_all(trade: Trade, asset: AssetId) -> Receipt:
    """End every license of an asset this account owns, at once. Raises NotFound, Refused."""
    record = trade.belief.catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    if record.owner != trade.me:
        raise Refused(f"{asset} belongs to {record.owner}, not to this account")
    return await trade.send(f"revoke/{asset}", RevokeAll(asset))


async def buy(
    trade: Trade, asset: AssetId, terms: TermsId | None, *, max_price: int | None = None, max_share: int = WHOLE
) -> SaleRecord:
    """Open a fair sale at the owner's standing offer and wait until the chain confirms it; the rest happens by itself.

    Raises NotFound without an offer, Refused above ``max_price``, Poor when the wallet lacks tokens.
    """
    now = (await trade.chain.head()).timestamp
    chosen, standing = _standing_offer(trade.belief.catalog, asset, terms, now)
    if max_price is not None and standing.price > max_price:
        raise Refused(f"the price is {standing.price}, above {max_price}", next_step="raise --max-price to accept it")
    await approve(trade, standing.price)
    key_x = 0

    async def ask(label: str) -> OpenSale:
        nonlocal key_x
        key_x, key_y = await _one_time_point(trade, asset, label)
        return OpenSale(asset, chosen, standing.price, max_share, standing.duration or FOREVER, key_x, key_y)

    await trade.once.send_made(f"open/{asset}", ask, trade.request)

    def opened(catalog: Catalog) -> SaleRecord | None:
        return next((s for s in catalog.sales.values() if s.deal.asset == asset and s.deal.key_x == key_x), None)

    return await trade.belief.until(opened, seconds=PATIENCE, what="the opening of the sale")


async def _one_time_point(trade: Trade, asset: AssetId, label: str) -> tuple[int, int]:
    """The public key of a sale, its seed on disk before anybody sees it."""
    seed = hashlib.sha256(f"thenar.sale/1/{asset}/{label}".encode()).digest()
    _, point = trade.wrapper.one_time_key(seed)
    await trade.journal.put(f"sale-key/{point[:32].hex()}", seed)
    return int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")


def _standing_offer(catalog: Catalog, asset: AssetId, terms: TermsId | None, now: int) -> tuple[TermsId, Offer]:
    if asset not in catalog.assets:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    offers = [
        (number, made)
        for number, made in catalog.offers_of(asset)
        if (terms is None or number == terms) and made.expires_at > now
    ]
    if not offers:
        raise NotFound(f"{asset} is not offered under these terms", next_step="`thenar capture show` lists its offers")
    return min(offers, key=lambda pair: pair[1].price)


async def approve(trade: Trade, amount: int) -> None:
    """Make sure the wallet has ``amount`` tokens and the Ledger may pull them. Raises Poor.

    The Ledger is immutable and pulls only from whoever calls a module, so one approval serves for ever.
    """
    wallet = await trade.chain.wallet(trade.me)
    if wallet.tokens < amount:
        raise Poor(
            f"the wallet holds {wallet.tokens} token units and {amount} are needed",
            next_step="send settlement tokens to this account, or `thenar revenue claim` what it has earned",
        )
    if wallet.allowance < amount:
        await trade.once.send("approve", ApproveSpending(UNLIMITED))


def sale(catalog: Catalog, deal_id: str) -> SaleRecord:
    """The sale behind a duty's subject. Raises NotFound."""
    found = catalog.sales.get(bytes.fromhex(deal_id))
    if found is None:
        raise NotFound(f"no sale {deal_id}")
    return found


async def deliver_key(trade: Trade, deal_id: str) -> None:
    """Seller: wrap the root key for the buyer's one-time key and deliver it. Does nothing when it is too late."""
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is not Stage.OPEN:
        return
    root_key = await _root_key(trade, found.deal.asset)
    wrapped = trade.wrapper.wrap(root_key, found.deal.buyer_point, found.deal_id)
    delivery = Delivery(
        wrapped.blob, int.from_bytes(wrapped.ephemeral[:32], "big"), int.from_bytes(wrapped.ephemeral[32:], "big")
    )
    await trade.outbox.send(f"deliver:{deal_id}", DeliverKey(found.deal, delivery))


async def _root_key(trade: Trade, asset: AssetId) -> bytes:
    content = await own_content(trade.journal, asset)
    if content is not None:
        return trade.sealer.root_key(content)
    bought = await bought_key(trade.journal, asset)
    if bought is None:
        raise Refused(
            f"this node sells {asset} but has no key to it", next_step="restore the keyring it was sealed with"
        )
    return bought


async def check_key(trade: Trade, deal_id: str) -> None:
    """Buyer: unwrap the delivered key; keep it when it is right, dispute and have the money back when it is not."""
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is not Stage.DELIVERED or found.delivery is None:
        return
    secret = await _one_time_secret(trade, found)
    wrapped = Wrapped(found.delivery.wrapped, found.delivery.ephemeral_point)
    root_key = trade.wrapper.unwrap(wrapped, secret, found.deal_id)
    commitment = trade.belief.catalog.assets[found.deal.asset].commitment
    if key_commit(root_key) == commitment.key_commit:
        await remember_key(trade.journal, found.deal.asset, root_key)
        return
    shared = trade.wrapper.shared_point(found.delivery.ephemeral_point, secret)
    dispute = DisputeKey(
        found.deal,
        found.delivery,
        commitment,
        int.from_bytes(secret, "big"),
        int.from_bytes(shared[:32], "big"),
        int.from_bytes(shared[32:], "big"),
    )
    await trade.outbox.send(f"dispute:{deal_id}", dispute)


async def _one_time_secret(trade: Trade, found: SaleRecord) -> bytes:
    seed = await trade.journal.get(f"sale-key/{found.deal.key_x.to_bytes(32, 'big').hex()}")
    if seed is None:
        raise Refused("this node did not make the one-time key of this sale", next_step="use the node that bought it")
    secret, _ = trade.wrapper.one_time_key(seed)
    return secret


async def settle_sale(trade: Trade, deal_id: str) -> None:
    """Seller: collect the price once the dispute window has passed."""
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is Stage.DELIVERED and found.delivery is not None:
        await _unless_moved_on(trade, f"settle:{deal_id}", SettleSale(found.deal, found.delivery))


async def refund_late_sale(trade: Trade, deal_id: str) -> None:
    """Buyer: take the money back when no key came by the deadline."""
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is Stage.OPEN:
        await _unless_moved_on(trade, f"refund:{deal_id}", TimeoutRefund(found.deal))


async def _unless_moved_on(trade: Trade, key: str, action: SettleSale | TimeoutRefund) -> None:
    """Send an exit anybody may take; that somebody took it first is no failure."""
    try:
        await trade.outbox.send(key, action)
    except Reverted as refused:
        if refused.name not in ("KeyExchange_WrongStage", "KeyExchange_WrongDeal"):
            raise
