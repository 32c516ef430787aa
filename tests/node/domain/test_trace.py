"""Trees of sixteen over a unit's checkpoints."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.keccak import keccak256
from thenar.domain.work.trace import TraceTree, above_last, depth_of, first_difference, last_leaf
from thenar.errors import BadInput, NotFound

counts = st.integers(2, 40) | st.integers(240, 280) | st.integers(4_000, 4_096)


def trace(count: int, salt: bytes = b"") -> TraceTree:
    return TraceTree.build([hashlib.sha256(salt + bytes([n >> 8, n & 255])).digest() for n in range(count)])


@given(counts)
def test_the_root_is_the_hash_of_sixteen_children_on_every_level(count: int) -> None:
    tree = trace(count)
    row = [tree.node(0, place) for place in range(count)]
    for _ in range(depth_of(count)):
        row += [bytes(32)] * (-len(row) % 16)
        row = [keccak256(b"".join(row[at : at + 16])) for at in range(0, len(row), 16)]

    assert row == [tree.root]


@given(counts, st.data())
def test_whole_nodes_are_above_their_last_leaf(count: int, data: st.DataObject) -> None:
    tree = trace(count)
    level = data.draw(st.integers(0, tree.depth))
    place = data.draw(st.integers(0, (len(tree.levels[level]) // 32) - 1))
    last = last_leaf(level, place)
    if last >= count:
        with pytest.raises(NotFound):
            tree.right_edge(level, place)
        return

    assert above_last(tree.node(0, last), tree.right_edge(level, place)) == tree.node(level, place)


@given(counts, st.data())
def test_two_traces_narrow_to_their_first_different_leaf(count: int, data: st.DataObject) -> None:
    differs = data.draw(st.integers(0, count - 1))
    one = trace(count)
    leaves = [one.node(0, place) for place in range(count)]
    other = TraceTree.build([*leaves[:differs], *(bytes([7]) * 32 for _ in leaves[differs:])])
    place, rounds = 0, 0
    for level in range(one.depth, 0, -1):
        place = 16 * place + first_difference(one.children(level, place), other.children(level, place))
        rounds += 1

    assert (place, rounds) == (differs, depth_of(count))


@pytest.mark.parametrize("octets", [b"", bytes(32), bytes(65), bytes(32 * 4_097)])
def test_other_numbers_of_leaves_are_refused(octets: bytes) -> None:
    with pytest.raises(BadInput):
        TraceTree.of(octets)


def test_there_are_no_nodes_beyond_the_end() -> None:
    tree = trace(17)

    assert tree.children(1, 1)[1:] == (bytes(32),) * 15
    for level, place in [(0, 17), (1, 2), (2, 1), (3, 0), (-1, 0)]:
        with pytest.raises(NotFound):
            tree.node(level, place)
    with pytest.raises(NotFound):
        tree.children(0, 0)


def test_equal_children_have_no_first_difference() -> None:
    with pytest.raises(NotFound):
        first_difference(trace(20).children(1, 0), trace(20).children(1, 0))
