"""The TraceTree library against its Python twin."""

import random

import pytest
from brownie.test import given, strategy

from thenar.domain.work.trace import TraceTree, above_last, depth_of, ends_right, last_leaf, node_of


def some_tree(seed):
    dice = random.Random(seed)
    count = dice.choice([dice.randint(2, 20), dice.randint(17, 300), dice.randint(257, 4_096)])
    return dice, TraceTree.of(dice.randbytes(32 * count))


def some_node(dice, tree):
    level = dice.randint(1, tree.depth)
    return level, dice.randrange(len(tree.levels[level]) // 32)


@pytest.mark.parametrize("count", [2, 3, 15, 16, 17, 255, 256, 257, 4_095, 4_096])
def test_the_depth_is_the_logarithm_rounded_up(doors, count):
    assert doors.traceDepth(count) == depth_of(count) == next(d for d in (1, 2, 3) if 16**d >= count)


@given(seed=strategy("uint256"))
def test_a_node_is_the_hash_of_its_children(doors, seed):
    dice, tree = some_tree(seed)
    level, place = some_node(dice, tree)
    children = tree.children(level, place)

    assert bytes(doors.traceNode(children)) == node_of(children) == tree.node(level, place)


@given(seed=strategy("uint256"))
def test_every_node_of_a_tree_ends_right(doors, seed):
    dice, tree = some_tree(seed)
    for level, place in [some_node(dice, tree), (tree.depth, 0), (1, len(tree.levels[1]) // 32 - 1)]:
        first = place << 4 * level

        assert doors.endsRight(tree.children(level, place), level, first, tree.count)
        assert ends_right(tree.children(level, place), level, first, tree.count)


@given(seed=strategy("uint256"))
def test_nothing_hides_beyond_the_end(doors, seed):
    dice, tree = some_tree(seed)
    level = dice.randint(1, tree.depth)
    place = len(tree.levels[level]) // 32 - 1
    children, first = list(tree.children(level, place)), place << 4 * level
    hidden = dice.randrange(16)
    children[hidden] = dice.randbytes(32)
    inside = first + (hidden << 4 * (level - 1)) < tree.count

    assert doors.endsRight(children, level, first, tree.count) == inside
    assert ends_right(children, level, first, tree.count) == inside


@given(seed=strategy("uint256"))
def test_a_right_edge_leads_to_its_node(doors, seed):
    dice, tree = some_tree(seed)
    level = dice.randint(0, tree.depth - 1)
    place = dice.randrange(max(1, tree.count >> 4 * level))
    if last_leaf(level, place) >= tree.count:
        level, place = 0, tree.count - 1
    leaf, path = tree.node(0, last_leaf(level, place)), tree.right_edge(level, place)

    assert bytes(doors.aboveLast(leaf, path)) == above_last(leaf, path) == tree.node(level, place)


@given(seed=strategy("uint256"))
def test_a_changed_edge_leads_elsewhere(doors, seed):
    dice = random.Random(seed)
    tree = TraceTree.of(dice.randbytes(32 * 300))
    leaf, path = tree.node(0, 255), [list(siblings) for siblings in tree.right_edge(2, 0)]
    path[dice.randrange(2)][dice.randrange(15)] = dice.randbytes(32)

    assert bytes(doors.aboveLast(leaf, path)) == above_last(leaf, path) != tree.node(2, 0)
