"""Keys below keys, as the node derives them."""

from __future__ import annotations

import random

import pytest
from brownie.test import given, strategy
from reverts import reverts_with

from thenar.domain import keytree

ROOT = bytes(range(32))


def some_place(seed):
    """A file's number of chunks and one of them."""
    dice = random.Random(seed)
    count = dice.choice([1, 2, 3, 4, 5, 255, 256, 257, 2**32, dice.randint(1, 2**32), dice.randint(1, 2**12)])
    return dice, count, dice.choice([0, count - 1, dice.randrange(count)])


@given(seed=strategy("uint256"))
def test_a_chunk_key_is_the_nodes(doors, seed):
    dice, count, chunk = some_place(seed)
    key = dice.randbytes(32)

    assert bytes(doors.chunkKey(key, dice.choice([0, 1]), chunk, count)) == keytree.chunk_key(key, chunk, count)


@given(seed=strategy("uint256"))
def test_the_key_of_a_subtree_gives_the_keys_below_it(doors, seed):
    dice, count, chunk = some_place(seed)
    depth = keytree.depth(count)
    level = dice.randint(0, depth)
    index = chunk >> (depth - level)
    above = keytree.chunk_key(ROOT, index, 1 << level)

    found = bytes(doors.chunkKey(above, 1 << level | index, chunk, count))

    assert found == keytree.chunk_key(ROOT, chunk, count)


@given(seed=strategy("uint256"))
def test_the_walk_answers_as_its_plain_form(doors, seed):
    dice = random.Random(seed)
    depth = dice.randint(0, 32)
    chunk = dice.getrandbits(depth) if depth else 0

    assert doors.chunkKey(ROOT, 0, chunk, 1 << depth) == doors.descendPlain(ROOT, chunk, depth)


OUTSIDE = [(0, 1, 1), (1, 4, 4), (2, 2, 4), (3, 1, 4), (7, 2, 4), (8, 0, 4), (2**63, 0, 4), (5, 4, 5)]


@pytest.mark.parametrize(("node", "chunk", "count"), OUTSIDE)
def test_a_chunk_outside_is_refused(doors, node, chunk, count):
    with reverts_with("KeyTree_Outside", node, chunk, count):
        doors.chunkKey(ROOT, node, chunk, count)


@given(key=strategy("bytes32"))
def test_salts_and_commitments_are_the_nodes(doors, key):
    assert bytes(doors.saltOf(key)) == keytree.chunk_salt(key)
    assert bytes(doors.commitOf(key)) == keytree.key_commit(key)
