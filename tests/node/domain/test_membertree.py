"""Trees over numbered members: every member is provable at its place, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.keccak import keccak256
from thenar.domain.membertree import INNER_TAG, LEAF_TAG, MemberTree, contains, depth_of, inner_hash
from thenar.errors import BadInput, NotFound

word = st.binary(min_size=32, max_size=32)
members = st.lists(word, min_size=1, max_size=40)


def padded_root(values: list[bytes]) -> bytes:
    """The root by the definition: every place of the full tree is hashed."""
    depth = depth_of(len(values))
    level = [keccak256(LEAF_TAG + i.to_bytes(32, "big") + value) for i, value in enumerate(values)]
    level += [bytes(32)] * (2**depth - len(level))
    for _ in range(depth):
        level = [keccak256(INNER_TAG + level[i] + level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


@given(values=members)
def test_the_root_is_that_of_the_padded_tree(values):
    assert MemberTree.build(values).root == padded_root(values)


@given(values=members)
def test_every_member_is_contained_at_its_place(values):
    tree = MemberTree.build(values)

    for index, value in enumerate(values):
        assert contains(tree.root, tree.count, index, value, tree.prove(index))


@given(values=members, index=st.integers(0, 100), other=word, count=st.integers(0, 100))
def test_nothing_else_is_contained(values, index, other, count):
    tree = MemberTree.build(values)
    proof = tree.prove(index % tree.count)
    truth = (tree.count, index % tree.count, values[index % tree.count])

    for said in [(tree.count, index, values[index % tree.count]), (tree.count, index % tree.count, other)]:
        assert contains(tree.root, *said, proof) == (said == truth)
    if depth_of(count) != depth_of(tree.count) or index % tree.count >= count:
        assert not contains(tree.root, count, *truth[1:], proof)


def test_an_empty_place_is_no_member():
    tree = MemberTree.build([b"\x01" * 32] * 3)

    proof = (tree.levels[0][64:96], tree.levels[1][:32])

    assert not contains(tree.root, 3, 3, bytes(32), proof)
    assert not contains(tree.root, 4, 3, bytes(32), proof)


def test_an_inner_node_is_no_member():
    tree = MemberTree.build([b"\x01" * 32] * 4)

    assert not contains(tree.root, 2, 0, tree.levels[1][:32], (tree.levels[1][32:],))


@pytest.mark.parametrize(
    ("count", "depth"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (10_000, 14), (16_384, 14), (2**32 - 1, 32)]
)
def test_the_depth_is_the_logarithm_rounded_up(count, depth):
    assert depth_of(count) == depth


def test_ten_thousand_members_are_proven():
    values = [index.to_bytes(32, "big") for index in range(10_000)]
    tree = MemberTree.build(values)

    for index in (0, 1, 4_999, 9_998, 9_999):
        assert contains(tree.root, 10_000, index, values[index], tree.prove(index))


def test_a_tree_of_nobody_is_refused():
    with pytest.raises(BadInput):
        MemberTree.build([])


@pytest.mark.parametrize("index", [-1, 2])
def test_only_members_are_proven(index):
    with pytest.raises(NotFound):
        MemberTree.build([bytes(32), bytes(32)]).prove(index)


def test_the_golden_tree():
    """Hash by hand: two members side by side."""
    left = keccak256(b"thenar.member/1".ljust(32, b"\0") + bytes(32) + b"\x0a" * 32)
    right = keccak256(b"thenar.member/1".ljust(32, b"\0") + bytes(31) + b"\x01" + b"\x0b" * 32)

    assert MemberTree.build([b"\x0a" * 32, b"\x0b" * 32]).root == inner_hash(left, right)
