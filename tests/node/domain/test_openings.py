"""Where leaves lie, and paths worked out from a stream."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import merkle
from thenar.domain.leaves import plain_leaves, sealed_leaves
from thenar.domain.openings import CHUNK_BYTES, TAG_BYTES, Layout, PathBuilder
from thenar.errors import BadInput

SIZES = st.one_of(
    st.sampled_from((0, 1, 1008, 1009, 1024, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES)),
    st.integers(0, 3 * CHUNK_BYTES),
)


@given(SIZES)
def test_leaves_are_counted_as_they_are_made(size: int) -> None:
    layout, plain, sealed = Layout(size), 0, 0

    for chunk in range(layout.chunks):
        length = layout.chunk_plain(chunk)
        assert layout.leaves_of(chunk) == len(plain_leaves(bytes(32), bytes(length)))
        plain += layout.leaves_of(chunk)
        sealed += len(sealed_leaves(bytes(length + TAG_BYTES)))

    assert (plain, sealed) == (layout.plain_leaves, layout.sealed_leaves)
    assert sum(layout.chunk_plain(chunk) for chunk in range(layout.chunks)) == size


@given(SIZES, st.data())
def test_the_parts_of_a_chunk_cover_it(size: int, data: st.DataObject) -> None:
    layout = Layout(size)
    chunk = data.draw(st.integers(0, layout.chunks - 1))
    plain = [layout.plain_part(chunk, place) for place in range(layout.leaves_of(chunk))]
    sealed = [layout.sealed_part(chunk, place) for place in range(layout.leaves_of(chunk))]

    assert plain[0].start == sealed[0].start == 0
    assert all(before.stop == after.start for before, after in itertools.pairwise(plain))
    assert plain[-1].stop == layout.chunk_plain(chunk)
    assert [part.start for part in plain] == [part.start for part in sealed]


@pytest.mark.parametrize(("chunk", "place"), [(0, 2), (1, 0), (-1, 0), (0, -1)])
def test_a_leaf_outside_the_file_has_no_place(chunk: int, place: int) -> None:
    with pytest.raises(BadInput):
        Layout(1025).index(chunk, place)


def test_a_leaf_that_holds_only_the_tag_has_no_place() -> None:
    layout = Layout(1020)

    assert (layout.plain_leaves, layout.sealed_leaves) == (1, 2)
    with pytest.raises(BadInput, match="no plaintext leaf 1"):
        layout.index(0, 1)


@given(st.integers(1, 400), st.data())
def test_a_path_from_a_stream_is_the_path_of_the_tree(size: int, data: st.DataObject) -> None:
    dice = random.Random(size)
    leaves = [dice.randbytes(32) for _ in range(size)]
    index = data.draw(st.integers(0, size - 1))
    builder, at = PathBuilder(index, size), 0

    while at < size:
        step = data.draw(st.integers(1, 300))
        builder.extend(leaves[at : at + step])
        at += step

    assert builder.finish() == (leaves[index], merkle.proof(leaves, index))


def test_no_path_leads_from_a_leaf_outside() -> None:
    with pytest.raises(BadInput):
        PathBuilder(3, 3)
