"""Licenses: offered, bought fairly, keys handed over and checked, money back when they are wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from thenar.domain.actions import (
    Action,
    AppointKeeper,
    ApproveSpending,
    ConsentRefund,
    DeliverKey,
    MakeOffer,
    OpenLeaf,
    OpenSale,
    SettleSale,
    TimeoutRefund,
    WriteTerms,
)
from thenar.domain.assets import BatchLeaf, Purpose, Terms
from thenar.domain.catalog import Catalog, SaleRecord
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.keytree import key_commit
from thenar.domain.licenses import FOREVER, Delivery, Offer, Order, Stage
from thenar.domain.openings import Layout
from thenar.domain.parts import WHOLE_FILE, chunks_of, key_of_part
from thenar.domain.revenue import WHOLE
from thenar.errors import BadInput, Corrupt, NotFound, Poor, Refused
from thenar.services.belief import Belief
from thenar.services.members import commitment_of
from thenar.services.once import Once, send_patiently, take_exit
from thenar.services.ports import Chain, Journal, KeyWrapper, Outbox, Receipt, Sealer
from thenar.services.records import keys_held, refuse_strangers

UNLIMITED = (1 << 256) - 1
TAKEN = ("KeyExchange_WrongStage", "KeyExchange_WrongDeal")
"""What the chain says of a sale that somebody moved on."""
REVOKED, STANDS = "KeyExchange_ConsentRevoked", "KeyExchange_ConsentStands"
"""What it says of consent: a reorganisation may give it another order than it had."""
WHOLE_BPS = 10_000
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

    async def asked_at(self, name: str) -> int:
        """When a person first asked for this, chain time in seconds; the same when it is asked again after a crash."""
        return await self.once.asked_at(name, (await self.chain.head()).timestamp, self.request)

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


def offer_name(asset: AssetId, terms: TermsId, part: int = WHOLE_FILE) -> str:
    """What a request to offer is known by."""
    return f"offer/{asset}/{terms}/{part}" if part else f"offer/{asset}/{terms}"


async def offer(trade: Trade, asset: AssetId, terms: TermsId, made: Offer, part: int = WHOLE_FILE) -> Receipt:
    """Offer licenses of an asset this account owns, or of a part of it.

    Raises NotFound, Refused, Poor when this account's deposit does not cover the bond of one sale, Corrupt when the key
    held here is not the one the asset committed to.
    """
    record = trade.belief.catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    if record.owner != trade.me:
        raise Refused(f"{asset} belongs to {record.owner}, not to this account")
    chunks_of(part, Layout(record.commitment.size).chunks)
    if await keys_held(trade.journal, trade.sealer, asset):
        await _root_key(trade, asset)
    if made.bond_bps and is_keyless(trade.belief.catalog, terms):
        raise BadInput(
            "licenses for compute_only are sold without a key: a bond would be lost to whoever opens a sale with one",
            next_step="leave --bond out",
        )
    bond, deposit = bond_of(made), (await trade.chain.wallet(trade.me)).account
    if deposit < bond:
        raise Poor(
            f"each sale locks a bond of {bond} token units and this account's deposit is {deposit}",
            next_step="`thenar account deposit` puts money there",
        )
    receipt = await trade.send(offer_name(asset, terms, part), MakeOffer(asset, terms, made, part))
    await trade.belief.until(
        lambda c: c.offers.get(asset, {}).get((trade.me, terms, part)) == made or None,
        seconds=PATIENCE,
        what="the offer",
    )
    return receipt


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer wants: an asset or a part of it, under any terms or named ones, and the most he accepts."""

    asset: AssetId
    terms: TermsId | None = None
    part: int = WHOLE_FILE
    max_price: int | None = None
    max_share: int = WHOLE
    leaf: BatchLeaf | None = None

    @property
    def offered(self) -> AssetId:
        """What the owner's offer is about: the asset, or the batch of a member without a record of its own."""
        return self.leaf.batch.asset_id if self.leaf else self.asset


