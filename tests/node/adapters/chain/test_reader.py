"""The reader against a chain on paper: adaptive ranges, forks at every depth, nodes that are behind or of two minds."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_chain import LEDGER, PaperChain

from thenar.adapters.chain.decode import Decoder
from thenar.adapters.chain.reader import DEPTH, Reader, trusting
from thenar.adapters.chain.rpc import Rpc
from thenar.errors import BadConfig, Corrupt, Unavailable
from thenar.services.ports import Batch, Head, Rewind

Check = Callable[[], Awaitable[None]]
HEADER = ("number", "timestamp", "hash", "parentHash")


class Notebook:
    """What a journal would hold: hashes by height, and the facts told so far."""

    def __init__(self, first: int = 1) -> None:
        self.first = first
        self.hashes: dict[int, str] = {}
        self.told: dict[int, list[int]] = {}
        self.rewinds: list[int] = []

    async def known(self, block: int) -> str | None:
        return self.hashes.get(block)

    @property
    def next_block(self) -> int:
        return max(self.hashes, default=self.first - 1) + 1

    def take(self, item: Batch | Rewind) -> None:
        if isinstance(item, Rewind):
            self.rewinds.append(item.to_block)
            self.hashes = {block: held for block, held in self.hashes.items() if block <= item.to_block}
            self.told = {block: facts for block, facts in self.told.items() if block <= item.to_block}
            return
        assert item.first == self.next_block
        self.hashes[item.last] = item.last_hash
        for fact in item.facts:
            assert fact.at.block not in self.told
            self.told[fact.at.block] = [fact.amount]  # type: ignore[union-attr]


@asynccontextmanager
async def reading(
    paper: PaperChain, *, confirmations: int = 0, chain_id: int = 31_337, check: Check = trusting
) -> AsyncIterator[Reader]:
    with httpx.Client() as sync:
        async with httpx.AsyncClient(transport=paper.transport()) as client:
            rpc = Rpc("http://paper", client, sync, timeout=5, limit=10_000_000)
            decoder = Decoder({"Ledger": LEDGER})
            yield Reader(rpc, decoder, chain_id=chain_id, confirmations=confirmations, interval=0.5, check=check)


async def follow(reader: Reader, notebook: Notebook, until: int) -> None:
    async for item in reader.confirmed(notebook.next_block, notebook.known):
        notebook.take(item)
        if isinstance(item, Batch) and item.last >= until:
            break


async def test_every_block_is_told_once_and_in_order(autojump_clock: trio.testing.MockClock) -> None:
    paper, notebook = PaperChain(head=5_000), Notebook()

    async with reading(paper) as reader:
        await follow(reader, notebook, 5_000)

    assert notebook.told == {block: [block] for block in range(1, 5_001)}


async def test_confirmations_are_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    paper, notebook = PaperChain(head=10), Notebook()

    async with reading(paper, confirmations=4) as reader:
        with trio.move_on_after(30):
            await follow(reader, notebook, 7)

    assert max(notebook.told) == 6


async def test_a_range_with_too_many_results_is_asked_for_in_smaller_ones(
    autojump_clock: trio.testing.MockClock,
) -> None:
    paper, notebook = PaperChain(head=3_000, most_logs=150), Notebook()

    async with reading(paper) as reader:
        await follow(reader, notebook, 3_000)

    assert notebook.told == {block: [block] for block in range(1, 3_001)}
    assert any(last - first + 1 > 150 for first, last in paper.asked)


async def test_ranges_grow_while_they_go_well(autojump_clock: trio.testing.MockClock) -> None:
    paper, notebook = PaperChain(head=9_000), Notebook()

    async with reading(paper) as reader:
        await follow(reader, notebook, 9_000)

    assert paper.asked == [(1, 2_000), (2_001, 6_000), (6_001, 8_936), (8_937, 9_000)]


async def test_a_range_that_is_refused_is_asked_for_in_halves_rounded_down(
    autojump_clock: trio.testing.MockClock,
) -> None:
    paper, notebook = PaperChain(head=3, most_logs=1), Notebook()

    async with reading(paper) as reader:
        with trio.move_on_after(60):
            await follow(reader, notebook, 3)

    assert paper.asked == [(1, 3), (1, 1), (2, 3), (2, 2), (3, 3)]


@pytest.mark.parametrize("most", [1, 2, 5, 10, 63])
async def test_a_node_that_answers_few_blocks_at_once_is_followed_to_its_head(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture, most: int
) -> None:
    paper, notebook = PaperChain(head=150, most_logs=most), Notebook()
    caplog.set_level(logging.INFO, "thenar.adapters.chain.reader")

    async with reading(paper) as reader:
        with trio.move_on_after(3_600):
            await follow(reader, notebook, 150)

    assert notebook.told == {block: [block] for block in range(1, 151)}
    asked = [record.blocks for record in caplog.records]  # type: ignore[attr-defined]
    assert asked[0] == 43 and 0 < min(asked) <= most


async def test_a_block_whose_logs_are_refused_alone_is_waited_for_like_an_outage(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    paper, notebook = PaperChain(head=2, most_logs=0), Notebook()

    async with reading(paper) as reader:
        with trio.move_on_after(30):
            await follow(reader, notebook, 2)
        assert not notebook.told
        paper.most_logs = 10
        await follow(reader, notebook, 2)

    assert "refuses the logs of block 1" in caplog.records[-1].reason  # type: ignore[attr-defined]
    assert max(notebook.told) == 2


async def test_an_outage_is_waited_out_with_longer_and_longer_pauses(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    paper, notebook = PaperChain(head=3, away=True), Notebook()

    async with reading(paper) as reader:
        with trio.move_on_after(90):
            await follow(reader, notebook, 3)
        paper.away = False
        await follow(reader, notebook, 3)

    pauses = [record.again_in for record in caplog.records]  # type: ignore[attr-defined]
    assert pauses[:7] == [0.5, 1, 2, 4, 8, 15, 15]
    assert max(notebook.told) == 3


@pytest.mark.parametrize("method", ["eth_blockNumber", "eth_getBlockByNumber", "eth_getLogs"])
@pytest.mark.parametrize("how", ["refused", "nonsense"])
async def test_a_node_that_answers_nothing_of_use_is_asked_again(
    autojump_clock: trio.testing.MockClock, method: str, how: str
) -> None:
    paper, notebook = PaperChain(head=10), Notebook()
    trouble = {"refused": {"refused": {method}}, "nonsense": {"nonsense": {method: {"what": "is this"}}}}[how]

    async with reading(paper) as reader:
        for name, value in trouble.items():
            setattr(paper, name, value)
        with trio.move_on_after(60):
            await follow(reader, notebook, 10)
        assert not notebook.told
        paper.refused, paper.nonsense = set(), {}
        await follow(reader, notebook, 10)

    assert max(notebook.told) == 10


@pytest.mark.parametrize("method", ["eth_blockNumber", "eth_getBlockByNumber"])
@pytest.mark.parametrize("held", [0, 10])
async def test_a_node_that_refuses_either_answer_about_the_head_is_told_as_refusing(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture, method: str, held: int
) -> None:
    """A refusal is no answer: taken for a block that is not there, it would pass in silence or for nonsense."""
    paper, notebook = PaperChain(head=10), Notebook()

    async with reading(paper) as reader:
        if held:
            await follow(reader, notebook, held)
        paper.head, paper.refused = 20, {method}
        with trio.move_on_after(30):
            await follow(reader, notebook, 20)

    reasons = {record.reason for record in caplog.records}  # type: ignore[attr-defined]
    assert reasons == {"the chain node refuses to name its newest block"}
    assert max(notebook.told, default=0) == held


async def test_nothing_is_believed_while_the_block_before_is_not_found(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Of two nodes behind one address, one may be on another fork and not have that block yet."""
    paper, notebook = PaperChain(head=100), Notebook()
    async with reading(paper) as reader:
        await follow(reader, notebook, 100)
        paper.fork(90)
        paper.head, paper.missing = 300, {100}
        with trio.move_on_after(60):
            await follow(reader, notebook, 300)
        assert max(notebook.told) == 100
        paper.missing = set()

        await follow(reader, notebook, 300)

    assert notebook.rewinds == [89]
    assert notebook.told == {block: [block] for block in range(1, 301)}


