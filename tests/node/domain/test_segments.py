"""Runs of leaves: what is proved is accepted, and nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from thenar.domain import merkle
from thenar.domain.leaves import sealed_leaves
from thenar.domain.segments import CHUNK_BYTES, CHUNK_LEAVES, Outline, Outliner, prove, verify
from thenar.errors import BadInput


def hashes(count: int) -> list[bytes]:
    return [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(count)]


def proved(leaves: list[bytes], first: int, stop: int) -> tuple[bytes, ...]:
    return prove(lambda low, high: merkle.root(leaves[low:high]), first, stop, len(leaves))


RUNS = st.integers(1, 300).flatmap(
    lambda size: st.tuples(st.just(size), st.integers(0, size - 1)).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), st.integers(pair[1] + 1, pair[0]))
    )
)


@given(RUNS)
def test_every_run_of_every_tree_is_proved(run):
    size, first, stop = run
    leaves = hashes(size)

    assert verify(merkle.root(leaves), leaves[first:stop], first, size, proved(leaves, first, stop))


@given(RUNS, st.data())
def test_other_leaves_places_sizes_and_paths_are_refused(run, data):
    size, first, stop = run
    leaves, path = hashes(size), proved(hashes(size), first, stop)
    root, shown = merkle.root(leaves), leaves[first:stop]
    wrong = data.draw(st.integers(0, len(shown) - 1))
    other = [*shown[:wrong], bytes(32), *shown[wrong + 1 :]]
    shift = data.draw(st.integers(-3, 3))
    assume(shift)

    assert not verify(root, other, first, size, path)
    assert not verify(root, shown, first + shift, size, path)
    assert not verify(root, shown, first, size, (*path, bytes(32)))
    assert not verify(root, shown, first, size, tuple(part[:31] for part in path) or (b"",))
    if path:
        assert not verify(root, shown, first, size, path[:-1])
        assert not verify(root, shown, first, size, (bytes(32), *path[1:]))


@pytest.mark.parametrize(("first", "stop", "size"), [(0, 0, 5), (-1, 2, 5), (3, 6, 5), (2, 1, 5)])
def test_what_is_no_run_cannot_be_proved(first, stop, size):
    with pytest.raises(BadInput, match="not a run"):
        prove(lambda low, high: bytes(32), first, stop, size)


@pytest.mark.parametrize("size", [1, 1024, 1025, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES + 77])
@pytest.mark.parametrize("step", [1000, CHUNK_BYTES, 3 * CHUNK_BYTES + 5])
def test_an_outline_has_the_root_of_all_leaves_whatever_parts_it_came_in(size, step):
    data = hashlib.shake_256(b"file").digest(size)
    taker = Outliner()
    for at in range(0, size, step):
        taker.take(data[at : at + step])
    leaves = [leaf for at in range(0, size, CHUNK_BYTES) for leaf in sealed_leaves(data[at : at + CHUNK_BYTES])]

    outline = taker.finish()

    assert (outline.leaves, outline.root) == (len(leaves), merkle.root(leaves))
    assert Outline.decode(outline.encode()) == outline


@given(st.integers(0, 3 * CHUNK_LEAVES + 11), st.integers(1, 2 * CHUNK_LEAVES))
def test_an_outline_and_the_leaves_at_both_ends_prove_any_run(first, count):
    total = 3 * CHUNK_LEAVES + 12
    stop = min(first + count, total)
    leaves = hashes(total)
    by_chunk = [leaves[at : at + CHUNK_LEAVES] for at in range(0, total, CHUNK_LEAVES)]
    outline = Outline(total, tuple(merkle.root(chunk) for chunk in by_chunk))
    ends = {chunk: by_chunk[chunk] for chunk in (first // CHUNK_LEAVES, (stop - 1) // CHUNK_LEAVES)}

    assert verify(outline.root, leaves[first:stop], first, total, outline.prove(first, stop, ends))


@pytest.mark.parametrize("data", [b"", b"\0" * 8, b"\0" * 7 + b"\x01", b"\0" * 7 + b"\x01" + bytes(31), bytes(40)])
def test_bytes_that_are_no_outline_are_refused(data):
    with pytest.raises(BadInput):
        Outline.decode(data)


def test_nothing_has_no_outline():
    with pytest.raises(BadInput):
        Outliner().finish()
