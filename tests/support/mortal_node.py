"""A node that is sent on errands and dies where it is told. Run as a program: ``mortal_node.py``.

The program is loaded once and forks for each life, so that a life costs what a node costs and not what Python costs.
It reads ``live FOLDER`` and then, in the life, errands as JSON, one a line; it writes what was acknowledged, what an
errand came to and how the life ended. A life is a whole node: journal, keys, chain, store, host and every component.
"""

from __future__ import annotations

import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import crash_points
import trio
from living import living

from thenar.assembly import Node
from thenar.commands import run
from thenar.domain.duties import DutyKind
from thenar.domain.licenses import Stage
from thenar.errors import Conflict, NotFound, ThenarError
from thenar.upkeep.backup import back_up

PATIENCE = 90
LOOK = 0.02
OF_ERRANDS = {
    DutyKind.ANNOUNCE_ASSET,
    DutyKind.DELIVER_KEY,
    DutyKind.SETTLE_SALE,
    DutyKind.CHECK_KEY,
    DutyKind.OPEN_ASSET,
    DutyKind.ANSWER_ROUND,
}
"""Other duties wait for rounds and epochs of the chain."""
commands = open(0, "rb", buffering=0)  # noqa: SIM115  a life goes on reading where its parent stopped
answers = os.dup(1)
os.dup2(2, 1)  # what the product logs goes elsewhere


def tell(what: str, value: object) -> None:
    """One line, written at once: a pipe takes so little whole."""
    data = json.dumps({what: value}).encode() + b"\n"
    while data:
        data = data[os.write(answers, data) :]


async def be_quiet(node: Node) -> None:
    """Wait until nothing of an errand is under way: every transaction is final, and every duty it gave is done."""
    while True:
        head = await node.chain.head()
        open_duties = [duty for duty in await node.journal.open_duties() if duty.kind in OF_ERRANDS]
        if node.belief.block >= head.block - 1 and not open_duties and not await node.journal.open_intents():
            return
        await trio.sleep(LOOK)


async def known(node: Node, name: str, arguments: dict[str, Any]) -> dict[str, object]:
    """A command whose object this node may not have heard of yet."""
    while True:
        try:
            return await run(node, name, arguments, lambda _: None)
        except NotFound:
            await trio.sleep(LOOK)


async def answered(node: Node, round_: int) -> dict[str, object]:
    """Wait until this node's answer of a round is on the chain."""
    store = node.belief.catalog.stores[node.me]
    while round_ not in store.answers:
        await node.belief.changed()
        store = node.belief.catalog.stores[node.me]
    return {"round": round_}


async def sold(node: Node, asset: str) -> dict[str, object]:
    """Wait until an asset was sold, to the end."""
    while not any(one.deal.asset == asset and one.stage is Stage.SETTLED for one in node.belief.catalog.sales.values()):
        await node.belief.changed()
    return {"asset": asset}


async def backed_up(node: Node, target: Path, with_store: bool) -> dict[str, object]:
    """A backup; one that is there already is never replaced."""
    try:
        work = partial(back_up, node.directory, target, with_store=with_store, tell=lambda _: None)
        return await trio.to_thread.run_sync(work)
    except Conflict:
        return {"backup": str(target)}


async def go(node: Node, errand: dict[str, Any]) -> dict[str, object]:
    """Do one errand to its end."""
    match errand["do"]:
        case "answer":
            made = await answered(node, errand["round"])
        case "back up":
            made = await backed_up(node, Path(errand["target"]), errand["with_store"])
        case "sell":
            made = await sold(node, errand["asset"])
        case name:
            made = await known(node, name, errand["arguments"])
    await be_quiet(node)
    return made


async def live(folder: Path, fate: crash_points.Fate) -> None:
    """One life: errand after errand, until told to leave or dead."""
    async with living(folder) as (node, _):
        tell("up", {"account": node.me, "block": node.belief.block, "addresses": list(node.peers.addresses)})
        while True:
            line = await trio.to_thread.run_sync(commands.readline)
            if line.strip() in (b"", b"leave"):
                return
            errand = json.loads(line)
            fate.point, fate.left = crash_points.named(errand.get("point")), errand.get("time", 1)
            try:
                with trio.fail_after(PATIENCE):
                    made = await go(node, errand)
            except ThenarError as failed:
                tell("failed", f"{type(failed).__name__}: {failed.message}")
            except trio.TooSlowError:
                tell("failed", f"not done within {PATIENCE} s; open: {await what_is_open(node)}")
            else:
                tell("made", made)


async def what_is_open(node: Node) -> str:
    duties: list[object] = [duty.key for duty in await node.journal.open_duties()]
    duties += await node.journal.failed_duties()
    return f"{duties}, {[(one.key, str(one.state)) for one in await node.journal.open_intents()]}"


def main() -> None:
    """Fork a life for every line that asks for one, and say how it ended."""
    fate = crash_points.watch(partial(tell, "told"))
    tell("loaded", time.process_time())
    while line := commands.readline().split():
        child = os.fork()
        if child == 0:
            try:
                trio.run(live, Path(line[1].decode()), fate)
            except BaseException as failed:  # noqa: BLE001  a child that went on would be a second parent
                tell("failed", repr(failed))
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        tell("ended", os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status))


if __name__ == "__main__":
    sys.exit(main())
