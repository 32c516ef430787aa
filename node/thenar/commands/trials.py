"""Commands about wrong answers of models: check, challenge, judge."""

from __future__ import annotations

import random
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.infer import hiring_of, open_model, robot_key
from thenar.commands.view import money
from thenar.domain.ids import AssetId
from thenar.domain.reflex.accusations import class_of
from thenar.services.licensing import PATIENCE
from thenar.services.ports import Capability, Tell
from thenar.services.reflex import trials
from thenar.services.reflex.robot import hired, look
from thenar.services.reflex.route import SAMPLED, Route
from thenar.services.work.hiring import enlist

CALL_SECONDS = 2.0
"""The control period of somebody who only checks."""


async def check_nodes(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Hire nodes like a robot, ask observations nobody knows, and hold what they sign against the model itself."""
    hiring = await hiring_of(node, arguments, CALL_SECONDS)
    calls = arg.number(arguments, "calls", 16, low=1, high=SAMPLED)
    bond = bond_of(node) if arg.flag(arguments, "challenge") else None
    async with (
        watching(node, hiring.model, bond, tell) as bailiff,
        hired(node.house, robot_key(node), hiring) as caller,
    ):
        for number, route in enumerate(caller.routes):
            tell({"label": "asking", "done": number, "total": len(caller.routes)})
            await _ask(route, calls)
            await route.settle_up()
        checked = {route.name: (route.purse.account.node, len(route.signed)) for route in caller.routes}
        found = await look(node.house, caller, bailiff)
    wrong = [{"evidence": one.accused.id.hex(), "node": one.accused.node, "place": one.place} for one in found]
    nodes = [
        {"peer": peer, "node": who, "signed": signed, "wrong": sum(one.accused.node == who for one in found)}
        for peer, (who, signed) in checked.items()
    ]
    return {"model": hiring.model, "nodes": nodes, "wrong": wrong, "accused": bool(found) and bond is not None}


async def challenge_call(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Hold evidence this node keeps against the node that signed it, with a bond."""
    trade, bond = node.trade_for(arg.request_id(arguments)), bond_of(node)
    evidence = await trials.evidence_named(trade, arg.text(arguments, "evidence").removeprefix("0x"))
    accused = evidence.accused
    await trials.accuse(trade, evidence, bond)
    record = await node.belief.until(
        lambda catalog: catalog.accusations.get(accused.id), seconds=PATIENCE, what="the accusation"
    )
    return {
        "accusation": accused.id.hex(),
        "node": accused.node,
        "model": accused.model,
        "bond": money(node, bond),
        "defend_by": record.defend_by,
    }


async def judge_calls(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Open a model with its license, and take seats among those who judge disputed calls of it."""
    model = arg.asset(arguments, "model")
    seats = arg.number(arguments, "seats", 1, low=1, high=64)
    path = await open_model(node, model, tell)
    async with node.house.open_engine(path, 1) as engine:
        probe = engine.shape.runtime  # refuses here what is no policy, before stake is bound
    await trials.judge_from_now_on(node.trade, model, path)
    bench = replace(node.bench, trade=node.trade_for(arg.request_id(arguments)))
    member = await enlist(bench, Capability(class_of(model), f"calls of {model}", (), probe, 0), seats)
    return {"model": model, "class": "0x" + class_of(model).hex(), "seats": member.seats}


@asynccontextmanager
async def watching(node: Node, model: AssetId, bond: int | None, tell: Tell) -> AsyncIterator[trials.Bailiff]:
    """Hold answers against the model itself for as long as the context lasts. Raises Refused without a license."""
    path = await open_model(node, model, tell)
    async with trials.open_checker(node.house.open_engine, Path(path)) as checker:
        yield trials.Bailiff(node.trade, checker, bond, node.bench.bonds)


def bond_of(node: Node) -> int:
    """What an accuser lays down, token units."""
    return int(node.chain.deployment.parameters["call_bond"])


async def _ask(route: Route, calls: int) -> None:
    dice = random.Random()
    count = route.ready.observation // 4
    for _ in range(calls):
        observation = struct.pack(f"<{count}f", *(dice.gauss(0, 1) for _ in range(count)))
        over = trio.Event()
        asked = route.ask(observation, partial(_ended, over))
        with trio.move_on_after(CALL_SECONDS):
            await over.wait()
        if asked.action is not None:
            route.sample(observation, asked.action)


def _ended(over: trio.Event, _: object) -> None:
    over.set()
