"""The nursery tree of a running node.

    node ─┬─ send transactions   one task owns the nonce
          ├─ follow the chain    announces itself once the catalog is refolded
          ├─ perform duties      one task per duty
          ├─ listen to gossip    announcements and wants
          ├─ answer requests     manifests, segments, sketches and keys, each on a stream of its own
          ├─ stream and receive  epochs of live streams, cut and sealed, or fetched and opened
          ├─ answer robots       with models it serves, on streams of frames; offers are said again and again
          ├─ look for work       units of bounties this node can run, claimed while it is lent and idle
          ├─ announce            what is held here, again and again, for those who joined later; asks who gets through
          └─ serve the door      loopback HTTP

An unexpected exception cancels everything and the process exits non-zero. Outages are retried inside each component.
"""

from __future__ import annotations

import logging
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import trio
from trio_typing import TaskStatus

from thenar.adapters import memory
from thenar.adapters.vault.keyring import signer_of
from thenar.adapters.web import Door, Failures, serve
from thenar.assembly import Node
from thenar.commands import COMMANDS
from thenar.commands import run as run_command
from thenar.commands.metrics import metrics_of
from thenar.commands.overview import reasons_not_ready, status_view
from thenar.commands.shelf import shelf_of
from thenar.directory import LIVE, RUNTIME_FILE, write_runtime
from thenar.domain import protocols
from thenar.domain.assets import AssetKind
from thenar.domain.bounty.sealed import JURY_KEY
from thenar.domain.duties import Duty, DutyKind
from thenar.domain.ids import AssetId, PeerId
from thenar.domain.reflex.attestations import KIND as ATTESTATION
from thenar.domain.reflex.offers import KIND as OFFER
from thenar.domain.storage.spoken import ANSWERS
from thenar.errors import Refused, Unavailable
from thenar.services import complaints, consent, escrow, keep, licensing, marking, preview, stewardship, withdrawal
from thenar.services.answer import Answer, Answers
from thenar.services.bounty import rounds, sealing, sponsoring, subjects, witnessing
from thenar.services.bounty.hearsay import CHALLENGE, GAP
from thenar.services.epochs.stories import stories as epoch_stories
from thenar.services.follow import Followed, follow_chain
from thenar.services.listen import Listener, announce_held, be_present
from thenar.services.perform import Pace, Performer, Story
from thenar.services.ports import Heard, Tell
from thenar.services.publish import announcement
from thenar.services.receiving import Receiving
from thenar.services.reflex import channels, trials
from thenar.services.runs.stories import stories as run_stories
from thenar.services.storing import proving
from thenar.services.storing.stories import stories as storage_stories
from thenar.services.streaming import Streaming
from thenar.services.work import labour

log = logging.getLogger(__name__)

_NOTHING: Mapping[str, object] = MappingProxyType({})
LIVE_EVERY = 0.5
"""Seconds between looks at what is streamed."""

ANNOUNCE_EVERY = 60.0
"""Seconds between announcements of everything held, before jitter."""
FIRST_ANNOUNCEMENT = 3.0
"""Seconds after the start: by then neighbours are dialled and the chain was read."""


def stories_of(node: Node) -> dict[DutyKind, Story]:
    """The story behind each kind of duty."""
    limit = node.config.store_pin_limit_mb * 1_000_000

    async def pin(duty: Duty) -> None:
        if withdrawal.is_withdrawn(node.belief.catalog, _asset(duty)):
            return
        if node.belief.catalog.assets[_asset(duty)].kind is AssetKind.BATCH:
            await keep.keep_batch(_asset(duty), node.library, limit=limit)
        else:
            await keep.keep_asset(
                _asset(duty), journal=node.journal, store=node.store, peers=node.peers, belief=node.belief, limit=limit
            )
        await _announce(node, duty)

    async def announce(duty: Duty) -> None:
        await _announce(node, duty)

    return {
        DutyKind.PIN_ASSET: pin,
        DutyKind.ANNOUNCE_ASSET: announce,
        **_sale_stories(node),
        **_preview_stories(node),
        **_mark_stories(node),
        **_income_stories(node),
        **_reflex_stories(node),
        **run_stories(node.home),
        **labour.stories(node.bench),
        **rounds.stories(node.bounty_desk),
        **storage_stories(node.stock_for(None)),
        **epoch_stories(node.epoch_desk),
    }


