"""Holds the chain of an endpoint against the blocks the journal remembers, before anything is sent or believed.

A local chain that was begun anew has the same number, contracts and addresses as the one before it; only its blocks are
others. What was signed for the old one must not be sent to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from thenar.adapters.chain.rpc import Refusal, Rpc, number
from thenar.domain.past import Past, judge
from thenar.errors import BadConfig, Unavailable


@dataclass(frozen=True, slots=True)
class Memory:
    """The hashes remembered, by height, and the file they are in."""

    blocks: Callable[[], Awaitable[Mapping[int, str]]]
    file: Path


async def check_past(rpc: Rpc, memory: Memory) -> None:
    """Return when the endpoint serves the chain that was followed, as far as it was followed.

    Raises BadConfig for another chain, Unavailable while its head is below what was seen.
    """
    held = await memory.blocks()
    newest = max(held, default=-1)
    if not held or await _hashes(rpc, [newest]) == {newest: held[newest]}:
        return
    seen = await _hashes(rpc, sorted(held))
    verdict = judge(held, seen)
    if verdict is Past.OTHER:
        raise BadConfig(
            f"the chain at {rpc.name} is not the one this data directory followed: {_why(held, seen)}",
            next_step=f"name another --data; or, if the chain was begun anew on purpose, move {memory.file} and what "
            "begins with its name away, and start again",
        )
    if verdict is Past.BELOW:
        head = number(await rpc.read("eth_blockNumber"))
        raise Unavailable(
            f"the chain at {rpc.name} ends at block {head}, below block {newest} that was seen; nothing is sent",
            next_step="wait until the endpoint has caught up, or set chain.rpc to another; a chain that was begun anew "
            "needs another --data",
        )


def _why(held: Mapping[int, str], seen: Mapping[int, str]) -> str:
    """The first block that is another."""
    return f"its block {min(block for block, found in seen.items() if held[block] != found)} is another"


async def _hashes(rpc: Rpc, blocks: Iterable[int]) -> dict[int, str]:
    """The hashes of those blocks the chain has. Raises Unavailable when the node refuses to tell them."""
    asked = list(blocks)
    answers = await rpc.read_all([("eth_getBlockByNumber", [hex(block), False]) for block in asked])
    found: dict[int, str] = {}
    for block, answer in zip(asked, answers, strict=True):
        if answer is None:
            continue
        if isinstance(answer, Refusal) or not isinstance(answer, dict) or not isinstance(answer.get("hash"), str):
            raise Unavailable(f"the chain node does not tell block {block}")
        found[block] = answer["hash"]
    return found