async def test_a_fork_right_above_the_first_block_of_all_is_found(autojump_clock: trio.testing.MockClock) -> None:
    paper, notebook = PaperChain(head=5), Notebook(first=0)
    async with reading(paper) as reader:
        await follow(reader, notebook, 5)
        paper.fork(1)
        paper.head = 6

        await follow(reader, notebook, 6)

    assert notebook.rewinds == [0]
    assert notebook.told == {block: [block] for block in range(7)}


async def test_the_newest_block_and_the_hash_of_any_are_told() -> None:
    paper = PaperChain(head=7)

    async with reading(paper) as reader:
        assert await reader.head() == Head(7, 1_007)
        assert await reader.block_hash(5) == bytes.fromhex(paper.hash_of(5)[2:])
        with pytest.raises(Unavailable, match="no block 8 yet"):
            await reader.block_hash(8)
        paper.hidden = True
        with pytest.raises(Unavailable, match="no newest block"):
            await reader.head()


@pytest.mark.parametrize(
    "answer", ["text", [], {"number": "0x7"}, dict.fromkeys(HEADER, 7), dict.fromkeys(HEADER[1:], "")]
)
async def test_what_is_no_header_is_told_as_such(answer: object) -> None:
    async with reading(PaperChain(head=7, nonsense={"eth_getBlockByNumber": answer})) as reader:
        with pytest.raises(Unavailable, match="not a block header"):
            await reader.head()


