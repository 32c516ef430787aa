"""The state of the node, told truly: each part is asked, each number says as of when."""

from __future__ import annotations

import shutil
import time
from collections.abc import Awaitable, Callable
from functools import partial

import trio

from thenar import __version__
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.process import holds
from thenar.commands.view import as_of, money, receipt_view
from thenar.domain.actions import RegisterNode
from thenar.domain.endpoints import can_be_dialled, shown
from thenar.domain.licenses import Stage
from thenar.domain.money import parse_amount
from thenar.errors import BadInput, ThenarError
from thenar.services.licensing import PATIENCE, approve
from thenar.services.ports import Tell

PART_SECONDS = 1.0
"""How long one part may take to answer before it counts as down."""
STALE_SECONDS = 900
"""Age of the chain's last block from which on its endpoint counts as stopped."""
LEAST_FREE = 100_000_000
"""Bytes that must be free on the data directory's disk."""
LAG_BLOCKS = 10
"""Blocks the catalog may stand behind the head, beyond its confirmations, before the node is not ready."""
REGISTERED = "home/registered"
"""Remembered once the node has been seen registered."""
ROLES = {"store": 1, "compute": 2, "witness": 4, "attest": 8, "juror": 16}
"""Names of role bits; a number says them all at once."""


async def _part(ask: Callable[[], Awaitable[dict[str, object]]]) -> dict[str, object]:
    """Ask one part of the node; a part that fails or hangs is down, and the others still answer."""
    began = trio.current_time()
    try:
        with trio.fail_after(PART_SECONDS):
            found = {"up": True, **await ask()}
    except ThenarError as cause:
        found = {"up": False, "reason": cause.message}
    except trio.TooSlowError:
        found = {"up": False, "reason": f"no answer within {PART_SECONDS:g} s"}
    return {**found, "answered_in_ms": round((trio.current_time() - began) * 1000)}


async def status_view(node: Node, started: float, failed: int | None = None) -> dict[str, object]:
    """What the node is and how each part does. Answers within a few seconds whatever is down.

    ``failed`` counts the requests that the node's own door failed at; None while it has none.
    """
    parts: dict[str, dict[str, object]] = {}
    if failed is not None:
        parts["door"] = {"up": True, "failed": failed, "answered_in_ms": 0}

    async def ask(name: str, look: Callable[[], Awaitable[dict[str, object]]]) -> None:
        parts[name] = await _part(look)

    async with trio.open_nursery() as nursery:
        for name, look in _LOOKS.items():
            nursery.start_soon(ask, name, partial(look, node))
    reasons = _reasons(node, parts)
    return {
        "running": True,
        "version": __version__,
        "account": node.me,
        "peer": node.peers.me,
        "addresses": list(node.peers.addresses),
        "listening": list(node.peers.listening),
        "as_of": {**as_of(node), "unix": int(time.time())},
        "up_seconds": int(time.time() - started),
        "ready": not reasons,
        "reasons": reasons,
        "registered": node.me in node.belief.catalog.nodes,
        "catalog": {
            "facts": node.belief.catalog.facts,
            "assets": len(node.belief.catalog.assets),
            "mine": sum(1 for a in node.belief.catalog.assets.values() if a.owner == node.me),
            "bounties_open": sum(1 for b in node.belief.catalog.bounties.values() if b.open_units),
            "claims_running": sum(1 for c in node.belief.catalog.work.values() if c.runs and c.worker == node.me),
            "sales_open": sum(
                1 for s in node.belief.catalog.sales.values() if s.stage in (Stage.OPEN, Stage.DELIVERED)
            ),
        },
        "parts": {name: parts[name] for name in sorted(parts)},
    }


async def _chain(node: Node) -> dict[str, object]:
    known = node.belief.block  # before the head is asked for, so that what is read meanwhile is not ahead of it
    head = await node.chain.head()
    return {
        "chain_id": node.chain.chain_id,
        "rpc": shown(node.config.chain_rpc),
        "head": head.block,
        "head_age_s": max(0, int(time.time()) - head.timestamp),
        "behind": head.block - known,
    }


async def _store(node: Node) -> dict[str, object]:
    usage = await node.store.usage()
    return {
        "kind": node.config.store_kind,
        "used": usage.used,
        "on_disk": usage.on_disk,
        "quota": usage.quota,
        "blocks": usage.blocks,
        "pins": usage.pins,
    }


async def _peers(node: Node) -> dict[str, object]:
    counts = node.peers.counts
    return {
        "connected": sorted(node.peers.connected()),
        "heard": counts.heard,
        "refused": counts.refused,
        "shut_out": node.peers.shut_out,
    }


