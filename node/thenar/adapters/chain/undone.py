"""What a reorganisation undoes of what was told as done: found by the hashes of its blocks, and open again.

An effect that was told stays wanted: should its transaction be mined anew and revert this time, it is sent once more.
What was given up because it reverted, or because its nonce was somebody else's, can be mined after all, and have its
effect: it is the intent's transaction again, whatever was signed after it.
"""

from __future__ import annotations

import logging
from typing import Final

from thenar.adapters.chain.reader import is_header
from thenar.adapters.chain.rpc import Rpc
from thenar.domain.past import DEPTH
from thenar.domain.sending import Mined
from thenar.services.ports import SendLog

TOLD: Final = "told/"
"""Under this prefix stand the intents whose effect was told and is not on the chain now."""

log = logging.getLogger(__name__)


async def reopen(rpc: Rpc, book: SendLog, head: int) -> bool:
    """Open again what ended in a block the chain does not hold any more, and what was given up and is mined.

    Returns whether there was something. Raises Unavailable.
    """
    undone = await _undone(rpc, book, head)
    return await _revived(rpc, book, head) or undone


async def _undone(rpc: Rpc, book: SendLog, head: int) -> bool:
    ended = {intent.key: intent.mined for intent in await book.ended_since(head - DEPTH) if intent.mined}
    numbers = sorted({mined.block for mined in ended.values()})
    if not numbers:
        return False
    answers = await rpc.read_all([("eth_getBlockByNumber", [hex(block), False]) for block in numbers])
    held = {block: answer["hash"] for block, answer in zip(numbers, answers, strict=True) if is_header(answer)}
    undone = [key for key, mined in ended.items() if held.get(mined.block, mined.block_hash) != mined.block_hash]
    if undone:
        log.warning("a reorganisation undid what had ended; it is open again", extra={"keys": undone})
        for key in undone:
            await keep_told(book, key, ended[key])
        await book.note_undone(undone)
    return bool(undone)


async def _revived(rpc: Rpc, book: SendLog, head: int) -> bool:
    given_up = await book.given_up_since(head - 2 * DEPTH)  # signed so long ago at most: it was mined later
    if not given_up:
        return False
    answers = await rpc.read_all([("eth_getTransactionReceipt", [tx]) for _, tx in given_up])
    found = {key: tx for (key, tx), answer in zip(given_up, answers, strict=True) if _had_effect(answer)}
    for key, tx in found.items():
        log.warning("what was given up was mined after all", extra={"key": key, "tx": tx})
        await book.note_revived(key, tx)
    return bool(found)


def _had_effect(answer: object) -> bool:
    return isinstance(answer, dict) and answer.get("status") == "0x1"


async def keep_told(book: SendLog, key: str, mined: Mined | None) -> None:
    """Remember that an effect was told which the chain holds no more."""
    if mined is not None and mined.succeeded:
        await book.put(TOLD + key, b"1")


async def want_again(book: SendLog, key: str) -> bool:
    """Whether a transaction that reverted had its effect told before; its intent is wanted again then."""
    if not await book.get(TOLD + key):
        return False
    log.warning("done before a reorganisation, reverted after it; sending anew", extra={"key": key})
    await book.put(TOLD + key, b"")
    await book.note_displaced(key)
    return True
