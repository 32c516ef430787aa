"""What every store promises. The same tests run on the embedded store and on a private Kubo daemon."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import trio
from kubo import Daemon, kubo_daemon
from neighbours import Neighbours
from patterns import CHUNK, pattern

from thenar.adapters.ipfs.embedded import EmbeddedStore, open_embedded
from thenar.adapters.ipfs.kubo import KuboStore, open_kubo
from thenar.domain import unixfs
from thenar.domain.ids import Cid, PeerId
from thenar.errors import BadInput, Corrupt, NotFound, Refused, Unavailable

BIG = 1 << 30
BEN = PeerId("12D3KooWBen")
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 174 * CHUNK + 1)

AnyStore = EmbeddedStore | KuboStore


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with kubo_daemon(tmp_path_factory.mktemp("kubo")) as running:
        yield running


@pytest.fixture(params=["embedded", "kubo"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> AbstractAsyncContextManager[AnyStore]:
    """Not async, so that a missing daemon skips the test cleanly."""
    if request.param == "kubo":
        return open_kubo(request.getfixturevalue("daemon").api)
    return open_embedded(tmp_path / "store", quota=BIG)


@pytest.fixture
async def store(opening: AbstractAsyncContextManager[AnyStore]) -> AsyncIterator[AnyStore]:
    async with opening as opened:
        for root in await opened.pins():
            await opened.unpin(root)
        await opened.collect()
        yield opened


@pytest.fixture
async def ben(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    """Another node's store, to fetch from."""
    async with open_embedded(tmp_path / "ben", quota=BIG) as opened:
        yield opened


async def parts(data: bytes, *steps: int) -> AsyncIterator[bytes]:
    at, turn = 0, 0
    while at < len(data):
        step = steps[turn % len(steps)]
        yield data[at : at + step]
        at, turn = at + step, turn + 1


async def stream(size: int) -> AsyncIterator[bytes]:
    for part in pattern(size):
        yield part


async def whole(store: AnyStore, root: Cid, offset: int = 0, length: int | None = None) -> bytes:
    return b"".join([part async for part in store.read(root, offset=offset, length=length)])


def root_of(size: int) -> tuple[Cid, int]:
    builder = unixfs.Builder(lambda cid, block: None)
    for part in pattern(size):
        builder.leaf(part)
    return builder.finish(), builder.blocks


