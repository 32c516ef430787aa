"""The reflex arc on chain: services started and retired, channels opened, closed and settled, vouchers redeemed."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.actions import (
    CloseChannel,
    EndService,
    OpenChannel,
    RedeemVoucher,
    RetireService,
    ServeModel,
    SettleChannel,
    TopUpChannel,
)
from thenar.domain.assets import AssetKind
from thenar.domain.catalog import Catalog, ChannelRecord
from thenar.domain.duties import Duty
from thenar.domain.ids import Address, AssetId, ChannelId
from thenar.domain.reflex.channels import WHOLE, Service
from thenar.domain.reflex.frames import Pay
from thenar.domain.reflex.vouchers import REDEMPTIONS, is_worth_redeeming, redemption_cost
from thenar.errors import BadInput, NotFound, Refused, Reverted, Unavailable
from thenar.services.licensing import PATIENCE, Trade, approve
from thenar.services.reflex.answering import voucher_name

SPARE_SECONDS = 30
"""A channel that ends within this is not used for new calls."""
_GONE = frozenset({"ReflexDesk_Unknown", "ReflexDesk_NothingDue"})
"""What the desk says when somebody came first."""


@dataclass(frozen=True, slots=True)
class Till:
    """The ports of redeeming, what a redemption costs at least, and a coin of the chain is worth (token units)."""

    trade: Trade
    least_cost: int
    coin_price: int = 0

    async def cost(self) -> int:
        """What a redemption costs now, by the measured gas price. Raises Unavailable."""
        if not self.coin_price:
            return self.least_cost
        return max(self.least_cost, redemption_cost(await self.trade.chain.gas_price(), self.coin_price))

    async def least_deposit(self) -> int:
        """Below this nobody opens a channel: its node could not redeem a voucher over all of it."""
        return REDEMPTIONS * await self.cost()


def channel_of(catalog: Catalog, number: int) -> ChannelRecord:
    """A channel as the chain knows it. Raises NotFound."""
    found = catalog.channels.get(ChannelId(number))
    if found is None:
        raise NotFound(f"no channel {number}", next_step="`thenar infer list` shows this account's")
    return found


async def start_service(
    trade: Trade, model: AssetId, price: int, share: int | None, stake: int, latency: int = 0
) -> Service:
    """Serve a model: free stake is bound to it. What runs already is left as it is.

    ``share`` of income, parts per million, is the model's terms' when left out; ``latency`` in µs is said on chain.
    Raises NotFound, Refused, BadInput.
    """
    record = trade.belief.catalog.assets.get(model)
    if record is None:
        raise NotFound(f"no asset {model}", next_step="`thenar capture list` shows what exists")
    if record.kind is not AssetKind.MODEL:
        raise Refused(f"{model} is no model")
    terms = trade.belief.catalog.terms.get(record.terms)
    least = terms.derivative_share if terms else 0
    given = least if share is None else share
    if not least <= given <= WHOLE:
        raise BadInput(f"the model's share is {given} parts per million; its terms ask for at least {least}")
    key = (trade.me, model)
    known = trade.belief.catalog.services.get(key)
    if known is None:
        await trade.seen(await trade.send(f"serve/{model}", ServeModel(model, price, given, stake, latency)))
        known = await trade.belief.until(lambda c: c.services.get(key), seconds=PATIENCE, what="the service")
    if not known.runs:
        raise Refused("this service is retired or convicted", next_step="`thenar infer list` shows when it ends")
    return known


async def retire(trade: Trade, model: AssetId) -> Service:
    """Take no new channels to a model. Raises Reverted when it is not served."""
    await trade.seen(await trade.send(f"retire/{model}", RetireService(model)))
    return trade.belief.catalog.services[trade.me, model]


def open_channels(catalog: Catalog, client: Address, node: Address, model: AssetId) -> list[ChannelRecord]:
    """Channels of a client to a node that serves a model, the longest first."""
    found = (
        record
        for record in catalog.channels.values()
        if record.settled is None
        and (record.channel.client, record.channel.node, record.channel.model) == (client, node, model)
    )
    return sorted(found, key=lambda record: -record.channel.until)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A channel somebody wants: to whom, signed by which key, with how much, for how long, at which price at most."""

    node: Address
    model: AssetId
    signer: Address
    deposit: int
    seconds: int
    max_price: int


