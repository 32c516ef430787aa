"""Leaves of honest and of cheating sellers, judged on chain."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import pytest
from brownie.test import given, strategy
from reverts import reverts_with
from sealed_bytes import SealedBytes, as_call

from thenar.domain import keytree
from thenar.domain.openings import CHUNK_BYTES, Layout

ROOT = bytes(range(32))
SIZES = [0, 1, 1000, 1008, 1009, 1024, 1025, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, CHUNK_BYTES + 3000]
GAS_OF_A_LEAF = 175_000  # a whole transaction: calldata, key tree, both paths, cipher and hash, for 3 chunks


@cache
def honest(size):
    return SealedBytes.of(random.Random(size).randbytes(size), ROOT)


@cache
def garbled():
    """Two chunks and a bit; leaf 3 of chunk 1 is not what was promised, by one bit."""
    plain = random.Random(9).randbytes(2 * CHUNK_BYTES + 5000)
    at = CHUNK_BYTES + 3 * 1024 + 100
    return SealedBytes.of(plain, ROOT, {at: bytes([plain[at] ^ 1])})


def places(size):
    """The first and last leaves of the first and last chunks."""
    layout = Layout(size)
    return sorted({(c, p) for c in (0, layout.chunks - 1) for p in (0, layout.leaves_of(c) - 1)})


@pytest.mark.parametrize("size", SIZES)
def test_no_leaf_of_an_honest_file_is_bad(doors, alice, size):
    file = honest(size)
    commitment = file.commitment(alice).call

    for chunk, place in places(size):
        assert not doors.isBad(commitment, ROOT, 0, as_call(file.opening(chunk, place)))


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_under_a_wrong_key_is_bad(doors, alice, size):
    file = honest(size)
    commitment = file.commitment(alice).call

    for chunk, place in places(size):
        assert doors.isBad(commitment, b"\x66" * 32, 0, as_call(file.opening(chunk, place)))


def test_one_garbled_bit_is_found_and_its_neighbours_are_good(doors, alice):
    file = garbled()
    commitment = file.commitment(alice).call

    judged = {place: doors.isBad(commitment, ROOT, 0, as_call(file.opening(1, place))) for place in (2, 3, 4)}

    assert judged == {2: False, 3: True, 4: False}


def test_the_key_of_a_range_judges_as_the_root_key_does(doors, alice):
    file = garbled()
    commitment, depth = file.commitment(alice).call, keytree.depth(file.layout.chunks)
    key = file.chunk_key(1)

    assert doors.isBad(commitment, key, 1 << depth | 1, as_call(file.opening(1, 3)))
    assert not doors.isBad(commitment, key, 1 << depth | 1, as_call(file.opening(1, 4)))


@given(seed=strategy("uint256"))
def test_garbage_anywhere_in_a_file_of_any_size_is_found(doors, alice, seed):
    dice = random.Random(seed)
    size = dice.choice([dice.randint(1, 4000), dice.randint(CHUNK_BYTES - 2000, CHUNK_BYTES + 2000)])
    plain, at = dice.randbytes(size), dice.randrange(size)
    file = SealedBytes.of(plain, dice.randbytes(32), {at: bytes([plain[at] ^ dice.randint(1, 255)])})
    chunk, place = at // CHUNK_BYTES, at % CHUNK_BYTES // 1024
    other = dice.choice(places(size))
    commitment = file.commitment(alice).call

    assert doors.isBad(commitment, file.root_key, 0, as_call(file.opening(chunk, place)))
    assert doors.isBad(commitment, file.root_key, 0, as_call(file.opening(*other))) == (other == (chunk, place))


def test_a_spoiled_tag_makes_no_leaf_bad(doors, alice):
    """Bytes are judged, not how they are sealed: a node opens such a chunk by its plain root."""
    file = honest(1000)
    spoiled = replace(file, chunks=(file.chunks[0][:-1] + bytes([file.chunks[0][-1] ^ 1]),))

    assert not doors.isBad(spoiled.commitment(alice).call, ROOT, 0, as_call(spoiled.opening(0, 0)))


@pytest.mark.parametrize(("chunk", "place"), [(0, 256), (1, 0), (0, 255), (0, 1), (2**32 - 1, 0), (0, 2**16 - 1)])
def test_a_leaf_outside_the_file_is_refused(doors, alice, chunk, place):
    file = honest(1009)  # its second sealed leaf holds nothing but the end of the tag
    opening = replace(file.opening(0, 0), chunk=chunk, place=place)

    with reverts_with("BadLeaf_NoSuchLeaf" if chunk == 0 else "KeyTree_Outside", *outside(chunk, place, file)):
        doors.isBad(file.commitment(alice).call, ROOT, 0, as_call(opening))


def outside(chunk, place, file):
    return (chunk, place, file.size) if chunk == 0 else (0, chunk, 1)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_leaf_of_another_length_is_refused(doors, alice, change):
    file = honest(CHUNK_BYTES + 3000)
    opening = file.opening(1, 2)
    bytes_ = opening.ciphertext[:change] if change < 0 else opening.ciphertext + b"\x00"

    with reverts_with("BadLeaf_WrongLength", len(bytes_), len(opening.ciphertext)):
        doors.isBad(file.commitment(alice).call, ROOT, 0, as_call(replace(opening, ciphertext=bytes_)))


def test_bytes_that_were_never_sealed_are_refused(doors, alice):
    file = honest(CHUNK_BYTES + 3000)
    opening = file.opening(1, 1)
    commitment = file.commitment(alice)
    changed = bytes([opening.ciphertext[0] ^ 1]) + opening.ciphertext[1:]
    elsewhere = file.opening(1, 0)
    forgeries = [
        replace(opening, ciphertext=changed),
        replace(opening, sealed_path=opening.sealed_path[:-1]),
        replace(elsewhere, place=1, plain_leaf=opening.plain_leaf, plain_path=opening.plain_path),
    ]

    for forged in forgeries:
        with reverts_with("BadLeaf_NotSealed", 1, 1):
            doors.isBad(commitment.call, ROOT, 0, as_call(forged))


def test_a_promise_that_was_never_made_is_refused(doors, alice):
    file = honest(CHUNK_BYTES + 3000)
    opening, elsewhere = file.opening(1, 1), file.opening(1, 0)
    commitment = file.commitment(alice)
    forgeries = [
        replace(opening, plain_leaf=b"\x01" * 32),
        replace(opening, plain_path=opening.plain_path[:-1]),
        replace(opening, plain_leaf=elsewhere.plain_leaf, plain_path=elsewhere.plain_path),
    ]

    for forged in forgeries:
        with reverts_with("BadLeaf_NotPromised", 1, 1):
            doors.isBad(commitment.call, ROOT, 0, as_call(forged))


def test_another_size_than_the_committed_one_proves_nothing(doors, alice):
    file = honest(CHUNK_BYTES + 3000)
    opening = file.opening(0, 0)

    with reverts_with("BadLeaf_NotSealed", 0, 0):
        doors.isBad(file.commitment(alice, size=9 * CHUNK_BYTES).call, ROOT, 0, as_call(opening))


@given(size=strategy("uint64", max_value=2**50))
def test_chunks_are_counted_as_the_node_counts_them(doors, size):
    assert doors.chunkCount(size) == Layout(size).chunks


def test_a_leaf_is_judged_within_its_budget(doors, alice):
    file = garbled()

    judged = doors.isBad.transact(file.commitment(alice).call, ROOT, 0, as_call(file.opening(1, 3)), {"from": alice})

    assert judged.gas_used <= GAS_OF_A_LEAF


@pytest.mark.parametrize("chunk", [1, 2, 2**32 - 1])
def test_a_chunk_outside_the_file_is_refused_under_any_key(doors, alice, chunk):
    """Key trees end with the file, so no dispute comes this far; the library does not count on it."""
    file = honest(1009)
    opening = replace(file.opening(0, 0), chunk=chunk)

    with reverts_with("BadLeaf_NoSuchLeaf", chunk, 0, file.size):
        doors.isBadUnder(file.commitment(alice).call, file.chunk_key(0), as_call(opening))
    assert not doors.isBadUnder(file.commitment(alice).call, file.chunk_key(0), as_call(file.opening(0, 0)))
