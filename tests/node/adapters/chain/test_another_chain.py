"""Nothing is sent to a chain that is not the one that was followed, nor to one that has not come that far."""

from __future__ import annotations

import json
import random
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
import trio
import trio.testing
from bad_pool import CALM, BadPool
from coincurve import PrivateKey
from paper_chain import LEDGER, PaperChain

from thenar.adapters.chain.decode import Decoder
from thenar.adapters.chain.past import Memory, check_past
from thenar.adapters.chain.reader import Reader
from thenar.adapters.chain.rpc import Rpc
from thenar.adapters.chain.sender import Sender, SendRules
from thenar.adapters.journal import FILE_NAME, open_journal
from thenar.adapters.vault.keyring import OpenKeyring
from thenar.domain.ids import Address
from thenar.domain.sending import Call
from thenar.errors import BadConfig, Unavailable, known_in
from thenar.services.ports import Batch

SEEN = 147
DESK = Address("0x" + "de" * 20)


def key() -> OpenKeyring:
    return OpenKeyring(PrivateKey(b"\x07" * 32).secret, b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)


@asynccontextmanager
async def endpoint(transport: httpx.MockTransport):
    with httpx.Client(transport=transport) as sync:
        async with httpx.AsyncClient(transport=transport) as client:
            yield Rpc("http://paper", client, sync, timeout=1e9, limit=10_000_000)


def memory_of(paper: PaperChain, last: int = SEEN, first: int = 1) -> Memory:
    held = {block: paper.hash_of(block) for block in range(first, last + 1)}

    async def blocks() -> dict[int, str]:
        return held

    return Memory(blocks, Path("/data/journal.sqlite"))


async def test_the_chain_that_was_followed_is_taken_by_one_question():
    paper = PaperChain(head=200)
    memory = memory_of(paper)
    asked: list[int] = []

    def counting(request: httpx.Request) -> httpx.Response:
        asked.append(len(json.loads(request.content)))
        return paper._answer(request)

    async with endpoint(httpx.MockTransport(counting)) as rpc:
        await check_past(rpc, memory)

    assert asked == [1]


@pytest.mark.parametrize("head", [SEEN - 38, SEEN, SEEN + 200])
async def test_a_chain_begun_anew_is_refused_with_both_ways_out(head):
    paper = PaperChain(head=SEEN)
    memory = memory_of(paper)
    paper.fork(0)
    paper.head = head

    async with endpoint(paper.transport()) as rpc:
        with pytest.raises(BadConfig, match="not the one this data directory followed: its block 1 is") as refused:
            await check_past(rpc, memory)

    assert "another --data" in str(refused.value.next_step)
    assert "/data/journal.sqlite" in str(refused.value.next_step)


async def test_an_endpoint_that_reaches_nothing_remembered_may_only_lag():
    paper = PaperChain(head=50)

    async with endpoint(paper.transport()) as rpc:
        with pytest.raises(Unavailable, match=r"ends at block 50, below block 147 .* nothing is sent") as waited:
            await check_past(rpc, memory_of(paper, first=60))

    assert "begun anew needs another --data" in str(waited.value.next_step)


async def test_a_chain_that_is_reorganised_is_still_the_same():
    paper = PaperChain(head=SEEN)
    memory = memory_of(paper)
    paper.fork(SEEN - 63)

    async with endpoint(paper.transport()) as rpc:
        await check_past(rpc, memory)


async def test_an_endpoint_that_lags_is_told_as_such(autojump_clock):
    paper = PaperChain(head=SEEN - 5)

    async with endpoint(paper.transport()) as rpc:
        with pytest.raises(Unavailable, match=r"ends at block 142, below block 147"):
            await check_past(rpc, memory_of(paper))


async def test_an_endpoint_that_refuses_to_tell_its_blocks_is_no_other_chain(autojump_clock):
    paper = PaperChain(head=SEEN)
    paper.refused = {"eth_getBlockByNumber"}

    async with endpoint(paper.transport()) as rpc:
        with pytest.raises(Unavailable, match="does not tell"):
            await check_past(rpc, memory_of(paper))


class Gate:
    """A check that raises what it is told to."""

    def __init__(self, trouble: Exception | None) -> None:
        self.trouble = trouble

    async def check(self) -> None:
        await trio.lowlevel.checkpoint()
        if self.trouble is not None:
            raise self.trouble


async def test_what_was_signed_waits_until_the_chain_is_known(tmp_path, autojump_clock):
    keyring, gate = key(), Gate(Unavailable("below"))
    pool = BadPool(keyring.account, 50 * CALM, 0.0, random.Random(1))
    async with endpoint(pool.transport()) as rpc, open_journal(tmp_path) as journal, trio.open_nursery() as nursery:
        sender = Sender(rpc, journal, keyring, SendRules(31_337, 50 * CALM, check=gate.check))
        await nursery.start(sender.send_transactions)
        nursery.start_soon(sender.send, "one", Call(DESK, b"\x01"))
        await trio.sleep(600)
        assert not pool.effects and not pool.pool

        gate.trouble = None
        while not pool.effects:  # noqa: ASYNC110  the pool has no event for it
            await trio.sleep(1)
        nursery.cancel_scope.cancel()

    assert pool.effects[b"\x01"] == 1


async def test_nothing_is_sent_to_another_chain_and_the_sender_ends(tmp_path, autojump_clock):
    keyring, gate = key(), Gate(BadConfig("another chain"))
    pool = BadPool(keyring.account, 50 * CALM, 0.0, random.Random(1))
    with pytest.raises(BaseExceptionGroup) as ended:
        async with endpoint(pool.transport()) as rpc, open_journal(tmp_path) as journal, trio.open_nursery() as nursery:
            sender = Sender(rpc, journal, keyring, SendRules(31_337, 50 * CALM, check=gate.check))
            await nursery.start(sender.send_transactions)
            await sender.send("one", Call(DESK, b"\x01"))

    assert isinstance(known_in(ended.value), BadConfig)
    assert not pool.effects and not pool.pool


@pytest.mark.parametrize(("head", "ends"), [(SEEN - 38, True), (SEEN + 1, True), (SEEN - 1, False)])
async def test_a_follower_ends_on_another_chain_and_waits_for_one_that_lags(autojump_clock, head, ends):
    paper = PaperChain(head=SEEN)
    memory = memory_of(paper)
    held = dict(await memory.blocks())
    if ends:
        paper.fork(0)
    paper.head = head

    async def known(block: int) -> str | None:
        return held.get(block)

    async with endpoint(paper.transport()) as rpc:
        reader = Reader(
            rpc, Decoder({"Ledger": LEDGER}), chain_id=31_337, confirmations=0, interval=0.5,
            check=partial(check_past, rpc, memory),
        )  # fmt: skip
        told = reader.confirmed(SEEN + 1, known)
        if ends:
            with pytest.raises(BadConfig):
                await anext(aiter(told))
            return
        with trio.move_on_after(60) as waited:
            await anext(aiter(told))
    assert waited.cancelled_caught


async def test_a_journal_tells_the_blocks_it_keeps(tmp_path):
    async with open_journal(tmp_path) as journal:
        assert await Memory(journal.blocks, tmp_path / FILE_NAME).blocks() == {}
        await journal.take_in(Batch(1, 5, "0xaa", ()), [])
        await journal.take_in(Batch(6, 6, "0xbb", ()), [])

        assert await journal.blocks() == {5: "0xaa", 6: "0xbb"}