async def channel_for(trade: Trade, wanted: Wanted) -> ChannelRecord:
    """An open channel with something left in it, or a new one. Raises Poor, Refused by the desk (Reverted)."""
    now = (await trade.chain.head()).timestamp
    for record in open_channels(trade.belief.catalog, trade.me, wanted.node, wanted.model):
        channel = record.channel
        lasts = channel.until - now > SPARE_SECONDS and channel.signer == wanted.signer
        if lasts and channel.deposit - channel.redeemed >= wanted.deposit:
            return record
    await approve(trade, wanted.deposit)
    name = f"open-channel/{wanted.node}/{wanted.model}"
    until = await trade.asked_at(name) + wanted.seconds
    action = OpenChannel(wanted.node, wanted.model, wanted.signer, wanted.deposit, wanted.max_price, until)
    receipt = await trade.send(name, action)
    await trade.seen(receipt)

    def opened(catalog: Catalog) -> ChannelRecord | None:
        return next((one for one in catalog.channels.values() if one.opened.tx_hash == receipt.tx_hash), None)

    return await trade.belief.until(opened, seconds=PATIENCE, what="the channel")


async def top_up(trade: Trade, number: int, amount: int) -> ChannelRecord:
    """Add to a channel; a robot that is calling learns of it with its next line. Raises NotFound, Poor, Reverted."""
    record = channel_of(trade.belief.catalog, number)
    await approve(trade, amount)
    await trade.seen(await trade.send(f"top-up-channel/{number}", TopUpChannel(record.id, amount)))
    return record


async def close_channel(trade: Trade, number: int) -> ChannelRecord:
    """Ask for an early end of an own channel; the node settles it at once instead. Raises NotFound, Refused."""
    record = channel_of(trade.belief.catalog, number)
    if trade.me == record.channel.client:
        receipt = await trade.send(f"close-channel/{number}", CloseChannel(record.id))
    elif trade.me == record.channel.node:
        receipt = await trade.send(f"settle-channel/{number}", SettleChannel(record.id))
    else:
        raise Refused(f"channel {number} is not this account's")
    await trade.seen(receipt)
    return record


async def redeem(till: Till, number: int, *, at_end: bool = False) -> int:
    """Node: draw the best voucher of a channel when that is worth its gas; what was drawn, token units.

    Raises Reverted, Unavailable.
    """
    record = channel_of(till.trade.belief.catalog, number)
    kept = await till.trade.journal.get(voucher_name(number))
    pay = Pay.decode(kept) if kept else None
    unpaid = 0 if pay is None else pay.amount - record.channel.redeemed
    if pay is None or record.settled is not None or not is_worth_redeeming(unpaid, await till.cost()):
        return 0
    action = RedeemVoucher(record.id, pay.amount, pay.calls, pay.signature)
    try:
        receipt = await till.trade.outbox.send(f"redeem-voucher:{number}/{pay.amount}", action)
    except Reverted as refused:
        if refused.name not in _GONE:
            raise
        return 0
    await till.trade.seen(receipt)
    return unpaid


async def redeem_in_time(till: Till, duty: Duty) -> None:
    """Node's duty near a channel's end: redeem what there is, again and again until the end has passed."""
    number = int(duty.subject.split("/")[0])
    record = channel_of(till.trade.belief.catalog, number)
    if record.settled is not None:
        return
    await redeem(till, number)
    if (await till.trade.chain.head()).timestamp < record.channel.until:
        raise Unavailable(f"channel {number} lasts still, and more may be owed")


async def end_service(trade: Trade, duty: Duty) -> None:
    """Node's duty once evidence had its time: free the stake of a retired service."""
    model = AssetId(duty.subject.split("/")[0])
    service = trade.belief.catalog.services.get((trade.me, model))
    if service is None or not service.stake:
        return  # freed by somebody else, or convicted
    try:
        await trade.outbox.send(f"end-service:{duty.subject}", EndService(trade.me, model))
    except Reverted as refused:
        if refused.name == "ReflexDesk_StillBound":
            raise Unavailable("the stake of a retired service is bound for a moment still") from refused
        if refused.name != "ReflexDesk_NotRetired":
            raise


async def settle_at_the_end(trade: Trade, duty: Duty) -> None:
    """Client's duty after a channel's end: bring the rest home."""
    record = channel_of(trade.belief.catalog, int(duty.subject.split("/")[0]))
    if record.settled is not None:
        return
    try:
        await trade.outbox.send(f"settle-channel:{record.id}", SettleChannel(record.id))
    except Reverted as refused:
        if refused.name == "ReflexDesk_StillOpen":
            raise Unavailable(f"channel {record.id} lasts still") from refused
        if refused.name not in _GONE:
            raise
