"""Chunk keys come from one root; a range key opens its range and nothing beside it; the commitment is the chain's."""

from __future__ import annotations

import hashlib

import pytest
from eth_abi.packed import encode_packed
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import keytree
from thenar.errors import BadInput

ROOT = bytes(range(32))


def test_a_child_is_the_hash_of_tag_parent_and_bit() -> None:
    tag = b"thenar.tree/1".ljust(32, b"\x00")

    assert keytree.child(ROOT, 0) == hashlib.sha256(tag + ROOT + b"\x00").digest()
    assert keytree.child(ROOT, 1) == hashlib.sha256(tag + ROOT + b"\x01").digest()


def test_a_chunk_key_follows_the_bits_of_its_index() -> None:
    left = keytree.child(ROOT, 1)
    expected = keytree.child(keytree.child(left, 0), 1)

    assert keytree.chunk_key(ROOT, 0b101, 6) == expected


def test_a_single_chunk_is_opened_by_the_root_itself() -> None:
    assert keytree.depth(1) == 0
    assert keytree.chunk_key(ROOT, 0, 1) == ROOT


def test_the_key_of_a_node_is_that_of_the_range_below_it() -> None:
    for level in range(4):
        for index in range(1 << level):
            width = 8 >> level
            expected = keytree.RangeKey(level, index, keytree.node_key(ROOT, level, index))

            assert keytree.cover(ROOT, index * width, (index + 1) * width, 8) == (expected,)


@pytest.mark.parametrize(("count", "expected"), [(2, 1), (3, 2), (4, 2), (5, 3), (1024, 10), (1025, 11), (1 << 32, 32)])
def test_depth_is_the_ceiling_of_the_logarithm(count: int, expected: int) -> None:
    assert keytree.depth(count) == expected


@given(st.integers(1, 200), st.data())
def test_a_cover_opens_exactly_its_range(count: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(start + 1, count))

    keys = keytree.cover(ROOT, start, stop, count)

    assert len(keys) <= 2 * keytree.depth(count) + 1
    for index in range(count):
        if start <= index < stop:
            assert keytree.key_from(keys, index, count) == keytree.chunk_key(ROOT, index, count)
        else:
            with pytest.raises(BadInput, match="none of"):
                keytree.key_from(keys, index, count)


@given(st.integers(2, 300))
def test_chunk_keys_and_salts_are_all_different(count: int) -> None:
    keys = {keytree.chunk_key(ROOT, index, count) for index in range(count)}
    salts = {keytree.chunk_salt(key) for key in keys}

    assert len(keys | salts | {ROOT}) == 2 * count + 1


def test_the_commitment_is_what_the_contract_computes() -> None:
    packed = encode_packed(["bytes32", "bytes32"], [b"thenar.key/1", ROOT])

    assert keytree.key_commit(ROOT) == keccak(packed)
    assert keytree.key_commit(ROOT).hex() == "ad45e0d19c28d71aec36d4c3cba78e13ffa2685ad05f99b9d6fd591f61b82df9"


@pytest.mark.parametrize(
    "breach",
    [
        lambda: keytree.chunk_key(ROOT, 3, 3),
        lambda: keytree.chunk_key(ROOT, -1, 3),
        lambda: keytree.chunk_key(ROOT[:31], 0, 3),
        lambda: keytree.depth(0),
        lambda: keytree.depth((1 << 32) + 1),
        lambda: keytree.cover(ROOT, 2, 2, 4),
        lambda: keytree.cover(ROOT, 0, 5, 4),
        lambda: keytree.cover(ROOT, -1, 2, 4),
        lambda: keytree.node_key(ROOT, 2, 4),
        lambda: keytree.node_key(ROOT, 0, 1),
        lambda: keytree.node_key(ROOT, 2, -1),
        lambda: keytree.node_key(ROOT[:31], 1, 0),
        lambda: keytree.key_commit(b""),
        lambda: keytree.chunk_salt(b"short"),
    ],
)
def test_what_cannot_be_is_refused(breach: object) -> None:
    assert callable(breach)
    with pytest.raises(BadInput):
        breach()
