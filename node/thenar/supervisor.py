"""The nursery tree of a running node.

    node ─┬─ send transactions   one task owns the nonce
          ├─ follow the chain    announces itself once the catalog is refolded
          ├─ perform duties      one task per duty
          ├─ listen to gossip    announcements and wants
          ├─ announce            what is held here, again and again, for those who joined later
          └─ serve the door      loopback HTTP

An unexpected exception cancels everything and the process exits non-zero. Outages are retried inside each component.
"""

from __future__ import annotations

import logging
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio
from trio_typing import TaskStatus

from thenar.adapters.web import Door, serve
from thenar.assembly import Node
from thenar.commands import COMMANDS
from thenar.commands import run as run_command
from thenar.commands.overview import metrics_text, reasons_not_ready, status_view
from thenar.directory import RUNTIME_FILE, write_runtime
from thenar.domain.duties import Duty, DutyKind
from thenar.domain.ids import AssetId
from thenar.errors import Refused, Unavailable
from thenar.services import keep, licensing
from thenar.services.follow import Followed, follow_chain
from thenar.services.listen import Listener, announce_held
from thenar.services.perform import Pace, Performer, Story
from thenar.services.ports import Tell
from thenar.services.publish import announcement
from thenar.services.retrieve import open_bought

log = logging.getLogger(__name__)

ANNOUNCE_EVERY = 60.0
"""Seconds between announcements of everything held, before jitter."""


def stories_of(node: Node) -> dict[DutyKind, Story]:
    """The story behind each kind of duty."""
    limit = node.config.store_pin_limit_mb * 1_000_000

    async def pin(duty: Duty) -> None:
        await keep.keep_asset(
            _asset(duty), journal=node.journal, store=node.store, peers=node.peers, belief=node.belief, limit=limit
        )
        await _announce(node, duty)

    async def announce(duty: Duty) -> None:
        await _announce(node, duty)

    async def open_it(duty: Duty) -> None:
        sale = licensing.sale(node.belief.catalog, duty.subject)
        if sale.reason:
            return
        await open_bought(
            sale.deal.asset,
            node.opened / sale.deal.asset,
            sealer=node.sealer,
            store=node.store,
            journal=node.journal,
            peers=node.peers,
            belief=node.belief,
            limit=node.config.store_quota_mb * 1_000_000,
        )

    def on_sale(story: Callable[[licensing.Trade, str], Awaitable[None]]) -> Story:
        return lambda duty: story(node.trade, duty.subject)

    return {
        DutyKind.PIN_ASSET: pin,
        DutyKind.ANNOUNCE_ASSET: announce,
        DutyKind.DELIVER_KEY: on_sale(licensing.deliver_key),
        DutyKind.CHECK_KEY: on_sale(licensing.check_key),
        DutyKind.OPEN_ASSET: open_it,
        DutyKind.SETTLE_SALE: on_sale(licensing.settle_sale),
        DutyKind.REFUND_LATE_SALE: on_sale(licensing.refund_late_sale),
    }


@asynccontextmanager
async def running(node: Node) -> AsyncIterator[None]:
    """Run every component of a node while the context lasts; ready means sending and following have begun."""
    async with trio.open_nursery() as nursery:
        await nursery.start(node.chain.send_transactions)
        followed = Followed(node.chain.deployment.block, node.duties_of)
        await nursery.start(follow_chain, node.chain, node.journal, node.belief, followed)
        performer = Performer(
            node.chain, node.journal, node.belief, stories_of(node), Pace(deep_confirmations=node.config.chain_deep)
        )
        await nursery.start(performer.run)
        await nursery.start(_listen, node)
        nursery.start_soon(_announce_again, node)
        yield
        nursery.cancel_scope.cancel()


async def run_node(node: Node, *, task_status: TaskStatus[str] = trio.TASK_STATUS_IGNORED) -> None:
    """Run a node until a signal; announces the door's ``host:port``."""
    async with running(node), trio.open_nursery() as nursery:
        address = await nursery.start(serve, _door(node), node.config.web_listen)
        told = {"address": address, "token": node.token, "peers": list(node.peers.addresses)}
        write_runtime(node.directory, told)
        task_status.started(address)
        try:
            await _until_signal()
        finally:
            (node.directory / RUNTIME_FILE).unlink(missing_ok=True)
        nursery.cancel_scope.cancel()


async def _until_signal() -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for number in signals:
            log.info("stopping", extra={"signal": signal.Signals(number).name})
            return


def _door(node: Node) -> Door:
    started = time.time()

    def bound(name: str) -> Callable[[dict[str, object], Tell], Awaitable[dict[str, object]]]:
        return lambda arguments, tell: run_command(node, name, arguments, tell)

    return Door(
        token=node.token,
        ready=lambda: reasons_not_ready(node),
        metrics=lambda: metrics_text(node, started),
        status=lambda: status_view(node, started),
        commands={name: bound(name) for name in COMMANDS},
    )


async def _listen(node: Node, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    listener = Listener(node.journal, node.peers, node.belief)
    async with node.peers.heard() as stream:
        task_status.started()
        async for heard in stream:
            try:
                await listener.take(heard)
            except (Refused, Unavailable) as cause:
                log.info("gossip passed over", extra={"origin": heard.origin, "reason": cause.message})


async def _announce_again(node: Node) -> None:
    while True:
        await trio.sleep(ANNOUNCE_EVERY * random.uniform(0.5, 1.5))
        try:
            await announce_held(journal=node.journal, peers=node.peers)
        except (Refused, Unavailable) as cause:
            log.info("announcing later", extra={"reason": cause.message})


async def _announce(node: Node, duty: Duty) -> None:
    body = await announcement(node.journal, _asset(duty), node.peers.addresses)
    if body is not None:
        await node.peers.announce("announcement", body)


def _asset(duty: Duty) -> AssetId:
    return AssetId(duty.subject)
