"""Proofs of RFC 9162 on chain against the node's, their plain form, and forgers."""

from __future__ import annotations

import random

import pytest
from brownie.test import given, strategy

from thenar.domain import merkle


def some_tree(seed, most=70):
    """Leaf hashes of a random tree and one index."""
    dice = random.Random(seed)
    size = dice.choice([1, 2, 3, 7, 8, 9, dice.randint(1, most)])
    leaves = [dice.randbytes(32) for _ in range(size)]
    return dice, leaves, dice.choice([0, size - 1, dice.randrange(size)])


@given(seed=strategy("uint256"))
def test_every_proof_of_the_node_is_true(doors, seed):
    _, leaves, index = some_tree(seed)

    proof = merkle.proof(leaves, index)

    assert doors.contains(merkle.root(leaves), leaves[index], index, len(leaves), proof)


@given(seed=strategy("uint256"))
def test_the_fast_form_answers_as_the_plain_one_and_the_node(doors, seed):
    dice, leaves, index = some_tree(seed)
    path = list(merkle.proof(leaves, index))
    if dice.random() < 0.3 and path:
        path[dice.randrange(len(path))] = dice.randbytes(32)
    if dice.random() < 0.3:
        path = path[:-1] if dice.random() < 0.5 else [*path, dice.randbytes(32)]
    index += dice.choice([0, 0, 0, 1, len(leaves), 2 ** dice.randint(0, 60)])
    size = len(leaves) + dice.choice([0, 0, 0, -1, 1, 2**40])
    arguments = (merkle.root(leaves), leaves[index % len(leaves)], index, max(0, size), path)

    answer = doors.contains(*arguments)

    assert answer == doors.containsPlain(*arguments)
    if size <= merkle.MAX_LEAVES:
        assert answer == merkle.verify(arguments[0], arguments[1], index, max(0, size), path)


def test_a_deep_tree_is_walked(doors):
    """A path of 48 siblings, as the last leaf but one of 2^48 has, folded by hand."""
    dice, size = random.Random(1), 2**48
    path, index, leaf = [dice.randbytes(32) for _ in range(48)], 2**48 - 2, dice.randbytes(32)
    root = leaf
    for level, sibling in enumerate(path):
        root = merkle.node_hash(sibling, root) if index >> level & 1 else merkle.node_hash(root, sibling)

    assert doors.contains(root, leaf, index, size, path)
    assert not doors.contains(root, leaf, index ^ 1, size, path)


@pytest.mark.parametrize("name", ["contains", "containsPlain"])
def test_no_leaf_stands_in_two_places(doors, name):
    leaves = [bytes([number]) * 32 for number in range(11)]
    root, path, check = merkle.root(leaves), merkle.proof(leaves, 6), getattr(doors, name)

    found = [(index, size) for size in range(24) for index in range(24) if check(root, leaves[6], index, size, path)]

    assert (6, 11) in found
    assert all(size != 11 or index == 6 for index, size in found)


@pytest.mark.parametrize("name", ["contains", "containsPlain"])
def test_a_proof_of_another_length_is_refused(doors, name):
    leaves = [bytes([number]) * 32 for number in range(11)]
    root, path, check = merkle.root(leaves), merkle.proof(leaves, 10), getattr(doors, name)
    wrong = [path[:-1], (), (*path, bytes(32)), (*path, root)]

    assert check(root, leaves[10], 10, 11, path)
    assert not any(check(root, leaves[10], 10, 11, one) for one in wrong)


def test_an_inner_node_is_no_leaf(doors):
    leaves = [bytes([number]) * 32 for number in range(8)]
    inner, path = merkle.node_hash(leaves[0], leaves[1]), merkle.proof(leaves, 0)[1:]

    assert doors.contains(merkle.root(leaves), inner, 0, 4, path)  # why the size is committed to beside the root
    assert not doors.contains(merkle.root(leaves), inner, 0, 8, path)


def test_an_index_beyond_the_tree_is_refused(doors):
    leaf = b"\x07" * 32

    assert doors.contains(leaf, leaf, 0, 1, [])
    assert not doors.contains(leaf, leaf, 1, 1, [])
    assert not doors.contains(leaf, leaf, 0, 0, [])
