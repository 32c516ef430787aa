"""Blocks become facts, duties and a cursor together; a reorganisation and a restart refold the same catalog."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
import trio
from chain_facts import ANA, BEN, at, minted
from fakes import FakeChain

from thenar.adapters.journal import open_journal
from thenar.domain.duties import Duty, DutyKind, Me
from thenar.domain.facts import Transfer
from thenar.errors import Unavailable
from thenar.services.belief import Belief
from thenar.services.follow import Followed, follow_chain, refold
from thenar.services.ports import Batch, Rewind

FIRST = minted(ANA, 1, block=1)
SECOND = minted(ANA, 2, block=2)
BENS = Followed(first_block=1, me=Me(BEN, pins_for_others=True))


def batch(block: int, *facts) -> Batch:
    return Batch(block, block, f"0x{block:064x}", tuple(facts))


@pytest.fixture
async def journal(tmp_path):
    async with open_journal(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def following(chain, journal, belief, followed=BENS):
    async with trio.open_nursery() as nursery:
        yield await nursery.start(follow_chain, chain, journal, belief, followed)
        nursery.cancel_scope.cancel()


async def until_block(belief: Belief, block: int) -> None:
    await belief.until(lambda _: belief.block == block or None, seconds=5, what=f"block {block}")


async def test_a_batch_gives_facts_duties_and_cursor_together(journal):
    chain, belief = FakeChain(), Belief()

    async with following(chain, journal, belief) as stood_at:
        chain.say(batch(1, FIRST))
        await until_block(belief, 1)

    assert stood_at == -1
    assert chain.started_at == [1]
    assert FIRST.id in belief.catalog.assets
    assert await journal.cursor() == 1
    assert list(await journal.facts()) == [FIRST]
    assert [(d.kind, d.subject) for d in await journal.open_duties()] == [(DutyKind.PIN_ASSET, FIRST.id)]


async def test_blocks_without_facts_go_by_and_leave_the_version_as_it_is(journal):
    chain, belief, moved = FakeChain(), Belief(), []

    async with following(chain, journal, belief):
        for block, *facts in ((1, FIRST), (2,), (3,), (4, SECOND), (5,)):
            version = belief.version
            chain.say(batch(block, *facts))
            await belief.changed()
            moved.append((belief.block, belief.version != version))
        chain.say(Rewind(4), batch(5))
        version = belief.version
        await belief.changed()

    assert moved == [(1, True), (2, False), (3, False), (4, True), (5, False)]
    assert belief.version != version


async def test_a_rewind_takes_back_facts_and_duties_and_what_replaces_them_is_folded(journal, caplog):
    chain, belief = FakeChain(), Belief()
    replacement = minted(ANA, 3, block=2)

    async with following(chain, journal, belief):
        chain.say(batch(1, FIRST), batch(2, SECOND))
        await until_block(belief, 2)
        await journal.finish(Duty(DutyKind.PIN_ASSET, FIRST.id, 1))
        before = belief.rewinds
        chain.say(Rewind(1), batch(2, replacement))
        await until_block(belief, 1)
        await until_block(belief, 2)

    assert set(belief.catalog.assets) == {FIRST.id, replacement.id}
    assert {d.subject for d in await journal.open_duties()} == {FIRST.id, replacement.id}
    assert belief.rewinds == before + 2, "when the blocks are gone, and when the catalog is what is left"
    assert [record.after_block for record in caplog.records if "reorganised" in record.message] == [1]


async def test_a_chain_followed_from_its_very_first_block_goes_on_after_it(journal):
    chain, belief = FakeChain(), Belief()
    await journal.take_in(batch(0), [])

    async with following(chain, journal, belief, Followed(first_block=0, me=BENS.me)) as stood_at:
        pass

    assert stood_at == 0
    assert chain.started_at == [1]


async def test_following_again_starts_after_the_cursor_with_the_same_catalog(journal):
    chain, belief = FakeChain(), Belief()
    async with following(chain, journal, belief):
        chain.say(batch(1, FIRST), batch(2, SECOND, Transfer(at(2, 5), ANA, BEN, FIRST.id)))
        await until_block(belief, 2)

    again = Belief()
    async with following(chain, journal, again) as stood_at:
        pass

    assert stood_at == 2
    assert chain.started_at == [1, 3]
    assert again.catalog == belief.catalog
    assert again.catalog.assets[FIRST.id].owner == BEN


async def test_nobody_sees_the_catalog_half_built_while_it_is_folded_again(journal):
    belief = Belief()
    await journal.take_in(batch(1, FIRST), [])
    await refold(journal, belief)
    seen = []

    async with trio.open_nursery() as nursery:

        async def watch() -> None:
            while True:
                seen.append(FIRST.id in belief.catalog.assets)
                await trio.lowlevel.checkpoint()

        nursery.start_soon(watch)
        for _ in range(20):
            await refold(journal, belief)
        nursery.cancel_scope.cancel()

    assert len(seen) > 20
    assert all(seen)


async def test_nothing_is_believed_of_a_batch_that_could_not_be_written(tmp_path):
    chain, belief = FakeChain(), Belief()

    with pytest.raises((Unavailable, ExceptionGroup)):
        async with open_journal(tmp_path) as journal:
            journal.take_in = _refuse  # the disk is full from here on
            async with following(chain, journal, belief):
                chain.say(batch(1, FIRST))
                await trio.sleep(1)

    assert belief.block == -1
    async with open_journal(tmp_path) as again:
        assert await again.cursor() is None
        assert await again.open_duties() == []


async def _refuse(*_: object) -> None:
    raise Unavailable("no room")