class TestStore:
    @pytest.mark.parametrize("size", SIZES)
    async def test_what_was_added_is_read_again_under_the_one_cid(self, store: AnyStore, size: int) -> None:
        stored = await store.add(stream(size))

        assert (stored.root, stored.blocks) == root_of(size)
        assert stored.size == size
        assert await whole(store, stored.root) == b"".join(pattern(size))

    @pytest.mark.parametrize("steps", [(1000,), (CHUNK + 1,), (3 * CHUNK,), (0, 7, CHUNK), (5_000_000,)])
    async def test_the_cid_does_not_depend_on_the_parts(self, store: AnyStore, steps: tuple[int, ...]) -> None:
        data = b"".join(pattern(18 * CHUNK + 5))

        stored = await store.add(parts(data, *steps))

        assert stored.root == root_of(len(data))[0]

    @pytest.mark.parametrize(
        ("offset", "length"),
        [(0, 0), (0, 1), (CHUNK - 1, 2), (CHUNK, CHUNK), (5, None), (3 * CHUNK, None), (3 * CHUNK + 8, 100), (BIG, 5)],
    )
    async def test_any_range_can_be_read(self, store: AnyStore, offset: int, length: int | None) -> None:
        data = b"".join(pattern(3 * CHUNK + 9))
        stored = await store.add(stream(len(data)))

        found = await whole(store, stored.root, offset, length)

        assert found == data[offset:][:length]

    async def test_what_is_added_together_is_pinned_when_all_of_it_is_here(self, store: AnyStore) -> None:
        async with store.together() as adds, trio.open_nursery() as nursery:
            for size in (10, CHUNK + 1, 10):
                nursery.start_soon(adds.add, stream(size))

        for size in (10, CHUNK + 1):
            root, _ = root_of(size)
            assert root in await store.pins()
            assert await whole(store, root) == b"".join(pattern(size))

    async def test_a_range_has_no_negative_numbers(self, store: AnyStore) -> None:
        stored = await store.add(stream(10))

        with pytest.raises(BadInput):
            await whole(store, stored.root, -1)
        with pytest.raises(BadInput):
            await whole(store, stored.root, 0, -1)

    async def test_adding_pins_and_only_unpinned_blocks_are_collected(self, store: AnyStore) -> None:
        kept, gone = await store.add(stream(2 * CHUNK + 1)), await store.add(_random(3 * CHUNK))
        assert await store.pins() == {kept.root, gone.root}

        await store.unpin(gone.root)
        await store.unpin(gone.root)
        freed = await store.collect()

        assert freed > 3 * CHUNK
        assert await store.pins() == {kept.root}
        assert not await store.has(gone.root)
        assert await whole(store, kept.root) == b"".join(pattern(2 * CHUNK + 1))
        with pytest.raises(NotFound):
            await whole(store, gone.root)

    async def test_a_block_two_files_share_stays_until_both_are_unpinned(self, store: AnyStore) -> None:
        one, two = await store.add(stream(CHUNK)), await store.add(stream(2 * CHUNK))

        await store.unpin(two.root)
        await store.collect()
        assert await whole(store, one.root) == b"".join(pattern(CHUNK))

        await store.unpin(one.root)
        await store.collect()
        assert not await store.has(one.root)

    async def test_a_file_can_be_pinned_again_only_when_all_of_it_is_here(self, store: AnyStore) -> None:
        stored = await store.add(stream(2 * CHUNK))
        await store.unpin(stored.root)
        await store.pin(stored.root)
        assert await store.pins() == {stored.root}
        await store.unpin(stored.root)
        node = await store.get(stored.root)
        await store.collect()

        await store.put(stored.root, node)
        with pytest.raises(NotFound):
            await store.pin(stored.root)
        assert not await store.pins()

    async def test_blocks_come_and_go_by_their_hash(self, store: AnyStore) -> None:
        block = b"a block of its own"
        cid = unixfs.leaf_cid(block)
        assert not await store.has(cid)
        with pytest.raises(NotFound):
            await store.get(cid)

        await store.put(cid, block)

        assert await store.has(cid)
        assert await store.get(cid) == block

    async def test_a_block_under_a_wrong_name_is_refused(self, store: AnyStore) -> None:
        cid = unixfs.leaf_cid(b"expected")

        with pytest.raises(Corrupt):
            await store.put(cid, b"something else")

        assert not await store.has(cid)

    async def test_usage_grows_and_shrinks(self, store: AnyStore) -> None:
        empty = await store.usage()
        stored = await store.add(_random(4 * CHUNK))
        full = await store.usage()
        await store.unpin(stored.root)
        await store.collect()

        assert full.used - empty.used >= 4 * CHUNK
        assert 0 <= full.blocks - empty.blocks - stored.blocks <= 1  # Kubo keeps the empty folder beside
        assert full.pins == empty.pins + 1
        assert (await store.usage()).blocks <= empty.blocks + 1
        assert full.quota > full.used

    async def test_progress_grows(self, store: AnyStore) -> None:
        seen: list[tuple[int, int]] = []

        await store.add(stream(40 * CHUNK), progress=lambda done, total: seen.append((done, total)))

        assert seen
        assert seen == sorted(seen)
        assert seen[-1][0] <= 40 * CHUNK

    async def test_an_add_that_is_cancelled_leaves_no_pin_and_a_working_store(self, store: AnyStore) -> None:
        with trio.CancelScope() as scope:

            async def endless() -> AsyncIterator[bytes]:
                for part in pattern(40 * CHUNK):
                    yield part
                scope.cancel()
                await trio.sleep_forever()

            await store.add(endless())

        assert scope.cancelled_caught
        assert not await store.pins()
        stored = await store.add(stream(2 * CHUNK))
        assert await whole(store, stored.root) == b"".join(pattern(2 * CHUNK))

    async def test_a_source_that_fails_leaves_no_pin(self, store: AnyStore) -> None:
        async def failing() -> AsyncIterator[bytes]:
            for part in pattern(20 * CHUNK):
                yield part
            raise Unavailable("the source went away")

        with pytest.raises(Unavailable, match="went away"):
            await store.add(failing())

        assert not await store.pins()

    async def test_a_fetch_that_is_cancelled_leaves_no_pin(self, store: AnyStore, ben: EmbeddedStore) -> None:
        theirs = await ben.add(stream(40 * CHUNK))
        store.fetch_through(Neighbours({BEN: ben}))

        with trio.CancelScope() as scope:
            await store.fetch(
                theirs.root, [BEN], limit=BIG, progress=lambda done, total: done > 9 * CHUNK and scope.cancel()
            )

        assert scope.cancelled_caught
        assert not await store.pins()
        assert (await store.fetch(theirs.root, [BEN], limit=BIG)) == theirs

    @pytest.mark.parametrize("size", [0, 5, CHUNK, 2 * CHUNK + 1, 180 * CHUNK])
    async def test_a_fetched_file_is_here_whole_and_pinned(
        self, store: AnyStore, ben: EmbeddedStore, size: int
    ) -> None:
        theirs = await ben.add(stream(size))
        store.fetch_through(Neighbours({BEN: ben}))
        seen: list[tuple[int, int]] = []

        ours = await store.fetch(theirs.root, [BEN], limit=size, progress=lambda done, all_: seen.append((done, all_)))

        assert ours == theirs
        assert await store.pins() == {theirs.root}
        assert await whole(store, ours.root) == b"".join(pattern(size))
        assert seen[-1] == (size, size)

    async def test_what_is_here_is_not_asked_for(self, store: AnyStore, ben: EmbeddedStore) -> None:
        theirs = await ben.add(stream(3 * CHUNK))
        await store.add(stream(2 * CHUNK))
        exchange = Neighbours({BEN: ben})
        store.fetch_through(exchange)

        await store.fetch(theirs.root, [BEN], limit=BIG)

        assert len(exchange.asked) == 2  # the node and the one new leaf

    async def test_a_file_over_the_limit_is_refused_after_its_root(self, store: AnyStore, ben: EmbeddedStore) -> None:
        theirs = await ben.add(stream(3 * CHUNK))
        exchange = Neighbours({BEN: ben})
        store.fetch_through(exchange)

        with pytest.raises(Refused, match="over the limit"):
            await store.fetch(theirs.root, [BEN], limit=3 * CHUNK - 1)

        assert exchange.asked == [theirs.root]
        assert not await store.pins()

    async def test_a_forged_leaf_is_not_kept(self, store: AnyStore, ben: EmbeddedStore) -> None:
        theirs = await ben.add(_random(3 * CHUNK))
        leaf = next(cid for cid in await _leaves(ben, theirs.root))
        store.fetch_through(Neighbours({BEN: ben}, forged={leaf: b"forged"}))

        with pytest.raises(Corrupt):
            await store.fetch(theirs.root, [BEN], limit=BIG)

        assert not await store.has(leaf)
        assert not await store.pins()

    async def test_a_node_outside_the_layout_is_refused_before_its_children_are_wanted(
        self, store: AnyStore, ben: EmbeddedStore
    ) -> None:
        leaf = unixfs.leaf_cid(b"tiny")
        await ben.put(leaf, b"tiny")
        # Three leaves of 4 bytes under one node: valid UnixFS elsewhere, but not the one layout of 12 bytes.
        node = unixfs.encode_node((unixfs.Link(leaf, unixfs.LEAF_BYTES, unixfs.LEAF_BYTES),) * 3)
        root = unixfs.block_cid(0x70, node)
        await ben.put(root, node)
        exchange = Neighbours({BEN: ben})
        store.fetch_through(exchange)

        with pytest.raises(Corrupt):
            await store.fetch(root, [BEN], limit=BIG)

        assert not await store.has(leaf)

    async def test_noise_in_the_place_of_a_node_is_refused(self, store: AnyStore, ben: EmbeddedStore) -> None:
        noise = b"\x0a\x02no" * 20
        root = unixfs.block_cid(0x70, noise)
        store.fetch_through(Neighbours({BEN: ben}, forged={root: noise}))

        with pytest.raises(Corrupt):
            await store.fetch(root, [BEN], limit=BIG)

        assert not await store.has(root)

    async def test_a_file_nobody_has_is_not_found(self, store: AnyStore, ben: EmbeddedStore) -> None:
        store.fetch_through(Neighbours({BEN: ben}))

        with pytest.raises(NotFound):
            await store.fetch(root_of(3 * CHUNK)[0], [BEN], limit=BIG)


async def _leaves(store: EmbeddedStore, root: Cid) -> list[Cid]:
    data = await whole(store, root)
    return [unixfs.leaf_cid(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK)]


async def _random(size: int) -> AsyncIterator[bytes]:
    source = random.Random(hashlib.sha256(str(size).encode()).digest())
    for start in range(0, size, CHUNK):
        yield source.randbytes(min(CHUNK, size - start))
