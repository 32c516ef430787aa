"""Keeping watch on what others answer: asked for, recomputed, demanded where it is false, convicted, reported."""

from __future__ import annotations

import logging
from typing import Final

import trio

from thenar.domain import protocols
from thenar.domain.actions import ConvictNode, DemandAnswer, ReportMiss
from thenar.domain.ids import Address
from thenar.domain.keccak import keccak256
from thenar.domain.storage.pledges import CHALLENGES, verify
from thenar.domain.storage.spoken import ANSWERS, AnswersAnswer, AnswersRequest, SpokenAnswer
from thenar.errors import BadInput, Refused, Unavailable
from thenar.services.ask import nodes_of
from thenar.services.steps import step
from thenar.services.storing.keeping import Stock
from thenar.services.storing.proving import terms_of

log = logging.getLogger(__name__)

SECONDS: Final = 12.0
"""How long a node has to tell its answers before it is asked again."""
SILENT: Final = (3, 4)
"""The part of a round a node may stay silent before an answer is demanded on chain: it has until the end to be."""


async def check_answers(stock: Stock, node: Address, round_: int) -> None:
    """Recompute what a node answered; demand on chain what it cannot show, or one at random when it stays silent.

    Raises Unavailable while it may still tell.
    """
    catalog = stock.trade.belief.catalog
    now = (await stock.trade.chain.head()).timestamp
    if terms_of(stock).round_at(now) != round_:
        return
    told = await _told(stock, node, round_)
    if told is None and now < _patience(stock, round_):
        raise Unavailable(f"{node} does not tell its answers of round {round_}")
    false = range(CHALLENGES) if told is None else false_answers(stock, node, round_, told)
    # A demand of another answer, which an accomplice may have made, covers nothing.
    left = [place for place in false if (round_, place) not in catalog.stores[node].demands]
    if not left:
        return
    place = left[_secret(stock, node, round_) % len(left)]
    log.warning("demanding an answer", extra={"node": node, "round": round_, "place": place})
    await step(stock.trade, f"storage-demand:{node}/{round_}/{place}", DemandAnswer(node, place))


def false_answers(stock: Stock, node: Address, round_: int, told: AnswersAnswer) -> list[int]:
    """The answers that are not what the pledge and the chain say."""
    record = stock.trade.belief.catalog.stores[node]
    pledge, seed = record.pledge_in(round_), stock.trade.belief.catalog.rounds[round_].seed
    if pledge is None or round_ not in record.answers:  # a reorganisation took the answer while it was asked for
        return []

    def is_right(place: int, spoken: SpokenAnswer) -> bool:
        root, pledged = record.answers[round_], pledge.pledged
        try:
            return verify(spoken.shown, seed=seed, node=node, challenge=place, pledged=pledged, answers=root)
        except BadInput:
            return False

    return [place for place, spoken in enumerate(told.answers) if not is_right(place, spoken)]


async def convict(stock: Stock, node: Address, round_: int, place: int) -> None:
    """Convict a node that did not show what this account demanded."""
    if not stock.trade.belief.catalog.stores[node].demands[round_, place].over:
        await step(stock.trade, f"storage-convict:{node}/{round_}/{place}", ConvictNode(node, round_, place))


async def report_misses(stock: Stock, round_: int) -> None:
    """Report every node that was asked and did not answer."""
    for node, record in list(stock.trade.belief.catalog.stores.items()):
        silent = round_ not in record.answers and round_ not in record.missed
        if node != stock.trade.me and silent and record.pledge_in(round_) is not None:
            await step(stock.trade, f"storage-miss:{node}/{round_}", ReportMiss(node, round_))


async def _told(stock: Stock, node: Address, round_: int) -> AnswersAnswer | None:
    asked = protocols.spell(AnswersRequest(round_))
    for peer in nodes_of(stock.trade.belief.catalog, node):
        try:
            with trio.fail_after(SECONDS):
                answer = await stock.peers.ask(peer, ANSWERS, asked)
            return protocols.read(AnswersAnswer, answer, "the answers")
        except (Refused, Unavailable, BadInput, trio.TooSlowError) as cause:
            log.info("no answers told", extra={"node": node, "round": round_, "reason": str(cause)})
    return None


def _patience(stock: Stock, round_: int) -> int:
    terms = terms_of(stock)
    return terms.began(round_) + terms.length * SILENT[0] // SILENT[1]


def _secret(stock: Stock, node: Address, round_: int) -> int:
    """A number nobody but this account foresees, by which it chooses what to demand."""
    secret, _ = stock.trade.wrapper.one_time_key(keccak256(f"thenar.demand/1/{node}/{round_}".encode()))
    return int.from_bytes(secret, "big")
