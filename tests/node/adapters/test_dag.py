"""Walking a DAG finds exactly the leaves of a range, and fetching one trusts nothing it was not shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.ipfs.dag import Spot, blocks_of, children, pieces, root_spot
from thenar.adapters.ipfs.embedded import open_embedded
from thenar.domain import unixfs
from thenar.domain.ids import DAG_PB, Cid, PeerId
from thenar.errors import Corrupt, NotFound

LEAF = unixfs.LEAF_BYTES


def synthetic(size: int) -> tuple[Cid, dict[Cid, bytes]]:
    """A DAG whose leaves exist by name only."""
    kept: dict[Cid, bytes] = {}
    builder = unixfs.Builder(lambda cid, block: kept.__setitem__(cid, bytes(block)))
    for start in range(0, size, LEAF):
        length = min(LEAF, size - start)
        builder.link(unixfs.Link(unixfs.leaf_cid(str(start).encode()), length, length))
    return builder.finish(), kept


THREE_LEVELS = synthetic((174 * 174 + 300) * LEAF + 77)


@given(st.integers(0, (174 * 174 + 301) * LEAF), st.integers(0, 5 * LEAF))
def test_a_range_is_covered_by_its_leaves_and_no_others(offset: int, length: int) -> None:
    root, kept = THREE_LEVELS
    size = (174 * 174 + 300) * LEAF + 77

    found = [(spot, start, stop) for spot, start, stop in pieces(root, kept.__getitem__, offset, length)]

    covered = [(spot.offset + start, spot.offset + stop) for spot, start, stop in found]
    assert sum(stop - start for start, stop in covered) == max(0, min(length, size - offset))
    assert all(before[1] == after[0] for before, after in pairwise(covered))
    assert all(spot.cid == unixfs.leaf_cid(str(spot.offset).encode()) for spot, _, _ in found)
    if covered:
        assert covered[0][0] == offset


def test_every_block_is_walked_once_parents_first() -> None:
    root, kept = THREE_LEVELS
    seen: set[Cid] = set()
    leaves = 0

    for spot in blocks_of(root, kept.__getitem__):
        if spot.depth:
            assert spot.cid not in seen
            seen.add(spot.cid)
        else:
            leaves += 1

    assert seen == set(kept)
    assert leaves == 174 * 174 + 301


def test_a_node_that_lies_about_its_bytes_below_is_refused() -> None:
    root, kept = synthetic(175 * LEAF)
    top = root_spot(root, kept[root])
    first = children(top, kept[root])[0]

    lying = Spot(first.cid, first.offset, first.size, first.depth, first.total + 1)

    assert children(first, kept[first.cid])
    with pytest.raises(Corrupt, match="parent says"):
        children(lying, kept[first.cid])


@pytest.mark.parametrize(("block", "size", "total"), [(b"four", 5, 5), (b"four", 4, 5), (b"four", 0, 0)])
def test_a_leaf_of_another_length_is_refused(block: bytes, size: int, total: int) -> None:
    with pytest.raises(Corrupt):
        children(Spot(unixfs.leaf_cid(block), 0, size, 0, total), block)


class Answers:
    """An exchange that answers whatever it was given, whatever it was asked."""

    def __init__(self, *answers: tuple[Cid, bytes]) -> None:
        self.answers = answers

    async def want(self, cids: Sequence[Cid], peers: Sequence[PeerId]) -> AsyncIterator[tuple[Cid, bytes]]:
        """Yield the prepared answers."""
        for answer in self.answers:
            yield answer


async def test_a_block_that_was_not_asked_for_is_not_kept(tmp_path: Path) -> None:
    other = unixfs.leaf_cid(b"other")

    async with open_embedded(tmp_path, quota=1 << 20, exchange=Answers((other, b"other"))) as store:
        with pytest.raises(Corrupt, match="not asked for"):
            await store.fetch(unixfs.leaf_cid(b"wanted"), [], limit=100)

        assert not await store.has(other)
        assert (await store.usage()).used == 0


async def test_an_exchange_that_ends_early_is_not_found(tmp_path: Path) -> None:
    async with open_embedded(tmp_path, quota=1 << 20, exchange=Answers()) as store:
        with pytest.raises(NotFound, match="no peer has"):
            await store.fetch(unixfs.leaf_cid(b"wanted"), [], limit=100)


@pytest.mark.parametrize("claimed", [1 << 47, LEAF + 1, 3])
async def test_a_root_that_claims_another_size_is_refused(tmp_path: Path, claimed: int) -> None:
    leaf = unixfs.leaf_cid(b"leaf")
    links = (unixfs.Link(leaf, LEAF, LEAF), unixfs.Link(leaf, claimed - LEAF if claimed > LEAF else claimed, LEAF))
    node = unixfs.encode_node(links)
    root = unixfs.block_cid(DAG_PB, node)

    async with open_embedded(tmp_path, quota=1 << 20, exchange=Answers((root, node), (leaf, b"leaf"))) as store:
        with pytest.raises(Corrupt):
            await store.fetch(root, [], limit=1 << 48)

        assert not await store.pins()
