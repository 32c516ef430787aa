"""Confirmed facts in chain order, for ever: ranges far behind the head, single blocks near it, and reorganisations.

Nothing is believed until a range's last header is the same before and after its logs were read, every log names the
block hash its header has, and the first header follows what the journal holds.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import trio

from thenar.adapters.chain.decode import Decoder, Log
from thenar.adapters.chain.rpc import Refusal, Rpc, check_chain, number
from thenar.domain.past import DEPTH
from thenar.errors import Corrupt, Unavailable
from thenar.services.ports import Batch, Head, KnownBlock, Rewind

FIRST_SPAN, MAX_SPAN = 2_000, 20_000
"""Blocks asked for in one eth_getLogs: at first, and at most after ranges that went well."""
MAX_PAUSE = 15.0
"""Most seconds between attempts while the chain node is away."""

_NAMES = ("number", "timestamp", "hash", "parentHash")

log = logging.getLogger(__name__)
Header = dict[str, Any]


async def trusting() -> None:
    """Nothing is remembered that could disagree."""


class Reader:
    """Reads one deployment's logs, staying ``confirmations`` blocks behind the head."""

    def __init__(
        self,
        rpc: Rpc,
        decoder: Decoder,
        *,
        chain_id: int,
        confirmations: int,
        interval: float,
        check: Callable[[], Awaitable[None]] = trusting,
    ) -> None:
        """``interval``: seconds between looks at the head while nothing is new. ``check`` raises for a foreign past."""
        self._chain_id = chain_id
        self._rpc = rpc
        self._decoder = decoder
        self._confirmations = confirmations
        self._interval = interval
        self._check = check
        self._span = FIRST_SPAN

    async def head(self) -> Head:
        """The newest block."""
        header = _header(await self._rpc.read("eth_getBlockByNumber", "latest", False))
        if header is None:
            raise Unavailable("the chain node has no newest block")
        return Head(number(header["number"]), number(header["timestamp"]))

    async def block_hash(self, block: int) -> bytes:
        """The hash of a block as of now. Raises Unavailable before it is mined."""
        header = _header(await self._rpc.read("eth_getBlockByNumber", hex(block), False))
        if header is None:
            raise Unavailable(f"the chain has no block {block} yet")
        return bytes.fromhex(header["hash"].removeprefix("0x"))

    async def confirmed(self, start: int, known: KnownBlock) -> AsyncIterator[Batch | Rewind]:
        """Follow the chain from block ``start``; each batch must be taken in before the next is asked for.

        Outages are waited out. Raises Corrupt when the chain changed deeper than DEPTH, BadConfig for another chain,
        also for one that was begun anew.
        """
        at, pause = start, self._interval
        while True:
            try:
                steps = await self._look(at, known)
            except Unavailable as trouble:
                log.warning("chain not followed", extra={"reason": trouble.message, "block": at, "again_in": pause})
                await trio.sleep(pause)
                pause = min(2 * pause, MAX_PAUSE)
                continue
            pause = self._interval
            for step in steps:
                yield step
                at = step.to_block + 1 if isinstance(step, Rewind) else step.last + 1
            if not steps:
                await trio.sleep(self._interval)

    async def _look(self, at: int, known: KnownBlock) -> list[Batch | Rewind]:
        """What is new from block ``at`` on; empty when nothing is, or when the node is behind or between two forks."""
        await check_chain(self._rpc, self._chain_id)
        newest, before = await self._rpc.read_all([("eth_blockNumber", []), _ask_header(max(at - 1, 0))])
        if isinstance(newest, Refusal) or isinstance(before, Refusal):
            raise Unavailable("the chain node refuses to name its newest block")
        held, found = await known(at - 1), _header(before)
        if held is not None and (found is None or found["hash"] != held):
            await self._check()
        if held is not None and found is None:
            return []  # a node that is behind us knows nothing better
        if held is not None and found is not None and found["hash"] != held:
            return [await self._ancestor(at - 1, known)]
        target = number(newest) - self._confirmations
        if target < at:
            return []
        if at <= target - DEPTH:
            return await self._range(at, min(target - DEPTH, at + self._span - 1))
        return await self._singles(at, min(target, at + self._span - 1), held)

    async def _range(self, first: int, last: int) -> list[Batch | Rewind]:
        """One batch over many blocks that are too deep to change."""
        header = await self._one_header(last)
        logs = await self._logs(first, last)
        if header is None or logs is None or await self._one_header(last) != header:
            return []
        return [Batch(first, last, header["hash"], self._decoder.in_order(logs))]

    async def _singles(self, first: int, last: int, held: str | None) -> list[Batch | Rewind]:
        """One batch per block near the head, each linked to the one before by its parent hash."""
        asked = [_ask_header(block) for block in range(first, last + 1)]
        headers = [_header(answer) for answer in await self._rpc.read_all(asked)]
        logs = await self._logs(first, last)
        if logs is None or await self._one_header(last) != headers[-1]:
            return []
        by_block: dict[str, list[Log]] = {}
        for entry in logs:
            by_block.setdefault(entry["blockHash"], []).append(entry)
        batches: list[Batch | Rewind] = []
        for block, header in zip(range(first, last + 1), headers, strict=True):
            if header is None or (held is not None and header["parentHash"] != held):
                return batches
            held = header["hash"]
            batches.append(Batch(block, block, header["hash"], self._decoder.in_order(by_block.pop(held, ()))))
        return [] if by_block else batches

    async def _logs(self, first: int, last: int) -> list[Log] | None:
        """All logs of our contracts in a range, or None when the range must be asked for again, maybe smaller."""
        asked = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(self._decoder.addresses)}
        answer = (await self._rpc.read_all([("eth_getLogs", [asked])]))[0]
        if isinstance(answer, Refusal):
            if last == first:
                raise Unavailable(f"the chain node refuses the logs of block {first}: {answer.message}")
            self._span = (last - first + 1) // 2
            log.info("asking for fewer blocks at once", extra={"blocks": self._span, "reason": answer.message})
            return None
        if not isinstance(answer, list) or not all(_is_log(entry) for entry in answer):
            raise Unavailable("the chain node answered something that is not a list of logs")
        if any(entry.get("removed") for entry in answer):
            return None
        self._span = min(2 * self._span, MAX_SPAN)
        return answer

    async def _one_header(self, block: int) -> Header | None:
        return _header(await self._rpc.read(*_spread(_ask_header(block))))

    async def _ancestor(self, newest: int, known: KnownBlock) -> Rewind:
        """The newest block both the journal and the chain hold."""
        held = {block: await known(block) for block in range(newest, max(newest - DEPTH, 0) - 1, -1)}
        candidates = [block for block, block_hash in held.items() if block_hash is not None]
        headers = await self._rpc.read_all([_ask_header(block) for block in candidates])
        for block, answer in zip(candidates, headers, strict=True):
            header = _header(answer)
            if header is not None and header["hash"] == held[block]:
                log.warning("chain reorganised", extra={"depth": newest - block, "to_block": block})
                return Rewind(block)
        raise Corrupt(
            f"the chain changed more than {DEPTH} blocks below block {newest}",
            next_step="check that chain.rpc is the right, synced node; if the chain really changed, "
            "move the journal away and let the node follow from the start",
        )


def _ask_header(block: int) -> tuple[str, list[Any]]:
    return "eth_getBlockByNumber", [hex(block), False]


def _spread(request: tuple[str, list[Any]]) -> tuple[Any, ...]:
    return request[0], *request[1]


def _header(answer: object) -> Header | None:
    """Number, time and hashes of a header; None when the node has no such block. Raises Unavailable for nonsense."""
    if answer is None or isinstance(answer, Refusal):
        return None
    if not isinstance(answer, dict) or not is_header(answer):
        raise Unavailable("the chain node answered something that is not a block header")
    return {name: answer[name] for name in _NAMES}


def is_header(answer: object) -> bool:
    """Whether an answer names a block's number, time and hashes."""
    return isinstance(answer, dict) and all(isinstance(answer.get(name), str) for name in _NAMES)


def _is_log(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("blockHash"), str) and isinstance(entry.get("topics"), list)
