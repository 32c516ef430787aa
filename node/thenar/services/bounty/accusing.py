"""Words of others: compute what one shows, bring a false one before the court, and judge one as a juror."""

from __future__ import annotations

import logging
from typing import Final

import trio

from thenar.domain.actions import AccuseWord, FreeWord
from thenar.domain.bounty.answers import ask_of
from thenar.domain.bounty.sketches import decode_witness, judge
from thenar.domain.bounty.witnessing import WordStage, overlap_leaf, weighs
from thenar.domain.bounty.word_duties import is_open
from thenar.domain.catalog import AnswerRecord, CaseRecord, WordRecord
from thenar.domain.ids import Address, AssetId
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.report import Verdict
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty.checking import PATIENCE
from thenar.services.bounty.desk import BountyDesk
from thenar.services.steps import step

log = logging.getLogger(__name__)

MOST_OPEN: Final = 3
"""Accusations of this account that are before the court while its node makes no more by itself."""


async def check_word(desk: BountyDesk, capture: AssetId, witness: Address) -> None:
    """Compute what a word about something near shows, and accuse it when it is false.

    Raises Poor, and Unavailable while a sketch is not to be had or there are enough accusations.
    """
    word = desk.word(capture, witness)
    if word.stage is not WordStage.COUNTED or await desk.now() >= word.until or not _knows(desk, word):
        return
    found = await overlap(desk, word)
    log.info("word computed", extra={"capture": capture, "witness": witness, "said": word.overlap, "found": found})
    if not weighs(word.overlap, found):
        return
    if _open_accusations(desk) >= MOST_OPEN:
        raise Unavailable(f"{MOST_OPEN} accusations of this account are before the court; one more waits for a ruling")
    await accuse(desk, word, found)


async def accuse(desk: BountyDesk, word: WordRecord, found: int) -> bool:
    """Bring a word before the court; whether it was mined. Raises Poor, Refused, Reverted."""
    if not weighs(word.overlap, found):
        raise Refused(
            f"{found} of 10,000 are seen again and {word.overlap} were said: a jury would find for the witness, and "
            "your bond would be lost",
            next_step="a false word says at least a quarter more than there is",
        )
    if not _knows(desk, word):
        raise Refused("its scans are sealed, or scored by other rules than this version knows: no jury here judges it")
    await desk.provide(desk.accusation_bond)
    key = f"word-accuse:{word.capture}/{word.witness}/{word.dispute or 0}"
    return await step(desk.trade, key, AccuseWord(word.attestation, found))


async def free_word(desk: BountyDesk, capture: AssetId, witness: Address) -> None:
    """Free the stake behind a word that nobody accused in time."""
    if desk.word(capture, witness).stage is WordStage.COUNTED:
        await step(
            desk.trade, f"word-free:{capture}/{witness}/{desk.word(capture, witness).until}", FreeWord(capture, witness)
        )


async def overlap(desk: BountyDesk, word: WordRecord) -> int:
    """What a word's two scans show, laid as it says: basis points, 0 unless one is the other's place recorded again.

    Raises Unavailable, NotFound, Corrupt without both sketches. The witness keeps both.
    """
    seen, again = _scans(desk, word)
    old, new = await desk.sketch(seen, word.witness), await desk.sketch(again, word.witness)
    try:
        laid = decode_witness(word.laid)
    except BadInput as cause:
        log.info("the word's transform is none", extra={"capture": word.capture, "reason": cause.message})
        return 0
    found = await trio.to_thread.run_sync(judge, new, old, laid)
    return found.shared if found.verdict is Verdict.AGAIN else 0


async def word_leaf(desk: BountyDesk, case: CaseRecord) -> bytes:
    """What a juror votes for: the overlap he computes. A witness who shows no sketches has seen nothing again."""
    if case.word is None:
        raise NotFound(f"dispute {case.id} is about no word")
    word = desk.word(*case.word)
    with trio.move_on_after(2 * PATIENCE):
        try:
            return overlap_leaf(await overlap(desk, word))
        except (Unavailable, Corrupt, NotFound) as cause:
            log.warning("no sketches to judge a word by", extra={"dispute": case.id, "reason": str(cause)})
    return overlap_leaf(0)


def _scans(desk: BountyDesk, word: WordRecord) -> tuple[AnswerRecord, AnswerRecord]:
    answered = desk.trade.belief.catalog.answered
    return desk.answer(answered[word.capture]), desk.answer(answered[word.scan])


def _knows(desk: BountyDesk, word: WordRecord) -> bool:
    """Whether the scans lie open and are scored by this version's rules."""
    catalog, scans = desk.trade.belief.catalog, _scans(desk, word)
    return all(is_open(catalog, one) and catalog.asks[ask_of(one.id)].ask.rules == RULES.hash for one in scans)


def _open_accusations(desk: BountyDesk) -> int:
    words, me = desk.trade.belief.catalog.words.values(), desk.trade.me
    return sum(one.accuser == me and one.stage is WordStage.DISPUTED for one in words)