async def _reach(node: Node) -> dict[str, object]:
    told = node.reach.told()
    found: dict[str, object] = {"asked": told.asked, "seen_at": list(told.places)}
    found |= {"through": list(told.through), "silent": list(told.silent), "served": told.served}
    promised = [address for address in told.silent if can_be_dialled(address)]  # who only dials out promises nothing
    wrong = [f"peers dialled {address} and this node did not answer" for address in promised]
    if told.unserved:
        wrong.append("peers asked this node for a block that it holds and did not get it")
    return found | ({"up": False, "reason": "; ".join(wrong)} if wrong else {})


async def _registry(node: Node) -> dict[str, object]:
    """Whether the node is registered, and whether it was: an operator who lost his registration earns nothing."""
    now = node.me in node.belief.catalog.nodes
    if now and await node.journal.get(REGISTERED) is None:
        await node.journal.put(REGISTERED, b"1")
    return {"registered": now, "was": now or await node.journal.get(REGISTERED) is not None}


async def _disk(node: Node) -> dict[str, object]:
    found = await trio.to_thread.run_sync(shutil.disk_usage, node.directory)
    return {"free": found.free, "total": found.total}


async def _process(_: Node) -> dict[str, object]:
    return holds()


async def _wallet(node: Node) -> dict[str, object]:
    wallet = await node.chain.wallet(node.me)
    return {"gas_wei": str(wallet.gas), "tokens": money(node, wallet.tokens), "account": money(node, wallet.account)}


async def _duties(node: Node) -> dict[str, object]:
    waiting = await node.journal.open_duties()
    failed = await node.journal.failed_duties()
    sending = await node.journal.open_intents()
    return {
        "open": [duty.key for duty in waiting],
        "failed": [[duty.key, why] for duty, why in failed[-10:]],
        "given_up": len(failed),
        "sending": len(sending),
    }


_LOOKS = {
    "chain": _chain,
    "store": _store,
    "peers": _peers,
    "reach": _reach,
    "wallet": _wallet,
    "duties": _duties,
    "registry": _registry,
    "disk": _disk,
    "process": _process,
}
"""The parts of a node, each with who asks it."""
_NEEDED = ("chain", "store", "registry", "disk")
"""Those without which a node is not ready."""


def _reasons(node: Node, parts: dict[str, dict[str, object]]) -> list[str]:
    found = [f"{name}: {part['reason']}" for name, part in sorted(parts.items()) if not part["up"]]
    behind, age = parts["chain"].get("behind"), parts["chain"].get("head_age_s")
    if isinstance(behind, int) and behind > LAG_BLOCKS + node.config.chain_confirmations:
        found.append(f"chain: the catalog is {behind} blocks behind the head")
    if isinstance(behind, int) and behind < 0:
        found.append("chain: its head is below what this node has seen: another chain, or an endpoint that lags")
    if isinstance(age, int) and age > STALE_SECONDS:
        found.append(f"chain: its last block is {age} s old; the endpoint has stopped following")
    registry, free = parts["registry"], parts["disk"].get("free")
    if registry.get("was") and not registry.get("registered"):
        found.append("registry: the node was registered and is no longer; others do not listen to it")
    if isinstance(free, int) and free < LEAST_FREE:
        found.append(f"disk: only {free // 1_000_000} MB are free")
    return found


async def reasons_not_ready(node: Node) -> list[str]:
    """Why the node is not ready; nothing when it is."""
    return _reasons(node, {name: await _part(partial(_LOOKS[name], node)) for name in _NEEDED})


async def show_status(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """The status of a node run for one command."""
    return {**await status_view(node, time.time()), "running": False}


async def register_node(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Register this node's peer key with stake, so that others listen to it."""
    stake = parse_amount(arg.text(arguments, "stake"), node.decimals)
    await approve(node.trade, stake)
    held = node.belief.catalog.nodes.get(node.me)
    action = RegisterNode(node.keyring.peer_key, _roles(arguments, held.roles if held else ROLES["store"]), stake)
    trade = node.trade_for(arg.request_id(arguments))
    receipt = await trade.send("register", action)
    await trade.seen(receipt)
    await node.belief.until(lambda c: c.nodes.get(node.me), seconds=PATIENCE, what="the registration")
    return {"operator": node.me, "peer": node.peers.me, "stake": money(node, stake), **receipt_view(receipt)}


def _roles(arguments: arg.Arguments, held: int) -> int:
    """The roles named; those held where none is."""
    if isinstance(arguments.get("roles"), int):
        return arg.number(arguments, "roles", 1, low=1, high=31)
    found = 0
    for word in filter(None, arg.text(arguments, "roles", "").replace(" ", "").split(",")):
        if word not in ROLES:
            raise BadInput(f"{word[:40]!r} is not a role", next_step=f"use some of: {', '.join(ROLES)}")
        found |= ROLES[word]
    return found or held
