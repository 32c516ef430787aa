"""Commands about keeping ciphertexts for others: replicate, spread, restore, list, take, drop, show, retire."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of, money, receipt_view, tell_bytes
from thenar.domain.actions import RetireStorage
from thenar.domain.catalog import ReplicaRecord, StorageRecord
from thenar.domain.storage.coding import NEEDED
from thenar.domain.storage.pledges import Held
from thenar.errors import BadInput, Corrupt, NotFound, Unavailable
from thenar.services.ports import Tell
from thenar.services.storing import keeping, mending, spreading, taking
from thenar.services.storing.keeping import Stock, leaf_of

ROUNDS_SHOWN: Final = 8


async def replicate(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Make unrelated ciphertexts of an own asset and list them to be kept."""
    stock, copies = node.stock_for(arg.request_id(arguments)), arg.number(arguments, "copies", 2, low=1, high=16)
    roots = await keeping.replicate(stock, arg.asset(arguments), copies, tell_bytes(tell, "sealing"))
    return {"asset": arg.asset(arguments), "replicas": [_replica(stock.replica(root)) for root in roots]}


async def spread(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Cut an own asset into eight pieces of which any four bring it back, and list them to be kept."""
    stock, asset = node.stock_for(arg.request_id(arguments)), arg.asset(arguments)
    roots = await spreading.spread(stock, asset, tell_bytes(tell, "cutting"))
    return {"asset": asset, "needed": NEEDED, "replicas": [_replica(stock.replica(root)) for root in roots]}


async def restore(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Have an asset's sealed file here again, from whatever is left of it; with ``into`` open it."""
    stock, asset, into = node.stock_for(None), arg.asset(arguments), arg.optional_text(arguments, "into")
    sealed, how = await mending.restore(stock, asset, tell_bytes(tell, "restoring"))
    told: dict[str, object] = {"asset": asset, "sealed": str(sealed), "from": how}
    if into is None:
        return told
    target = await mending.open_restored(stock, asset, sealed, Path(into), tell_bytes(tell, "opening"))
    return {**told, "path": str(target), "bytes": target.stat().st_size}


async def list_replicas(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Replicas that are listed, with ``free`` those nobody keeps; and how everybody who pledged has proved so far."""
    only_free = arg.flag(arguments, "free")
    found = [
        _replica(record) for record in node.belief.catalog.replicas.values() if not only_free or record.holder is None
    ]
    return {
        **as_of(node),
        "replicas": found,
        "keepers": [_keeper(node, record) for record in node.belief.catalog.stores.values()],
        "next_round_at": await _next_round(node),
    }


async def take(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Fetch and check replicas, take them, and pledge all this node keeps from the next round on."""
    stock = node.stock_for(arg.request_id(arguments))
    receipt = await taking.take(stock, _roots(arguments), tell_bytes(tell, "fetching"))
    return {**_standing(node), **receipt_view(receipt)}


async def drop(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Keep replicas no longer, or dismiss who keeps those of an own asset."""
    receipt = await taking.drop(node.stock_for(arg.request_id(arguments)), _roots(arguments))
    return {**_standing(node), **receipt_view(receipt)}


async def show(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """What this node pledged, how it answered, and whether its disk still gives what it should.

    Reads ``check`` leaves of every replica, drawn at random, and holds them against its root; with ``mend`` what is
    lost is fetched again.
    """
    stock, count = node.stock_for(None), arg.number(arguments, "check", 4, high=100_000)
    kept = [{**_replica(stock.replica(held.root)), **await _checked(stock, held, count)} for held in stock.held_by_me()]
    lost = [str(one["replica"]) for one in kept if one["lost"]]
    if lost and arg.flag(arguments, "mend"):
        await mending.mend(stock, [arg.hex32(root, "replica") for root in lost])
    warning = "" if not lost else "the disk lies: it does not give back what was stored on it"
    return {**_standing(node), "replicas": kept, "lost": lost, "warning": warning}


async def retire(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Pledge nothing after the running round; the bond comes free a round later by itself."""
    trade = node.trade_for(arg.request_id(arguments))
    receipt = await trade.send("storage-retire", RetireStorage())
    await trade.seen(receipt)
    return {**_standing(node), **receipt_view(receipt)}


async def _checked(stock: Stock, held: Held, count: int) -> dict[str, object]:
    """Read some leaves and say how many were not there."""
    drawn = {secrets.randbelow(held.leaves) for _ in range(count)}
    lost = 0
    for index in sorted(drawn):
        try:
            await leaf_of(stock, held.root, index)
        except (NotFound, Corrupt, Unavailable):
            lost += 1
    return {"checked": len(drawn), "lost": lost}


def _roots(arguments: arg.Arguments) -> list[bytes]:
    listed = arguments.get("replicas")
    if not isinstance(listed, list) or not 0 < len(listed) <= arg.MAX_LISTED:
        raise BadInput("name the replicas by their roots", next_step="`thenar storage list --free` shows them")
    return [arg.hex32(str(item), "replica") for item in listed]


def _replica(record: ReplicaRecord) -> dict[str, object]:
    return {
        "replica": "0x" + record.held.root.hex(),
        "asset": record.asset,
        "leaves": record.held.leaves,
        "cid": record.cid,
        "holder": record.holder,
    }


def _keeper(node: Node, record: StorageRecord) -> dict[str, object]:
    """How somebody who pledged has proved so far."""
    asked = [number for number in node.belief.catalog.rounds if record.pledge_in(number) is not None]
    return {
        "node": record.node,
        "pledged_leaves": record.pledges[-1].pledged.leaves if record.pledges else 0,
        "bond": money(node, record.bond),
        "proved": sum(record.proved(number) is not None for number in asked),
        "missed": len(record.missed),
        "convicted": len(record.convicted),
    }


async def _next_round(node: Node) -> int | None:
    """When the next round begins, in unix seconds; None until the chain was read as far as the terms."""
    terms = node.belief.catalog.storage_terms
    return None if terms is None else terms.began(terms.round_at((await node.chain.head()).timestamp) + 1)


def _standing(node: Node) -> dict[str, object]:
    """How this node stands."""
    catalog = node.belief.catalog
    record = catalog.stores.get(node.me, StorageRecord(node.me))
    last = record.pledges[-1] if record.pledges else None
    rounds = sorted(catalog.rounds)[-ROUNDS_SHOWN:]
    return {
        "pledged_leaves": last.pledged.leaves if last else 0,
        "since_round": last.since if last else None,
        "until_round": record.until,
        "bond": money(node, record.bond),
        "rounds": [
            {"round": number, "answered": number in record.answers, "missed": number in record.missed}
            for number in rounds
            if record.pledge_in(number) is not None
        ],
        "demands": sum(not demand.over for demand in record.demands.values()),
    }
