"""The state of the node, told truly: each part is asked, each number says as of when."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import trio
from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest

from thenar import __version__
from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import money, receipt_view
from thenar.domain.actions import RegisterNode
from thenar.domain.licenses import Stage
from thenar.domain.money import parse_amount
from thenar.errors import ThenarError
from thenar.services.licensing import PATIENCE, approve
from thenar.services.ports import Tell

PART_SECONDS = 1.5
"""How long one part may take to answer before it counts as down."""
LAG_BLOCKS = 10
"""Blocks the catalog may stand behind the head, beyond its confirmations, before the node is not ready."""
ROLES = 1


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


async def status_view(node: Node, started: float) -> dict[str, object]:
    """What the node is and how each part does. Answers within a few seconds whatever is down."""
    parts: dict[str, dict[str, object]] = {}

    async def ask(name: str, look: Callable[[], Awaitable[dict[str, object]]]) -> None:
        parts[name] = await _part(look)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask, "chain", lambda: _chain(node))
        nursery.start_soon(ask, "store", lambda: _store(node))
        nursery.start_soon(ask, "peers", lambda: _peers(node))
        nursery.start_soon(ask, "wallet", lambda: _wallet(node))
        nursery.start_soon(ask, "duties", lambda: _duties(node))
    reasons = _reasons(node, parts)
    return {
        "running": True,
        "version": __version__,
        "account": node.me,
        "peer": node.peers.me,
        "addresses": list(node.peers.addresses),
        "as_of": {"block": node.belief.block, "unix": int(time.time())},
        "up_seconds": int(time.time() - started),
        "ready": not reasons,
        "reasons": reasons,
        "registered": node.me in node.belief.catalog.nodes,
        "catalog": {
            "assets": len(node.belief.catalog.assets),
            "mine": sum(1 for a in node.belief.catalog.assets.values() if a.owner == node.me),
            "sales_open": sum(
                1 for s in node.belief.catalog.sales.values() if s.stage in (Stage.OPEN, Stage.DELIVERED)
            ),
        },
        "parts": {name: parts[name] for name in sorted(parts)},
    }


async def _chain(node: Node) -> dict[str, object]:
    head = await node.chain.head()
    return {
        "chain_id": node.chain.chain_id,
        "rpc": node.config.chain_rpc,
        "head": head.block,
        "head_age_s": max(0, int(time.time()) - head.timestamp),
        "behind": head.block - node.belief.block,
    }


async def _store(node: Node) -> dict[str, object]:
    usage = await node.store.usage()
    return {
        "kind": node.config.store_kind,
        "used": usage.used,
        "quota": usage.quota,
        "blocks": usage.blocks,
        "pins": usage.pins,
    }


async def _peers(node: Node) -> dict[str, object]:
    return {"connected": sorted(node.peers.connected())}


async def _wallet(node: Node) -> dict[str, object]:
    wallet = await node.chain.wallet(node.me)
    return {"gas_wei": str(wallet.gas), "tokens": money(node, wallet.tokens), "account": money(node, wallet.account)}


async def _duties(node: Node) -> dict[str, object]:
    waiting = await node.journal.open_duties()
    failed = await node.journal.failed_duties()
    return {"open": [duty.key for duty in waiting], "failed": [[duty.key, why] for duty, why in failed[-10:]]}


def _reasons(node: Node, parts: dict[str, dict[str, object]]) -> list[str]:
    found = [f"{name}: {part['reason']}" for name, part in sorted(parts.items()) if not part["up"]]
    behind = parts["chain"].get("behind")
    if isinstance(behind, int) and behind > LAG_BLOCKS + node.config.chain_confirmations:
        found.append(f"chain: the catalog is {behind} blocks behind the head")
    return found


async def reasons_not_ready(node: Node) -> list[str]:
    """Why the node is not ready; nothing when it is."""
    parts = {"chain": await _part(lambda: _chain(node)), "store": await _part(lambda: _store(node))}
    return _reasons(node, parts)


def metrics_text(node: Node, started: float) -> str:
    """Prometheus text of what is known without asking anybody."""
    catalog, registry = node.belief.catalog, CollectorRegistry()
    Info("thenar_build", "What runs", registry=registry).info({"version": __version__})
    values = (
        ("thenar_up_seconds", "Seconds since start", time.time() - started),
        ("thenar_catalog_block", "Block the catalog stands at", node.belief.block),
        ("thenar_catalog_facts", "Facts folded", catalog.facts),
        ("thenar_catalog_assets", "Assets known", len(catalog.assets)),
        ("thenar_peers_connected", "Connected peers", len(node.peers.connected())),
        ("thenar_gossip_refused_envelopes", "Envelopes refused", node.peers.counts.refused),
    )
    for name, meaning, value in values:
        Gauge(name, meaning, registry=registry).set(value)
    return generate_latest(registry).decode()


async def show_status(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """The status of a node run for one command."""
    return {**await status_view(node, time.time()), "running": False}


async def register_node(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Register this node's peer key with stake, so that others listen to it."""
    stake = parse_amount(arg.text(arguments, "stake"), node.decimals)
    await approve(node.trade, stake)
    action = RegisterNode(node.keyring.peer_key, arg.number(arguments, "roles", ROLES, low=1, high=31), stake)
    receipt = await node.trade_for(arg.request_id(arguments)).send("register", action)
    await node.belief.until(lambda c: c.nodes.get(node.me), seconds=PATIENCE, what="the registration")
    return {"operator": node.me, "peer": node.peers.me, "stake": money(node, stake), **receipt_view(receipt)}
