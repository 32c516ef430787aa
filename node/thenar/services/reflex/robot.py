"""A robot hires nodes: finds offers, opens channels, measures for itself, and keeps lines to the best of them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import trio

from thenar.domain.actions import ProveContradiction
from thenar.domain.ids import Address, AssetId, PeerId
from thenar.domain.reflex.answers import SignedCall
from thenar.domain.reflex.evidence import Evidence
from thenar.domain.reflex.offers import HeardOffer
from thenar.domain.reflex.vouchers import Line as Account
from thenar.errors import BadInput, Late, NotFound, Refused, Reverted, Unavailable
from thenar.services.reflex.calling import Caller, Local
from thenar.services.reflex.channels import Wanted, channel_for
from thenar.services.reflex.house import House
from thenar.services.reflex.route import Purse, Route, measured, open_route

log = logging.getLogger(__name__)

PROBES: Final = 15
"""Calls with which a robot measures a node before it decides; the median of so many survives lost packets."""
REOPEN_EVERY: Final = 2.0

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Hiring:
    """What a robot asks for: a model, the control period (s), a deposit for each node and the most 1,000 calls may cost
    (token units), how long channels last (s), and how many nodes it keeps lines to."""

    model: AssetId
    period: float
    deposit: int
    max_price: int
    seconds: int = 600
    nodes: int = 2
    patience: float = 20.0
    least: int = 0  # deposit below which a node cannot redeem a voucher over all of it


class Watch(Protocol):
    """Whoever has the model, or has somebody who does."""

    async def check(self, call: SignedCall) -> Evidence | None:
        """The evidence when an answer is not the model's."""
        ...

    async def accuse(self, evidence: Evidence) -> None:
        """Do with it what is to be done; failures are this one's own."""
        ...


@dataclass(frozen=True, slots=True)
class RobotKey:
    """The robot's own key: an account that signs vouchers, and nothing else."""

    account: Address
    sign: Sign


async def offers_for(house: House, hiring: Hiring) -> list[HeardOffer]:
    """Offers a robot can take, expected to cost least first, waited for until there are enough. Raises NotFound."""
    with trio.move_on_after(hiring.patience):
        while len(_good(house, hiring)) < hiring.nodes:  # noqa: ASYNC110  gossip sets no event here
            await trio.sleep(0.2)
    found = _good(house, hiring)
    if not found:
        raise NotFound(
            f"nobody offers to answer with {hiring.model} for {hiring.max_price} units or less",
            next_step="`thenar infer offers` shows what is offered",
        )
    return found


def _good(house: House, hiring: Hiring) -> list[HeardOffer]:
    mine = house.trade.me
    return [
        one
        for one in house.offers_of(hiring.model)
        if one.offer.price <= hiring.max_price
        and one.offer.node != mine
        and one.peer not in house.liars | {house.peers.me}
    ]


@asynccontextmanager
async def hired(
    house: House, key: RobotKey, hiring: Hiring, local: Local | None = None, watch: Watch | None = None
) -> AsyncIterator[Caller]:
    """Open a channel and a line to each of the nodes, measure them, and call for as long as the context lasts.

    Lines that break are opened again beside the calls. With a ``watch`` sampled calls are run again, and a node whose
    answer is wrong is accused and asked no more. At the end what is owed is signed. Raises NotFound, Poor,
    Refused for a deposit that pays for no redemption, Unavailable.
    """
    if hiring.deposit < hiring.least:
        raise Refused(
            f"a deposit of {hiring.deposit} token units is less than {hiring.least}, five redemptions' gas: "
            "no node would redeem what it earns",
            next_step="leave more in the channel",
        )
    offers = (await offers_for(house, hiring))[: hiring.nodes]
    caller = Caller([], hiring.period, local)
    try:
        async with trio.open_nursery() as nursery:
            await _first_routes(house, key, hiring, offers, caller, nursery)
            nursery.start_soon(_reopen, house, key, hiring, offers, caller, nursery)
            if watch is not None:
                nursery.start_soon(_watch_again, house, caller, watch)
            try:
                yield caller
            finally:
                with trio.CancelScope(shield=True):
                    await _leave(house, caller)
                    if watch is not None:
                        await look(house, caller, watch)
                nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise _sole(group) from None


