"""Commands of the reflex arc: serve, stop, offers, list, topup, close, redeem, bench."""

from __future__ import annotations

from pathlib import Path

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import fetch_asset
from thenar.commands.view import money
from thenar.domain.catalog import AccusationRecord, ChannelRecord
from thenar.domain.ids import AssetId
from thenar.domain.money import parse_amount, parse_share, show_share
from thenar.domain.reflex.channels import CONVICTED
from thenar.domain.reflex.choice import quantile
from thenar.domain.reflex.frames import Pay
from thenar.domain.work.disputes import Ruling
from thenar.errors import Late, Unavailable
from thenar.services.ports import Engine, Tell
from thenar.services.reflex import channels
from thenar.services.reflex.answering import voucher_name
from thenar.services.reflex.calling import Caller
from thenar.services.reflex.house import Serving
from thenar.services.reflex.robot import Hiring, RobotKey, hired

ROBOT = "robot"
"""The name of the keyring's key that signs vouchers; it owns nothing."""
MODELS = "models"
"""Folder of opened models, among what was opened."""
READY_SECONDS = 60.0
_ENDED = {Ruling.CLAIM: "acquitted", Ruling.OTHER: "convicted", Ruling.VOID: "void"}
RUNS = 21
"""Of a model that is timed before it is served."""
MOST_BENCH_SECONDS = 600


