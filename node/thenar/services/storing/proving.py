"""A node's side of a round: opened, seeded, answered, shown. Each step is safe to repeat, also after a kill.

Answers lie in the journal before their root leaves, so that what was answered can be shown whatever happens to the
disk afterwards. A node that cannot read a challenged leaf does not guess: it mends, and misses the round otherwise.
"""

from __future__ import annotations

import logging
from typing import Final

from thenar.domain import protocols
from thenar.domain.actions import AnswerRound, FreeStorage, OpenRound, SeedRound, ShowAnswer
from thenar.domain.facts import StorageTerms
from thenar.domain.ids import PeerId
from thenar.domain.storage.pledges import PledgeTree, ShownAnswer, answer_of, answers_tree, positions
from thenar.domain.storage.spoken import AnswersAnswer, AnswersRequest, SpokenAnswer
from thenar.domain.storage.storage_duties import is_asked
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.steps import step
from thenar.services.storing.keeping import Stock, leaf_of, pledging
from thenar.services.storing.mending import mend

log = logging.getLogger(__name__)

KEPT_ROUNDS: Final = 8
"""Rounds whose answers stay in the journal."""
HASH_BLOCKS: Final = 256
"""Blocks whose hash the chain still knows."""


async def open_round(stock: Stock, round_: int) -> None:
    """Have the running round opened, unless somebody did or this node pledges nothing any more."""
    terms, now = terms_of(stock), (await stock.trade.chain.head()).timestamp
    current = terms.round_at(now)
    if current in stock.trade.belief.catalog.rounds:
        return
    if current < round_:
        raise Unavailable(f"round {round_} has not begun")
    if not is_asked(stock.trade.belief.catalog, stock.trade.me, current):
        return
    if now - terms.began(current) >= terms.length // 4:
        raise Unavailable(f"round {current} can be opened no more; the next one begins at {terms.began(current + 1)}")
    await step(stock.trade, f"storage-open:{current}", OpenRound())


async def seed_round(stock: Stock, round_: int, seed_block: int) -> None:
    """Have a round seeded once its block is there; another block is named when its hash was lost."""
    record, terms = stock.trade.belief.catalog.rounds[round_], terms_of(stock)
    head = await stock.trade.chain.head()
    if record.seed or record.seed_block != seed_block or terms.round_at(head.timestamp) != round_:
        return
    if head.block <= seed_block:
        raise Unavailable(f"round {round_} is seeded by block {seed_block}")
    if head.block > seed_block + HASH_BLOCKS:
        await step(stock.trade, f"storage-open:{round_}/{seed_block}", OpenRound())
    else:
        await step(stock.trade, f"storage-seed:{round_}/{seed_block}", SeedRound())


async def answer_round(stock: Stock, round_: int) -> None:
    """Answer a round's eight challenges in time. Raises Unavailable while a leaf cannot be read, Refused for a pledge
    over other replicas than are held, which is made anew for later rounds.
    """
    record = stock.trade.belief.catalog.rounds[round_]
    answered = stock.trade.belief.catalog.stores[stock.trade.me].answers
    if round_ in answered:
        return
    if (await stock.trade.chain.head()).timestamp >= record.answer_by:
        log.warning("round missed", extra={"round": round_})
        return
    await _pledge_anew(stock, round_)
    shown = await _answers(stock, round_)
    answers = [answer_of(record.seed, stock.trade.me, place, one.leaf) for place, one in enumerate(shown)]
    await step(stock.trade, f"storage-answer:{round_}", AnswerRound(answers_tree(answers).root))


async def _pledge_anew(stock: Stock, round_: int) -> None:
    """Pledge what is held when the newest pledge is over something else: a reorganisation undid what it counted."""
    record, held = stock.trade.belief.catalog.stores[stock.trade.me], stock.held_by_me()
    if record.pledges[-1].replicas or record.until is not None or not held:
        return
    log.warning("the pledge is not over what is held and is made anew", extra={"round": round_})
    await step(stock.trade, f"storage-pledge-anew:{round_}", pledging(stock))


