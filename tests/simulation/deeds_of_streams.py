"""What people do about live streams: open some, feed them, subscribe to others', pay longer, and leave."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import trio

from thenar.assembly import Node
from thenar.domain.assets import AssetKind
from thenar.domain.catalog import LiveRecord
from thenar.domain.ids import TermsId
from thenar.services import live, streaming

if TYPE_CHECKING:
    from life import Person

TERMS = TermsId(1)
EPOCH = 86_400
"""Seconds: the longest there are, because blocks are two hours apart."""


async def begin(person: Person, node: Node) -> None:
    """Stream what continues a capture of one's own."""
    catalog = node.belief.catalog
    mine = (one for one in catalog.assets.values() if one.owner == node.me and one.kind is AssetKind.CAPTURE)
    streamed = {record.stream.asset for record in catalog.live.values() if not record.stream.closed_at}
    asset = person.chooses(one.id for one in mine if one.id not in streamed)
    if asset is None:
        return
    trade = node.trade_for(person.request)
    record = await live.open_stream(trade, asset, TERMS, 1 + hashlib.sha256(person.request.encode()).digest()[0], EPOCH)
    folder = person.resident.folder / "streams" / str(record.id)
    folder.mkdir(parents=True, exist_ok=True)
    await streaming.set_source(trade, record.id, folder)


def feed(person: Person) -> None:
    """Something was recorded again."""
    for folder in sorted((person.resident.folder / "streams").glob("*")):
        name = f"{int(trio.current_time()):012d}.csv"
        (folder / name).write_bytes(hashlib.shake_256(f"{folder.name}/{name}".encode()).digest(200))


async def subscribe(person: Person, node: Node) -> None:
    """Subscribe to a stream for some days."""
    stream = person.chooses(one.id for one in node.belief.catalog.live.values() if _is_new(one, node))
    if stream is not None:
        days = 1 + hashlib.sha256(person.request.encode()).digest()[0] % 4
        rate = node.belief.catalog.live[stream].stream.rate
        await live.subscribe(node.trade_for(person.request), stream, days * EPOCH * rate, None)


async def pay_longer(person: Person, node: Node) -> None:
    """Let a subscription last a day longer."""
    stream = person.chooses(_running(node))
    if stream is not None:
        rate = node.belief.catalog.live[stream].stream.rate
        await live.top_up(node.trade_for(person.request), stream, EPOCH * rate)


async def leave(person: Person, node: Node) -> None:
    """End a subscription, or a stream of one's own."""
    mine = [one.id for one in node.belief.catalog.live.values() if one.stream.seller == node.me]
    stream = person.chooses([*_running(node), *mine])
    if stream is not None:
        await live.stop(replace(node.trade, request=person.request), stream)


def _running(node: Node) -> list[int]:
    found = node.belief.catalog.live.values()
    return [one.id for one in found if (held := one.subscriptions.get(node.me)) is not None and held.runs]


def _is_new(record: LiveRecord, node: Node) -> bool:
    held = record.subscriptions.get(node.me)
    return record.stream.seller != node.me and not record.stream.closed_at and (held is None or not held.runs)