async def serve_model(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Open a model with its license, bind stake to it, and answer with it from now on, also after a restart."""
    model = arg.asset(arguments, "model")
    price = parse_amount(arg.text(arguments, "price"), node.decimals)
    share = arg.optional_text(arguments, "share")
    stake = parse_amount(arg.text(arguments, "stake", "1"), node.decimals)
    batch = arg.number(arguments, "batch", 1, low=1, high=64)
    path = await open_model(node, model, tell)
    async with node.house.open_engine(path, batch) as engine:
        shape = engine.shape  # refuses here what is no policy, before stake is bound
        latency = await _run_time(engine)
    trade = node.trade_for(arg.request_id(arguments))
    ppm = None if share is None else parse_share(share)
    service = await channels.start_service(trade, model, price, ppm, stake, latency)
    await node.house.remember(Serving(model, path, min(price, service.price), batch))
    return {
        "model": model,
        "price": money(node, min(price, service.price)),
        "share": show_share(service.share),
        "stake": money(node, service.stake),
        "observation_bytes": shape.observation,
        "action_bytes": shape.action,
        "batch": shape.batch,
        "runtime": shape.runtime.hex(),
    }


async def open_model(node: Node, model: AssetId, tell: Tell) -> Path:
    """Fetch and open a model with its license; where its file lies. Raises NotFound, Refused, Unavailable."""
    folder = node.opened / MODELS
    await trio.Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    opened = await fetch_asset(node, {"asset": model, "into": str(folder / f"{model}.onnx")}, tell)
    return Path(str(opened["path"]))


async def _run_time(engine: Engine) -> int:
    """The median of some runs of a model, µs: what a node says of itself on chain."""
    took = []
    for _ in range(RUNS):
        began = trio.current_time()
        await engine.run([bytes(engine.shape.observation)])
        took.append(trio.current_time() - began)
    return round(quantile(took, 0.5) * 1e6)


async def stop_serving(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Answer with a model no longer, and retire its service; its stake is free once evidence had its time."""
    model = arg.asset(arguments, "model")
    await node.house.forget(model)
    service = await channels.retire(node.trade_for(arg.request_id(arguments)), model)
    return {"model": model, "stake": money(node, service.stake), "free_at": service.leaves_at}


async def list_offers(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """What nodes offer to answer with a model for, as heard lately, and this node's own record of them."""
    model = arg.asset(arguments, "model")
    with trio.move_on_after(arg.number(arguments, "patience", 10, high=600)):
        while len(node.house.offers_of(model)) < arg.number(arguments, "least", 1, high=1_000):  # noqa: ASYNC110
            await trio.sleep(0.2)  # gossip sets no event here
    shown = []
    for one in node.house.offers_of(model):
        record, offer = node.house.record_of(one.peer), one.offer
        latency = round(record.latency * 1e6) if record.trips else None
        row = {"node": offer.node, "peer": one.peer, "price": money(node, offer.price), "batch": offer.batch}
        catalog, seen = node.belief.catalog, [said.median_us for said in node.house.attested(one.peer, model)]
        row |= {"stake": money(node, catalog.services[offer.node, model].stake), "says_us": offer.latency_us}
        row |= {"on_chain_us": catalog.claimed_latency.get((offer.node, model), 0) or None, "measured_us": latency}
        shown.append({**row, "attested_us": round(quantile(seen, 0.5)) if seen else None})
    return {"model": model, "offers": shown}


async def list_channels(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """What this account serves, its channels on either side, and answers held against nodes, by it or its own."""
    catalog = node.belief.catalog
    services = [_service_view(node, model) for who, model in catalog.services if who == node.me]
    mine = (one for one in catalog.channels.values() if node.me in (one.channel.client, one.channel.node))
    channels_shown = [await _channel_view(node, one) for one in mine]
    held = (one for one in catalog.accusations.values() if node.me in (one.accused.node, one.accuser))
    return {
        "services": services,
        "channels": channels_shown,
        "accusations": [_accusation_view(node, one) for one in held],
    }


async def top_up_channel(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Add to a channel's deposit."""
    number = arg.number(arguments, "channel", 0, low=1)
    amount = parse_amount(arg.text(arguments, "amount"), node.decimals)
    return await _channel_view(node, await channels.top_up(node.trade_for(arg.request_id(arguments)), number, amount))


async def close_channel(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Client: ask for an early end. Node: redeem what is owed, and give the rest back at once."""
    number = arg.number(arguments, "channel", 0, low=1)
    trade = node.trade_for(arg.request_id(arguments))
    if channels.channel_of(node.belief.catalog, number).channel.node == node.me:
        await channels.redeem(node.till, number)
    return await _channel_view(node, await channels.close_channel(trade, number))


async def redeem_voucher(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Node: draw the best voucher of a channel when that is worth its gas."""
    number = arg.number(arguments, "channel", 0, low=1)
    drawn = await channels.redeem(node.till, number)
    record = channels.channel_of(node.belief.catalog, number)
    return {**await _channel_view(node, record), "drawn": money(node, drawn)}


async def bench(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Hire nodes for a model, ask at a rate for some seconds, and tell percentiles and cost."""
    rate = arg.number(arguments, "rate", 50, low=1, high=2_000)
    seconds = arg.number(arguments, "seconds", 5, low=1, high=MOST_BENCH_SECONDS)
    hiring = await hiring_of(node, arguments, 1 / rate)
    async with hired(node.house, robot_key(node), hiring) as caller:
        paid = {route.name: route.calls for route in caller.routes}
        observation = bytes(caller.routes[0].ready.observation)
        began = trio.current_time()
        for number in range(rate * seconds):
            await trio.sleep_until(began + number / rate)
            await caller.act(observation)
            if number % rate == 0:
                tell({"label": "calling", "done": number, "total": rate * seconds})
    cost = sum((route.calls - paid.get(route.name, 0)) * route.price for route in caller.routes)
    return {**report(caller), "cost": money(node, cost // 1_000)}


async def hiring_of(node: Node, arguments: arg.Arguments, period: float) -> Hiring:
    """What a robot asks for, from a command's arguments."""
    return Hiring(
        model=arg.asset(arguments, "model"),
        period=period,
        deposit=parse_amount(arg.text(arguments, "deposit", "1"), node.decimals),
        max_price=parse_amount(arg.text(arguments, "max_price", "1"), node.decimals),
        seconds=arg.number(arguments, "lasts", 600, low=60, high=2_592_000),
        nodes=arg.number(arguments, "nodes", 2, low=1, high=8),
        least=await node.till.least_deposit(),
    )


def robot_key(node: Node) -> RobotKey:
    """The key of this directory's robot."""
    return RobotKey(node.keyring.device_account(ROBOT), lambda digest: node.keyring.sign_as_device(ROBOT, digest))


def report(caller: Caller) -> dict[str, object]:
    """How a robot's calls went."""
    tally = caller.tally
    trips = {f"p{part}_ms": round(1e3 * quantile(tally.seconds, part / 100), 3) for part in (50, 95, 99)}
    nodes = {name or "its own reflex": count for name, count in sorted(tally.by_node.items())}
    return {"calls": tally.calls, **trips, "hedged": tally.hedged, "missed": tally.local, "by_node": nodes}


async def until_served(node: Node, model: AssetId) -> None:
    """Wait until a model is answered with. Raises Unavailable with the reason why not, Late."""
    with trio.move_on_after(READY_SECONDS):
        while model not in node.house.answering:
            if model in node.house.failures:
                raise Unavailable(f"{model} is not answered with: {node.house.failures[model]}")
            await trio.sleep(0.1)
        return
    raise Late(f"{model} is not answered with yet", next_step="`thenar infer list` shows it once the node runs")


def _service_view(node: Node, model: AssetId) -> dict[str, object]:
    service = node.belief.catalog.services[node.me, model]
    state = "serving" if service.runs else "convicted" if service.leaves_at == CONVICTED else "retired"
    answering = node.house.answering.get(model)
    return {
        "model": model,
        "state": state,
        "price": money(node, service.price),
        "share": show_share(service.share),
        "stake": money(node, service.stake),
        "answers": answering is not None,
        "calls": answering.calls if answering else 0,
        "latency_us": answering.latency_us if answering else None,
        "reason": node.house.failures.get(model, ""),
    }


def _accusation_view(node: Node, record: AccusationRecord) -> dict[str, object]:
    waiting = "defended by nobody yet" if record.dispute is None else "before the court"
    return {
        "accusation": record.accused.id.hex(),
        "node": record.accused.node,
        "accuser": record.accuser,
        "model": record.accused.model,
        "bond": money(node, record.bond),
        "defend_by": record.defend_by,
        "dispute": record.dispute,
        "state": _ENDED.get(record.ruling, waiting),
    }


async def _channel_view(node: Node, record: ChannelRecord) -> dict[str, object]:
    channel = record.channel
    kept = await node.journal.get(voucher_name(record.id))
    pay = Pay.decode(kept) if kept else None
    return {
        "channel": record.id,
        "model": channel.model,
        "node": channel.node,
        "client": channel.client,
        "deposit": money(node, channel.deposit),
        "redeemed": money(node, channel.redeemed),
        "calls": record.calls,
        "until": channel.until,
        "settled": record.settled is not None,
        "voucher": None if pay is None else money(node, pay.amount),
        "voucher_calls": None if pay is None else pay.calls,
    }