async def show_answer(stock: Stock, round_: int, place: int) -> None:
    """Show an answer somebody demanded. Raises Refused when this node does not have it."""
    demand = stock.trade.belief.catalog.stores[stock.trade.me].demands[round_, place]
    if demand.over:
        return
    kept = await _kept(stock, round_)
    if kept is None:
        raise Refused(f"the answers of round {round_} are not here", next_step="restore the journal from a backup")
    action = ShowAnswer(stock.trade.me, round_, place, kept[place])
    await step(stock.trade, f"storage-show:{round_}/{place}", action)


async def free_storage(stock: Stock, until: int) -> None:
    """Have the bond back, a round after the pledge ended."""
    record = stock.trade.belief.catalog.stores[stock.trade.me]
    if record.until is not None:
        await step(stock.trade, f"storage-free:{record.pledges[-1].number}/{until}", FreeStorage(stock.trade.me))


async def tell_answers(stock: Stock, _: PeerId, request: dict[str, object]) -> dict[str, object]:
    """This node's answers of a round, for whoever keeps watch. Raises NotFound before they stand on chain."""
    asked = protocols.read(AnswersRequest, request, "the request")
    mine = stock.trade.belief.catalog.stores.get(stock.trade.me)
    kept = await _kept(stock, asked.round)
    if kept is None or mine is None or asked.round not in mine.answers:
        raise NotFound(f"no answers of round {asked.round} here")
    return protocols.spell(AnswersAnswer(tuple(SpokenAnswer.of(shown) for shown in kept)))


def terms_of(stock: Stock) -> StorageTerms:
    """The deployment's times. Raises Unavailable until the chain was read that far."""
    terms = stock.trade.belief.catalog.storage_terms
    if terms is None:
        raise Unavailable("the chain was not read as far as its terms of storage")
    return terms


async def _answers(stock: Stock, round_: int) -> list[ShownAnswer]:
    """The answers as the journal has them, or read from the disk and written down before they are used."""
    kept = await _kept(stock, round_)
    if kept is not None:
        return kept
    shown = await read_answers(stock, round_)
    await stock.trade.journal.put(_name(round_), AnswersAnswer(tuple(map(SpokenAnswer.of, shown))).encode())
    old = [name for name in await stock.trade.journal.names("storage/answers/") if name < _name(round_ - KEPT_ROUNDS)]
    await stock.trade.journal.forget(old)
    return shown


async def read_answers(stock: Stock, round_: int) -> list[ShownAnswer]:
    """Read the challenged leaves from the disk, mending it where it has none. Raises Unavailable, Refused."""
    catalog, me = stock.trade.belief.catalog, stock.trade.me
    pledge = catalog.stores[me].pledge_in(round_)
    if pledge is None or not pledge.replicas:
        raise Refused(f"what is pledged for round {round_} is not what this account took")
    tree, seed = PledgeTree.build(pledge.replicas), catalog.rounds[round_].seed
    places = [tree.at(position) for position in positions(seed, me, tree.leaves)]
    leaves = [await _leaf(stock, place.replica.root, place.index) for place in places]
    answers = answers_tree([answer_of(seed, me, at, leaf) for at, (leaf, _) in enumerate(leaves)])
    return [
        ShownAnswer(
            leaf,
            place.index,
            path,
            place.replica.root,
            place.replica.leaves,
            place.place,
            *tree.prove(place.place),
            answers.prove(at),
        )
        for at, (place, (leaf, path)) in enumerate(zip(places, leaves, strict=True))
    ]


async def _leaf(stock: Stock, root: bytes, index: int) -> tuple[bytes, tuple[bytes, ...]]:
    try:
        return await leaf_of(stock, root, index)
    except (NotFound, Corrupt) as lost:
        log.warning("the disk does not give a leaf", extra={"replica": root.hex(), "leaf": index, "why": lost.message})
        await mend(stock, [root])
        return await leaf_of(stock, root, index)


async def _kept(stock: Stock, round_: int) -> list[ShownAnswer] | None:
    data = await stock.trade.journal.get(_name(round_))
    return None if data is None else [one.shown for one in AnswersAnswer.decode(data).answers]


def _name(round_: int) -> str:
    return f"storage/answers/{max(0, round_):09d}"