async def buy(trade: Trade, wish: Wish) -> SaleRecord:
    """Open a fair sale at the owner's standing offer and wait until the chain confirms it; the rest happens by itself.

    Raises NotFound without an offer, Refused above the price accepted or when the seller's deposit does not cover his
    bond, Poor when the wallet lacks tokens.
    """
    asset = wish.asset
    now = (await trade.chain.head()).timestamp
    chosen, standing = standing_offer(trade.belief.catalog, wish, now)
    if is_keyless(trade.belief.catalog, chosen):
        raise Refused(
            f"licenses of {asset} under terms {chosen} are for compute_only and bring no key",
            next_step=f"`thenar license buy {asset} --no-key`, then `thenar job house {asset}`",
        )
    _check_sellers_bond(trade.belief.catalog, wish.offered, bond_of(standing))
    await approve(trade, standing.price + bond_of(standing))
    what, key_x = f"{asset}/{wish.part}" if wish.part else str(asset), 0

    async def ask(label: str) -> OpenSale | OpenLeaf:
        nonlocal key_x
        key_x, key_y = await one_time_point(trade, what, label)
        least = standing.duration or FOREVER
        order = Order(wish.offered, chosen, standing.price, wish.max_share, least, key_x, key_y, wish.part)
        return OpenLeaf(order, wish.leaf) if wish.leaf else OpenSale(order)

    await trade.once.send_made(f"open/{what}", ask, trade.request)

    def opened(catalog: Catalog) -> SaleRecord | None:
        return next((s for s in catalog.sales.values() if s.deal.asset == asset and s.deal.key_x == key_x), None)

    return await trade.belief.until(opened, seconds=PATIENCE, what="the opening of the sale")


def is_keyless(catalog: Catalog, terms: TermsId) -> bool:
    """Whether licenses under these terms bring no key: they permit nothing but running programs at the owner's."""
    written = catalog.terms.get(terms)
    return written is not None and written.purposes == Purpose.COMPUTE_ONLY


def bond_of(made: Offer) -> int:
    """What each side of a sale at this offer lays down beside the price; the contract rounds the same way."""
    return made.price * made.bond_bps // WHOLE_BPS


def _check_sellers_bond(catalog: Catalog, asset: AssetId, bond: int) -> None:
    seller = catalog.assets[asset].owner
    deposit = catalog.accounts.get(seller, 0)
    if deposit < bond:
        raise Refused(
            f"the seller must lock a bond of {bond} token units and has deposited {deposit}",
            next_step="ask the seller to deposit more, or wait until other sales return the seller's bonds",
        )


async def one_time_point(trade: Trade, what: str, label: str) -> tuple[int, int]:
    """The public key of a sale, its seed on disk before anybody sees it."""
    seed = hashlib.sha256(f"thenar.sale/1/{what}/{label}".encode()).digest()
    _, point = trade.wrapper.one_time_key(seed)
    await trade.journal.put(f"sale-key/{point[:32].hex()}", seed)
    return int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")


