"""The SumTree library against its Python twin, its plain form, and forgers."""

import random
from dataclasses import replace

import pytest
from brownie import web3
from brownie.test import given, strategy
from eth_abi import encode
from payouts import ACCOUNT, NODE, OWNER, as_call, scope

from thenar.domain.keccak import keccak256
from thenar.domain.sumtree import INNER_TAG, MAX_WEIGHT, Share, SumTree

ASSET = b"\xb2" * 32
CLAIM = "(uint32,uint8,bytes32,uint96,bytes32[],uint96[])"
GOLDEN_SHARES = [
    Share(OWNER, bytes(31) + b"\x01", 5),
    Share(NODE, bytes(31) + b"\x02", 7),
    Share(ACCOUNT, bytes(12) + b"\x33" * 20, 11),
]
GOLDEN_ROOT = "6864d809e0fe7790a41b5167b35453f3f6b6c7daa52616bcbc752d07ed7b21d4"


def some_tree(doors, seed, most=40):
    """Return a random tree for a payout of ASSET under the library's own address."""
    dice = random.Random(seed)
    shares = [
        Share(dice.choice([OWNER, NODE]), dice.randbytes(32), dice.choice([1, 2**40, MAX_WEIGHT // 64]))
        for _ in range(dice.randint(1, most))
    ]
    return SumTree.build(scope(doors, ASSET, 3), shares)


def leaf_of(doors, leaf):
    return bytes(doors.leafHash(ASSET, 3, as_call(leaf)))


def contained(doors, tree, leaf):
    return doors.contains(tree.root, tree.total_weight, tree.depth, leaf_of(doors, leaf), as_call(leaf))


@given(seed=strategy("uint256"))
def test_leaves_hash_as_in_the_node(doors, seed):
    tree = some_tree(doors, seed)

    for index in range(len(tree.shares)):
        assert leaf_of(doors, tree.prove(index)) == tree.levels[0][index * 64 : index * 64 + 32]


@given(left=strategy("bytes32"), right=strategy("bytes32"), low=strategy("uint96"), high=strategy("uint96"))
def test_inner_nodes_hash_as_in_the_node(doors, left, right, low, high):
    preimage = INNER_TAG + left + low.to_bytes(32, "big") + right + high.to_bytes(32, "big")

    assert bytes(doors.innerHash(left, low, right, high)) == keccak256(preimage)


def test_the_golden_tree_stands_on_chain(doors):
    golden = replace(scope(doors, ASSET, 3), graph="0x" + "a1" * 20)
    tree = SumTree.build(golden, GOLDEN_SHARES)
    assert tree.root.hex() == GOLDEN_ROOT
    leaf = tree.prove(1)

    hashed = tree.levels[0][64:96]

    assert doors.contains(bytes.fromhex(GOLDEN_ROOT), 23, 2, hashed, as_call(leaf))


@given(seed=strategy("uint256"))
def test_every_leaf_of_a_tree_is_contained(doors, seed):
    tree = some_tree(doors, seed)

    assert all(contained(doors, tree, tree.prove(index)) for index in range(len(tree.shares)))


@given(seed=strategy("uint256"))
def test_the_fast_form_answers_as_the_plain_one(doors, seed):
    dice, tree = random.Random(seed), some_tree(doors, seed)
    leaf = tree.prove(dice.randrange(len(tree.shares)))
    spoiled = replace(leaf, sums=tuple(value + dice.choice([0, 0, 1]) for value in leaf.sums))
    spoiled = replace(spoiled, weight=max(0, spoiled.weight + dice.choice([0, 0, -1, 1])))
    arguments = (tree.root, tree.total_weight, tree.depth, leaf_of(doors, spoiled), as_call(spoiled))

    assert doors.contains(*arguments) == doors.containsPlain(*arguments)


@pytest.mark.parametrize("plain", [False, True])
def test_an_index_beyond_the_tree_is_refused(doors, plain):
    tree = some_tree(doors, 1)
    leaf = tree.prove(0)
    alias = replace(leaf, index=2**tree.depth)
    check = doors.containsPlain if plain else doors.contains

    assert check(tree.root, tree.total_weight, tree.depth, leaf_of(doors, leaf), as_call(leaf))
    assert not check(tree.root, tree.total_weight, tree.depth, leaf_of(doors, leaf), as_call(alias))


@pytest.mark.parametrize("name", ["contains", "containsPlain"])
def test_a_proof_of_another_length_is_refused(doors, name):
    tree = some_tree(doors, 2)
    leaf, check = tree.prove(0), getattr(doors, name)
    hashed = leaf_of(doors, leaf)
    wrong = [
        replace(leaf, siblings=leaf.siblings[:-1], sums=leaf.sums[:-1]),
        replace(leaf, siblings=leaf.siblings[:-1]),
        replace(leaf, sums=leaf.sums[:-1]),
        replace(leaf, sums=(*leaf.sums, 0)),
        replace(leaf, siblings=(*leaf.siblings, bytes(32)), sums=(*leaf.sums, 0)),
    ]

    assert not any(check(tree.root, tree.total_weight, tree.depth, hashed, as_call(one)) for one in wrong)


def test_an_inner_node_is_no_leaf(doors):
    tree = some_tree(doors, 3)
    inner = tree.levels[1]
    leaf = tree.prove(0)
    short = replace(leaf, weight=int.from_bytes(inner[32:64], "big"), siblings=leaf.siblings[1:], sums=leaf.sums[1:])

    assert not doors.contains(tree.root, tree.total_weight, tree.depth, inner[:32], as_call(short))


@pytest.mark.parametrize("total", [0, 5, 10])
def test_sums_that_wrap_around_are_refused(doors, total):
    """Two sums that add up to the total modulo 2^256, which the ABI's encoder would not write."""
    leaf, beside = keccak256(b"leaf"), (total - 7) % 2**256
    root = keccak256(INNER_TAG + leaf + (7).to_bytes(32, "big") + bytes(32) + beside.to_bytes(32, "big"))
    claim = (0, 0, ASSET, 7, [bytes(32)], [0])
    honest = encode(("bytes32", "uint96", "uint8", "bytes32", CLAIM), (root, total, 1, leaf, claim))
    data = doors.contains.signature + (honest[:-32] + beside.to_bytes(32, "big")).hex()

    answer = web3.eth.call({"to": str(doors), "data": data})

    assert int.from_bytes(answer, "big") == (1 if beside <= MAX_WEIGHT else 0)


@given(seed=strategy("uint256"))
def test_no_forged_tree_weighs_more_than_its_total(doors, seed):
    """A forger hashes whatever sums it likes into four leaves; what it can prove never weighs more than the total."""
    dice = random.Random(seed)
    total, depth = 1_000, 2
    weights = [dice.randint(1, 700) for _ in range(4)]
    claims = [(index, 0, ASSET, weight, [], []) for index, weight in enumerate(weights)]
    hashes = [bytes(doors.leafHash(ASSET, 3, claim)) for claim in claims]
    said = [dice.randint(0, 700) for _ in range(6)]
    word = [value.to_bytes(32, "big") for value in said]
    left = keccak256(INNER_TAG + hashes[0] + word[0] + hashes[1] + word[1])
    right = keccak256(INNER_TAG + hashes[2] + word[2] + hashes[3] + word[3])
    root = keccak256(INNER_TAG + left + word[4] + right + word[5])

    proved = 0
    for index, weight in enumerate(weights):
        for beside in {said[index ^ 1], 0, total - weight}:
            for above in {said[5 if index < 2 else 4], total - weight - beside}:
                if above < 0 or beside < 0:
                    continue
                claim = (index, 0, ASSET, weight, [hashes[index ^ 1], right if index < 2 else left], [beside, above])
                if doors.contains(root, total, depth, hashes[index], claim):
                    proved += weight
                    break

    assert proved <= total