def _sale_stories(node: Node) -> dict[DutyKind, Story]:
    async def open_it(duty: Duty) -> None:
        asset = licensing.sale(node.belief.catalog, duty.subject).deal.asset
        await complaints.open_or_complain(node.trade, node.shelf, duty.subject, node.opened / asset)

    def on_sale(story: Callable[[licensing.Trade, str], Awaitable[None]]) -> Story:
        return lambda duty: story(node.trade, duty.subject)

    return {
        DutyKind.DELIVER_KEY: on_sale(licensing.deliver_key),
        DutyKind.CHECK_KEY: on_sale(complaints.check_key),
        DutyKind.OPEN_ASSET: open_it,
        DutyKind.SETTLE_SALE: on_sale(licensing.settle_sale),
        DutyKind.REFUND_LATE_SALE: on_sale(licensing.refund_late_sale),
        DutyKind.REFUND_REVOKED_SALE: on_sale(licensing.refund_revoked_sale),
        **_consent_stories(node),
    }


def _consent_stories(node: Node) -> dict[DutyKind, Story]:
    return {
        DutyKind.COLLECT_EARNED: lambda duty: escrow.collect_at_the_end(node.trade, duty),
        DutyKind.REFUND_UNEARNED: lambda duty: escrow.refund_unearned(node.trade, duty),
        DutyKind.BIND_FLOOR: lambda duty: consent.bind_linked(node.trade, duty),
        DutyKind.DROP_COPY: lambda duty: withdrawal.drop_copy(node.stock_for(None), node.opened, duty),
    }


def _income_stories(node: Node) -> dict[DutyKind, Story]:
    trade, store, peers = node.trade, node.store, node.peers
    return {
        DutyKind.ROLL_SHARE: lambda duty: stewardship.roll_share(trade, duty),
        DutyKind.KEEP_PAYOUT: lambda duty: stewardship.keep_payout(trade, store, peers, duty),
        DutyKind.CHECK_PAYOUT: lambda duty: stewardship.check_payout(trade, store, peers, duty),
        DutyKind.ANSWER_ACCUSATION: lambda duty: stewardship.answer_accusation(trade, store, peers, duty),
        DutyKind.CONDEMN_OMISSION: lambda duty: stewardship.condemn_omission(trade, duty),
        DutyKind.THAW_PAYOUT: lambda duty: stewardship.thaw_payout(trade, store, peers, duty),
        DutyKind.END_FREEZE: lambda duty: stewardship.end_time(trade, duty),
        DutyKind.RETURN_BOND: lambda duty: stewardship.take_bond_back(trade, duty),
    }


def _reflex_stories(node: Node) -> dict[DutyKind, Story]:
    return {
        DutyKind.REDEEM_VOUCHER: lambda duty: channels.redeem_in_time(node.till, duty),
        DutyKind.SETTLE_CHANNEL: lambda duty: channels.settle_at_the_end(node.trade, duty),
        DutyKind.END_SERVICE: lambda duty: channels.end_service(node.trade, duty),
        DutyKind.DEFEND_CALL: lambda duty: trials.defend(node.trade, duty),
        DutyKind.CONDEMN_CALL: lambda duty: trials.condemn(node.trade, duty),
    }


def _mark_stories(node: Node) -> dict[DutyKind, Story]:
    return {
        DutyKind.ANSWER_LEAK: lambda duty: marking.answer_leak(node.trade, duty.subject),
        DutyKind.LAPSE_MARK: lambda duty: marking.lapse_mark(node.trade, duty.subject),
        DutyKind.RELEASE_MARK: lambda duty: marking.release_mark(node.trade, duty.subject),
        DutyKind.RECALL_MARK: lambda duty: marking.recall_late(node.trade, duty.subject),
    }


def _preview_stories(node: Node) -> dict[DutyKind, Story]:
    viewing = node.viewing_for(None)

    def on_preview(story: Callable[[preview.Viewing, str], Awaitable[None]]) -> Story:
        return lambda duty: story(viewing, duty.subject)

    async def check(duty: Duty) -> None:
        await preview.check_opened(viewing, duty.subject, node.previewed / duty.subject)

    return {
        DutyKind.OPEN_PREVIEW: on_preview(preview.open_asked),
        DutyKind.CHECK_PREVIEW: check,
        DutyKind.CLOSE_PREVIEW: on_preview(preview.close_opened),
        DutyKind.EXPIRE_PREVIEW: on_preview(preview.expire_asked),
    }


def answers_of(node: Node) -> Answers:
    """What other nodes may ask this one directly."""
    return Answers(node.trade, node.store, node.peers.me, node.is_registered, signer_of, node.config.chain_deep)


