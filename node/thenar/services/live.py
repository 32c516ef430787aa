"""Live streams on chain: opened, subscribed to, topped up, settled. What is streamed goes from node to node."""

from __future__ import annotations

import hashlib

from thenar.domain.actions import (
    CloseStream,
    CollectDebt,
    OpenStream,
    StopSubscription,
    Subscribe,
    TopUp,
)
from thenar.domain.catalog import Catalog, LiveRecord, SubscriptionRecord
from thenar.domain.ids import Address, AssetId, StreamId, TermsId
from thenar.errors import BadInput, NotFound, Refused, Reverted
from thenar.services.licensing import PATIENCE, Trade, approve
from thenar.services.ports import Receipt

DESK = "LiveDesk"


def stream_of(trade: Trade, stream: StreamId) -> LiveRecord:
    """A stream as the chain knows it. Raises NotFound."""
    found = trade.belief.catalog.live.get(stream)
    if found is None:
        raise NotFound(
            f"no live stream {stream} as of block {trade.belief.block}", next_step="`thenar live list --all` names them"
        )
    return found


async def open_stream(trade: Trade, asset: AssetId, terms: TermsId, rate: int, epoch_seconds: int) -> LiveRecord:
    """Stream what continues an own capture, at ``rate`` token units a second. Raises NotFound, Refused."""
    record = trade.belief.catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    if record.owner != trade.me:
        raise Refused(f"{asset} belongs to {record.owner}, not to this account")
    receipt = await trade.send(f"live-open/{asset}", OpenStream(asset, terms, rate, epoch_seconds))
    await trade.seen(receipt)

    def opened(catalog: Catalog) -> LiveRecord | None:
        return next((one for one in catalog.live.values() if one.opened.tx_hash == receipt.tx_hash), None)

    return await trade.belief.until(opened, seconds=PATIENCE, what="the opening of the stream")


async def subscribe(trade: Trade, stream: StreamId, deposit: int, max_rate: int | None) -> SubscriptionRecord:
    """Subscribe with a deposit, cut down to whole epochs, and wait until the chain confirms it.

    Raises NotFound, Refused above ``max_rate``, BadInput for less than an epoch, Poor.
    """
    live = stream_of(trade, stream).stream
    if max_rate is not None and live.rate > max_rate:
        raise Refused(f"the rate is {live.rate} units a second, above {max_rate}", next_step="raise --max-rate")
    epoch_price = live.rate * live.epoch_seconds
    whole = deposit - deposit % epoch_price
    if not whole:
        raise BadInput(f"a deposit of {deposit} units lasts for no epoch: one costs {epoch_price}")
    await approve(trade, whole)
    key_x = 0

    async def ask(label: str) -> Subscribe:
        nonlocal key_x
        seed = hashlib.sha256(f"thenar.live/1/{stream}/{label}".encode()).digest()
        _, point = trade.wrapper.one_time_key(seed)
        await trade.journal.put(f"live-key/{point[:32].hex()}", seed)
        key_x = int.from_bytes(point[:32], "big")
        return Subscribe(stream, whole, live.rate, key_x, int.from_bytes(point[32:], "big"))

    await trade.once.send_made(f"subscribe/{stream}", ask, trade.request)

    def begun(catalog: Catalog) -> SubscriptionRecord | None:
        held = catalog.live[stream].subscriptions.get(trade.me)
        return held if held and held.key_x == key_x else None

    return await trade.belief.until(begun, seconds=PATIENCE, what="the subscription")


async def top_up(trade: Trade, stream: StreamId, amount: int) -> Receipt:
    """Let this account's running subscription last longer. Raises NotFound, Poor, Reverted."""
    stream_of(trade, stream)
    await approve(trade, amount)
    receipt = await trade.send(f"live-topup/{stream}", TopUp(stream, amount))
    await trade.seen(receipt)
    return receipt


async def stop(trade: Trade, stream: StreamId) -> Receipt:
    """Settle this account's subscription; for the seller of the stream, end it for all. Raises NotFound, Refused."""
    live = stream_of(trade, stream)
    held = live.subscriptions.get(trade.me)
    if held is not None and held.runs:
        return await settle(trade, live, held)
    if live.stream.seller != trade.me:
        raise Refused(f"this account neither sells stream {stream} nor subscribes to it")
    receipt = await trade.outbox.send(f"live-close:{stream}", CloseStream(stream))
    await trade.seen(receipt)
    return receipt


async def settle(trade: Trade, live: LiveRecord, held: SubscriptionRecord) -> Receipt:
    """Settle one subscription, once."""
    action = StopSubscription(live.id, held.subscriber)
    receipt = await trade.outbox.send(_settling(live, held.subscriber, held), action)
    await trade.seen(receipt)
    return receipt


async def settle_if_running(trade: Trade, live: LiveRecord, held: SubscriptionRecord) -> None:
    """Settle what has ended; that the other side did so first is no failure."""
    try:
        await settle(trade, live, held)
    except Reverted as refused:
        if refused.name != "LiveDesk_NotRunning":
            raise


async def collect(trade: Trade, stream: StreamId) -> list[Receipt]:
    """Pay out to the seller what every running subscription owes by now."""
    live, now = stream_of(trade, stream), (await trade.chain.head()).timestamp
    receipts = []
    for who, held in tuple(live.subscriptions.items()):
        if held.runs and trade.belief.catalog.debt_of(stream, who, now) > held.paid:
            receipts.append(await trade.send(f"live-collect/{stream}/{who}", CollectDebt(stream, who)))
    for receipt in receipts:
        await trade.seen(receipt)
    return receipts


def _settling(live: LiveRecord, who: Address, held: SubscriptionRecord) -> str:
    return f"live-stop:{live.id}:{who}:{held.since}"