@pytest.mark.parametrize("depth", [1, 2, 13, DEPTH])
async def test_a_fork_is_found_and_told_before_what_replaces_it(
    autojump_clock: trio.testing.MockClock, depth: int
) -> None:
    paper, notebook = PaperChain(head=100), Notebook()
    async with reading(paper) as reader:
        await follow(reader, notebook, 100)
        paper.fork(101 - depth)
        paper.head = 102

        await follow(reader, notebook, 102)

    assert notebook.rewinds == [100 - depth]
    assert notebook.hashes[102] == paper.hash_of(102)
    assert notebook.told == {block: [block] for block in range(1, 103)}


async def test_a_fork_below_the_limit_stops(autojump_clock: trio.testing.MockClock) -> None:
    paper, notebook = PaperChain(head=200), Notebook()
    async with reading(paper) as reader:
        await follow(reader, notebook, 200)
        paper.fork(200 - DEPTH)
        paper.head = 300

        with pytest.raises(Corrupt) as stopped:
            await follow(reader, notebook, 300)

    assert stopped.value.next_step and not notebook.rewinds


@pytest.mark.parametrize("trouble", ["hidden", "removed"])
async def test_a_node_of_two_minds_is_asked_again(autojump_clock: trio.testing.MockClock, trouble: str) -> None:
    paper, notebook = PaperChain(head=10), Notebook()
    setattr(paper, trouble, True)
    async with reading(paper) as reader, trio.open_nursery() as nursery:

        async def settle() -> None:
            await trio.sleep(20)
            assert not notebook.told
            setattr(paper, trouble, False)

        nursery.start_soon(settle)
        await follow(reader, notebook, 10)

    assert max(notebook.told) == 10


async def test_a_node_that_fell_behind_is_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    paper, notebook = PaperChain(head=50), Notebook()
    async with reading(paper) as reader:
        await follow(reader, notebook, 50)
        paper.head = 20
        with trio.move_on_after(60):
            await follow(reader, notebook, 51)
        paper.head = 51

        await follow(reader, notebook, 51)

    assert notebook.rewinds == [] and max(notebook.told) == 51


@pytest.mark.parametrize("change", ["forked", "behind"])
async def test_the_past_is_compared_when_the_last_block_is_not_found_and_at_no_other_time(
    autojump_clock: trio.testing.MockClock, change: str
) -> None:
    paper, notebook, compared = PaperChain(head=50), Notebook(), []

    async def check() -> None:
        compared.append(paper.head)

    async with reading(paper, check=check) as reader:
        await follow(reader, notebook, 50)
        paper.head = 60
        await follow(reader, notebook, 60)
        assert not compared
        if change == "forked":
            paper.fork(58)
            paper.head = 61
            await follow(reader, notebook, 61)
            assert compared == [61]
        else:
            paper.head = 20
            with trio.move_on_after(5):
                await follow(reader, notebook, 61)
            assert set(compared) == {20}


async def test_another_chain_is_refused(autojump_clock: trio.testing.MockClock) -> None:
    async with reading(PaperChain(head=5), chain_id=1) as reader:
        with pytest.raises(BadConfig):
            await follow(reader, Notebook(), 5)


@given(seed=st.integers(0, 2**32), steps=st.integers(1, 6))
@settings(max_examples=12, deadline=None)
def test_any_history_of_forks_ends_where_a_fresh_reader_ends(seed: int, steps: int) -> None:
    chance = random.Random(seed)

    async def live() -> tuple[Notebook, Notebook, PaperChain]:
        paper, followed, fresh = PaperChain(head=80), Notebook(), Notebook()
        async with reading(paper) as reader:
            await follow(reader, followed, paper.head)
            for _ in range(steps):
                if chance.random() < 0.6:
                    paper.fork(paper.head + 1 - chance.randint(1, min(DEPTH, paper.head - 1)))
                paper.head += chance.randint(1, 90)
                await follow(reader, followed, paper.head)
        async with reading(paper) as reader:
            await follow(reader, fresh, paper.head)
        return followed, fresh, paper

    followed, fresh, paper = trio.run(live, clock=trio.testing.MockClock(autojump_threshold=0))

    assert followed.told == fresh.told
    assert followed.hashes[paper.head] == fresh.hashes[paper.head] == paper.hash_of(paper.head)
