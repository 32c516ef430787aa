"""The MemberTree library against its Python twin."""

import random

import pytest
from brownie.test import given, strategy

from thenar.domain.membertree import MemberTree, contains, depth_of, inner_hash, leaf_hash


def some_tree(seed, most=40):
    dice = random.Random(seed)
    members = [dice.randbytes(32) for _ in range(dice.randint(1, most))]
    return members, MemberTree.build(members)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 8, 9, 10_000, 2**31, 2**31 + 1, 2**32 - 1])
def test_the_depth_is_the_logarithm_rounded_up(doors, count):
    assert doors.memberDepth(count) == depth_of(count)


@given(seed=strategy("uint256"))
def test_every_member_is_contained(doors, seed):
    members, tree = some_tree(seed)

    for index, member in enumerate(members):
        assert doors.hasMember(tree.root, tree.count, index, member, tree.prove(index))


@given(seed=strategy("uint256"))
def test_it_answers_as_its_twin(doors, seed):
    dice = random.Random(seed)
    members, tree = some_tree(seed)
    index = dice.randrange(tree.count)
    siblings = list(tree.prove(index))
    if siblings and dice.random() < 0.5:
        siblings[dice.randrange(len(siblings))] = dice.choice([bytes(32), dice.randbytes(32)])
    said = (tree.count + dice.choice([0, 0, 1, -1]), index ^ dice.choice([0, 0, 1, 2]), members[index])

    assert doors.hasMember(tree.root, *said, siblings) == contains(tree.root, *said, siblings)


def test_the_deepest_tree(doors):
    member, siblings = b"\x07" * 32, [bytes([level]) * 32 for level in range(32)]
    index = 2**32 - 2
    root = leaf_hash(index, member)
    for level, sibling in enumerate(siblings):
        root = inner_hash(sibling, root) if index >> level & 1 else inner_hash(root, sibling)

    assert doors.hasMember(root, 2**32 - 1, index, member, siblings)