def protocols_of(node: Node, streaming: Streaming) -> dict[str, Answer]:
    """Who answers which protocol; a key request names an asset, or an epoch of a live stream."""
    answers = answers_of(node)

    async def key(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        return await (streaming.key if "stream" in request else answers.key)(asker, request)

    async def told(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        return await proving.tell_answers(node.stock_for(None), asker, request)

    async def jury_key(asker: PeerId, request: dict[str, object]) -> dict[str, object]:
        return await sealing.tell_key(node.bounty_desk, asker, request)

    named = {protocols.KEY: key, protocols.EPOCHS: streaming.epochs, ANSWERS: told, JURY_KEY: jury_key}
    return {**answers.by_protocol, **named}


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
        streaming = Streaming(node.trade, node.store, node.keyring, node.directory / LIVE, node.config.chain_deep)
        for protocol, answer in protocols_of(node, streaming).items():
            node.peers.serve(protocol, answer)
        receiving = Receiving(node.trade, node.store, node.peers, signer_of, node.opened / LIVE, node.config.live_grace)
        nursery.start_soon(node.house.run)
        for look in (streaming.look, receiving.look, node.hiring.look):
            nursery.start_soon(_look_again, look)
        nursery.start_soon(_announce_again, node)
        yield
        nursery.cancel_scope.cancel()


async def run_node(
    node: Node, given: Mapping[str, object] = _NOTHING, *, task_status: TaskStatus[str] = trio.TASK_STATUS_IGNORED
) -> None:
    """Run a node until a signal; announces the door's ``host:port``. ``given``: settings of no file and no variable."""
    async with at_door(node, given) as address, trio.open_nursery() as nursery:
        nursery.start_soon(memory.keep_small)
        task_status.started(address)
        await _until_signal()
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def at_door(node: Node, given: Mapping[str, object] = _NOTHING) -> AsyncIterator[str]:
    """Run a node with its door while the context lasts; the door's ``host:port``."""
    async with running(node), trio.open_nursery() as nursery:
        address: str = await nursery.start(serve, _door(node), node.config.web_listen)
        told = {"address": address, "token": node.token, "peers": list(node.peers.addresses), "settings": dict(given)}
        write_runtime(node.directory, told)
        try:
            yield address
        finally:
            (node.directory / RUNTIME_FILE).unlink(missing_ok=True)
        nursery.cancel_scope.cancel()


async def _until_signal() -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for number in signals:
            log.info("stopping", extra={"signal": signal.Signals(number).name})
            return


def _door(node: Node) -> Door:
    started, failures = time.time(), Failures()

    def bound(name: str) -> Callable[[dict[str, object], Tell], Awaitable[dict[str, object]]]:
        return lambda arguments, tell: run_command(node, name, arguments, tell)

    async def metrics() -> str:
        return metrics_of(await status())

    async def status() -> dict[str, object]:
        return await status_view(node, started, failures.count)

    return Door(
        token=node.token,
        ready=lambda: reasons_not_ready(node),
        metrics=metrics,
        status=status,
        commands={name: bound(name) for name in COMMANDS},
        shelf=shelf_of(node),
        failures=failures,
    )


async def _take(node: Node, listener: Listener, heard: Heard) -> None:
    """Hand what was said to whom it concerns. Of attestations, captures' or nodes', each passes over the other's."""
    if heard.kind == OFFER:
        await node.house.hear(heard)
    elif heard.kind == ATTESTATION:
        await node.house.hear_witness(heard)
        await witnessing.hear(node.bounty_desk, heard)
    elif heard.kind in (GAP, CHALLENGE):
        node.bounty_desk.hearsay.take(heard, node.belief.catalog)
    else:
        await listener.take(heard)


async def _listen(node: Node, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    listener = Listener(node.journal, node.peers, node.belief)
    async with node.peers.heard() as stream:
        task_status.started()
        async for heard in stream:
            try:
                await _take(node, listener, heard)
            except (Refused, Unavailable) as cause:
                log.info("gossip passed over", extra={"origin": heard.origin, "reason": cause.message})


async def _look_again(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        await trio.sleep(LIVE_EVERY)
        try:
            await look()
        except Unavailable as cause:
            log.info("looking again later", extra={"reason": cause.message})


async def _announce_again(node: Node) -> None:
    pause = FIRST_ANNOUNCEMENT
    while True:
        await trio.sleep(pause)
        pause = ANNOUNCE_EVERY * random.uniform(0.5, 1.5)
        try:
            await be_present(node.peers)
            await announce_held(journal=node.journal, peers=node.peers)
            await sponsoring.announce_gaps(node.bounty_desk)
            await subjects.learn(node.bounty_desk, node.belief.catalog.asks.values())
        except (Refused, Unavailable) as cause:
            log.info("announcing later", extra={"reason": cause.message})
        await node.reach.look()


async def _announce(node: Node, duty: Duty) -> None:
    body = await announcement(node.journal, _asset(duty), node.peers.addresses)
    if body is not None:
        await node.peers.announce("announcement", body)


def _asset(duty: Duty) -> AssetId:
    return AssetId(duty.subject)