async def _first_routes(
    house: House, key: RobotKey, hiring: Hiring, offers: list[HeardOffer], caller: Caller, nursery: trio.Nursery
) -> None:
    """Ask every node, and those that are busy again until one answers or patience ends. Raises Poor, Unavailable."""
    deadline = trio.current_time() + hiring.patience
    while True:
        reasons = [await _add(house, key, hiring, offer, caller, nursery) for offer in offers]
        if caller.routes:
            return
        if trio.current_time() + REOPEN_EVERY > deadline:
            told = "; ".join(f"{offer.peer}: {reason}" for offer, reason in zip(offers, reasons, strict=True))
            raise Unavailable(
                f"no node that offers this model takes calls now ({told})",
                next_step="ask again in a minute, or let the robot be patient for longer",
            )
        await trio.sleep(REOPEN_EVERY)


async def _leave(house: House, caller: Caller) -> None:
    """Pay what is owed, and show the chain what contradicts itself."""
    async with trio.open_nursery() as nursery:
        for route in caller.routes:
            nursery.start_soon(route.settle_up)
    await _accuse(house, caller)


def _sole(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong, freed from the task groups around it, when nothing else did."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def _watch_again(house: House, caller: Caller, watch: Watch) -> None:
    while True:
        await trio.sleep(REOPEN_EVERY)
        await look(house, caller, watch)


async def look(house: House, caller: Caller, watch: Watch) -> list[Evidence]:
    """Run sampled calls again whose answers are signed; evidence of those that are wrong, brought before the court."""
    found = list[Evidence]()
    for route in list(caller.routes):
        while route.signed:
            evidence = await watch.check(route.signed.popleft())
            if evidence is not None:
                found.append(evidence)
                house.liars.add(PeerId(route.name))
                await route.line.drop()
                log.warning("a node answers what the model does not", extra={"node": route.name})
    once = {one.accused.node: one for one in found}
    for evidence in tuple(once.values()):  # one conviction takes the whole stake
        await watch.accuse(evidence)
    return found


async def _accuse(house: House, caller: Caller) -> None:
    """Show the chain what contradicts itself: half of the node's stake is this account's."""
    for route in caller.routes:
        if route.evidence is None:
            continue
        first, second = route.evidence
        key = f"contradiction:{first.answers.node}/{first.answers.model}"
        try:
            await house.trade.outbox.send(key, ProveContradiction(first, second))
        except Reverted as refused:  # somebody came first
            log.info("a contradiction was not needed", extra={"node": route.name, "reason": refused.message})


async def _add(
    house: House, key: RobotKey, hiring: Hiring, heard: HeardOffer, caller: Caller, nursery: trio.Nursery
) -> str | None:
    """Open a line to a node and measure it; the reason when it refuses."""
    record = house.record_of(heard.peer)
    try:
        route = await _route(house, key, hiring, heard)
    except (BadInput, Late, Refused, Reverted, Unavailable) as cause:
        log.info("a node is not asked", extra={"node": heard.peer, "reason": cause.message})
        record.missed()
        return cause.message
    nursery.start_soon(route.run)
    await measured(route, PROBES, hiring.period)
    house.asked.add((heard.peer, hiring.model))
    caller.routes = [one for one in caller.routes if one.name != route.name or one.alive or one.evidence] + [route]
    return None


async def _route(house: House, key: RobotKey, hiring: Hiring, heard: HeardOffer) -> Route:
    offer = heard.offer
    wanted = Wanted(offer.node, offer.model, key.account, hiring.deposit, hiring.seconds, hiring.max_price)
    channel = await channel_for(house.trade, wanted)
    account = Account(channel.id, offer.node, offer.model, house.trade.me)
    purse = Purse(house.desk, account, channel.channel.deposit, key.sign, house.signer_of)
    record = house.record_of(heard.peer)
    return await open_route(house.lines, heard.peer, house.peers.me, purse, record, hiring.max_price)


async def _reopen(
    house: House, key: RobotKey, hiring: Hiring, offers: list[HeardOffer], caller: Caller, nursery: trio.Nursery
) -> None:
    while True:
        await trio.sleep(REOPEN_EVERY)
        alive = {route.name for route in caller.routes if route.alive}
        for offer in offers:
            if offer.peer not in alive | house.liars:
                await _add(house, key, hiring, offer, caller, nursery)
