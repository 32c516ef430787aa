"""Commands about live streams: open, subscribe, top up, stop, collect, list."""

from __future__ import annotations

from pathlib import Path

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of, money, receipt_view
from thenar.domain.catalog import LiveRecord, SubscriptionRecord
from thenar.domain.ids import StreamId, TermsId, stream_id
from thenar.domain.live import LAST_TIME, LONGEST_EPOCH
from thenar.domain.money import parse_amount
from thenar.errors import BadInput, NotFound
from thenar.services import live
from thenar.services.ports import Tell
from thenar.services.receiving import why_stopped
from thenar.services.streaming import set_source, source_of

SPOOL = "spool"
"""Where records arrive that the command line reads from standard input."""


async def open_stream(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Open a stream of an own capture and feed it from a folder, made for it when none is named."""
    asset = arg.asset(arguments)
    record = node.belief.catalog.assets.get(asset)
    if record is None:
        raise NotFound(f"no asset {asset}", next_step="`thenar capture list` shows what exists")
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    source = arg.optional_text(arguments, "source")
    if source is not None and not await trio.Path(source).is_dir():
        raise BadInput(f"there is no folder {source}", next_step="name a folder, or - to read standard input")
    opened = await live.open_stream(
        node.trade_for(arg.request_id(arguments)),
        asset,
        TermsId(named) if named else record.terms,
        parse_amount(arg.text(arguments, "rate"), node.decimals),
        arg.number(arguments, "epoch", 10, low=1, high=LONGEST_EPOCH),
    )
    folder = Path(source) if source is not None else node.directory / "live" / SPOOL / str(opened.id)
    await trio.Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    await set_source(node.trade, opened.id, folder)
    return {**await _view(node, opened), "source": str(folder)}


async def subscribe(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Subscribe for so many epochs, or for what a deposit lasts; epochs arrive by themselves from the next one on."""
    stream = _stream(arguments)
    found = live.stream_of(node.trade, stream).stream
    deposit, epochs = arg.optional_text(arguments, "deposit"), arg.number(arguments, "epochs", 0, high=2**40)
    if (deposit is None) == (epochs == 0):
        raise BadInput("name a number of epochs or a deposit", next_step="for example --epochs 60")
    units = epochs * found.rate * found.epoch_seconds if deposit is None else parse_amount(deposit, node.decimals)
    ceiling = arg.optional_text(arguments, "max_rate")
    await live.subscribe(
        node.trade_for(arg.request_id(arguments)),
        stream,
        units,
        None if ceiling is None else parse_amount(ceiling, node.decimals),
    )
    return {**await _view(node, live.stream_of(node.trade, stream)), "folder": str(node.opened / "live" / str(stream))}


async def top_up(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Let the own subscription last longer."""
    stream = _stream(arguments)
    amount = parse_amount(arg.text(arguments, "amount"), node.decimals)
    receipt = await live.top_up(node.trade_for(arg.request_id(arguments)), stream, amount)
    return {**await _view(node, live.stream_of(node.trade, stream)), **receipt_view(receipt)}


async def stop(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Settle the own subscription; the seller ends the stream for all."""
    stream = _stream(arguments)
    receipt = await live.stop(node.trade, stream)
    return {**await _view(node, live.stream_of(node.trade, stream)), **receipt_view(receipt)}


async def collect(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Pay out to the seller what running subscriptions owe by now."""
    stream = _stream(arguments)
    receipts = await live.collect(node.trade_for(arg.request_id(arguments)), stream)
    shown = await _view(node, live.stream_of(node.trade, stream))
    return {**shown, "transactions": [receipt_view(receipt) for receipt in receipts]}


async def list_streams(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Streams this account sells or subscribes to; everybody's with ``all``."""
    everybody = arg.flag(arguments, "all")
    chosen = [
        await _view(node, record)
        for record in tuple(node.belief.catalog.live.values())
        if everybody or node.me == record.stream.seller or node.me in record.subscriptions
    ]
    return {**as_of(node), "streams": chosen}


def _stream(arguments: arg.Arguments) -> StreamId:
    return stream_id(arg.number(arguments, "stream", 0))


async def _view(node: Node, record: LiveRecord) -> dict[str, object]:
    stream, now = record.stream, (await node.chain.head()).timestamp
    end = node.belief.catalog.end_of_stream(record.id)
    held = record.subscriptions.get(node.me)
    known = [held] if held and node.me != stream.seller else list(record.subscriptions.values())
    source = await source_of(node.trade, record.id)
    return {
        "stream": record.id,
        "asset": stream.asset,
        "seller": stream.seller,
        "rate": money(node, stream.rate),
        "epoch_seconds": stream.epoch_seconds,
        "epoch": stream.epoch_at(min(now, end)),
        "ended": None if end == LAST_TIME else end,
        "source": None if source is None else str(source),
        "subscriptions": [await _subscription(node, record, one, now) for one in known],
    }


async def _subscription(node: Node, record: LiveRecord, held: SubscriptionRecord, now: int) -> dict[str, object]:
    cover = node.belief.catalog.cover_of(record.id, held.subscriber)
    received = await node.journal.names(f"live/got/{record.id}/{held.since}/")
    return {
        "subscriber": held.subscriber,
        "runs": held.runs,
        "since": cover.since,
        "until": cover.until,
        "deposit": money(node, held.deposit),
        "owed": money(node, node.belief.catalog.debt_of(record.id, held.subscriber, now)),
        "paid": money(node, held.paid),
        "received": len(received),
        "reason": await why_stopped(node.trade, record.id, held.since) if held.subscriber == node.me else "",
    }