def standing_offer(catalog: Catalog, wish: Wish, now: int) -> tuple[TermsId, Offer]:
    """The cheapest offer that a wish allows. Raises NotFound, Refused above the price accepted."""
    if wish.offered not in catalog.assets:
        raise NotFound(f"no asset {wish.asset}", next_step="`thenar capture list` shows what exists")
    offers = [
        (number, made)
        for number, made in catalog.offers_of(wish.offered, wish.part)
        if wish.terms in (None, number) and made.expires_at > now
    ]
    if not offers:
        what = f"{wish.asset} is" if wish.part == WHOLE_FILE else f"this part of {wish.asset} is"
        raise NotFound(f"{what} not offered under these terms", next_step="`thenar capture show` lists its offers")
    chosen, standing = min(offers, key=lambda pair: pair[1].price)
    if wish.max_price is not None and standing.price > wish.max_price:
        raise Refused(f"the price is {standing.price}, above {wish.max_price}", next_step="raise --max-price to accept")
    return chosen, standing


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
    """Seller, or his keeper: wrap the key of the file or the part for the buyer's one-time key and deliver it.

    Does nothing when it is too late, or when consent was withdrawn: the buyer has his money back. Raises Refused
    without the key or for a marked copy of somebody else's, Corrupt when no key held here is the one the asset
    committed to: delivered, it would cost the bond.
    """
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is not Stage.OPEN or _consent_ended(trade.belief.catalog, found):
        return
    await refuse_strangers(trade.journal, found.deal.asset, found.deal.buyer)
    if is_keyless(trade.belief.catalog, found.deal.terms):
        raise Refused(f"a license of {found.deal.asset} for compute_only brings no key; the buyer has his money back")
    key = key_of_part(await _root_key(trade, found.deal.asset), found.deal.range)
    wrapped = trade.wrapper.wrap(key, found.deal.buyer_point, found.deal_id)
    delivery = Delivery(
        wrapped.blob, int.from_bytes(wrapped.ephemeral[:32], "big"), int.from_bytes(wrapped.ephemeral[32:], "big")
    )
    await trade.outbox.send(f"deliver:{deal_id}", DeliverKey(found.deal, delivery))


def _consent_ended(catalog: Catalog, found: SaleRecord) -> bool:
    """Whether consent was withdrawn since a sale was opened, as far as this node has seen."""
    record = catalog.assets.get(found.deal.asset) or catalog.assets.get(found.deal.batch)
    return record is not None and record.consent_epoch != found.deal.consent_epoch


async def _root_key(trade: Trade, asset: AssetId) -> bytes:
    held = await keys_held(trade.journal, trade.sealer, asset)
    if not held:
        raise Refused(
            f"this node sells {asset} but has no key to it", next_step="restore the keyring it was sealed with"
        )
    promised = (await commitment_of(asset, trade.journal, trade.belief)).key_commit
    for key in held:
        if key_commit(key) == promised:
            return key
    raise Corrupt(
        f"the key this node has is not the one {asset} committed to: its keyring or journal is damaged",
        next_step="restore both from a backup and `thenar duty retry` before the delivery window ends, "
        "or `thenar license revoke`, which gives both bonds back",
    )


async def settle_sale(trade: Trade, deal_id: str) -> None:
    """Seller: collect the price once the dispute window has passed.

    Raises Unavailable while consent is withdrawn and the sale was not refunded: the withdrawal may be undone.
    """
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is Stage.DELIVERED and found.delivery is not None:
        await take_exit(trade.outbox, f"settle:{deal_id}", SettleSale(found.deal, found.delivery), (*TAKEN, REVOKED))


async def refund_late_sale(trade: Trade, deal_id: str) -> None:
    """Buyer: take the money back when no key came by the deadline."""
    found = sale(trade.belief.catalog, deal_id)
    if found.stage is Stage.OPEN:
        await take_exit(trade.outbox, f"refund:{deal_id}", TimeoutRefund(found.deal), TAKEN)


async def refund_revoked_sale(trade: Trade, deal_id: str) -> None:
    """Buyer: take price and bond back when consent was withdrawn before the sale settled.

    Raises Unavailable while the chain has a delivery that this node has not seen, which the refund must name, and where
    a reorganisation put the refund before the withdrawal.
    """
    found = sale(trade.belief.catalog, deal_id)
    if found.stage not in (Stage.OPEN, Stage.DELIVERED):
        return
    delivery, key = found.delivery or Delivery(bytes(32), 0, 0), f"refund-revoked:{deal_id}"
    named = f"{key}/delivered" if found.delivery else key
    await take_exit(trade.outbox, named, ConsentRefund(found.deal, delivery), (*TAKEN, STANDS))


async def appoint_keeper(trade: Trade, keeper: Address) -> Receipt:
    """Let somebody else deliver keys in this account's name; the zero address for nobody."""
    receipt = await trade.send(f"keeper/{keeper}", AppointKeeper(keeper))
    await trade.seen(receipt)
    return receipt
