"""The C part and its Python twin give the same bytes, at every length where anything could change."""

from __future__ import annotations

import hashlib
import random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import hashes, leaves, merkle
from thenar.domain.hashes import LEAF_BYTES, PURE, Hashing

DATA = random.Random(7).randbytes(300_000)
CHUNK = 262_144
# Around one block, one leaf, an odd and an even number of leaves, a whole chunk of either kind.
LENGTHS = (
    *range(132),
    *range(1000, 1100),
    *range(2040, 2056),
    *range(3064, 3080),
    CHUNK - 17,
    CHUNK - 16,
    CHUNK - 1,
    CHUNK,
)


@pytest.fixture(params=["C, two hashes at a time", "C, sixteen hashes at a time"])
def native(request: pytest.FixtureRequest) -> Hashing:
    for way in hashes.NATIVE:
        if way.name == request.param:
            return way
    pytest.skip(f"this machine does not hash in {request.param}; it hashes in {hashes.BEST.name}")


@pytest.mark.parametrize("built", [None, SimpleNamespace(usable=lambda: True, digest_two=None)], ids=["none", "old"])
def test_a_part_in_c_that_is_missing_or_of_other_source_is_not_used(built: object) -> None:
    assert hashes.native(built) == ()


@pytest.mark.parametrize("lanes", [0, 2, 16])
def test_no_more_lanes_are_used_than_the_processor_has(lanes: int) -> None:
    found = hashes.native(SimpleNamespace(lanes=lambda: lanes))

    assert [way.name for way in found] == ["C, two hashes at a time", "C, sixteen hashes at a time"][
        : (0, 2, 16).index(lanes)
    ]


@pytest.mark.parametrize("head", [b"", b"\x00", bytes(33), b"h" * 51, b"h" * 52, b"h" * 64], ids=len)
@pytest.mark.parametrize("numbered", [False, True])
def test_leaves_are_the_same_at_every_boundary(native: Hashing, head: bytes, numbered: bool) -> None:
    for length in LENGTHS:
        chunk = DATA[:length]

        assert native.leaf_run(head, chunk, numbered) == PURE.leaf_run(head, chunk, numbered), length


def test_two_digests_are_the_same_at_every_boundary(native: Hashing) -> None:
    for length in LENGTHS:
        for other in (0, 55, 56, 63, 64, 65, 119, 120, length):
            first, second = DATA[:length], DATA[1 : 1 + other]

            assert native.digest_run([first, second]) == PURE.digest_run([first, second]), (length, other)
            assert native.digest_run([second, first]) == PURE.digest_run([second, first]), (other, length)


@pytest.mark.parametrize("count", range(36))
def test_many_digests_of_one_length_are_the_same(native: Hashing, count: int) -> None:
    for length in (0, 1, 55, 56, 63, 64, 65, 127, 128, 1000):
        blocks = [DATA[at : at + length] for at in range(count)]

        assert native.digest_run(blocks) == PURE.digest_run(blocks), length


def test_one_short_block_among_many_is_hashed_as_it_is(native: Hashing) -> None:
    for place in range(16):
        blocks = [DATA[at : at + (70 if at == place else 100)] for at in range(16)]

        assert native.digest_run(blocks) == PURE.digest_run(blocks), place


def test_sixteen_whole_chunks_are_named_as_each_alone(native: Hashing) -> None:
    blocks = [DATA[at : at + CHUNK] for at in range(16)]

    assert native.digest_run(blocks) == PURE.digest_run(blocks)


@pytest.mark.parametrize("bad", [[b"x", "text"], [b"x"] * 16 + [None], 7], ids=["text", "none", "no sequence"])
def test_what_is_not_a_sequence_of_bytes_is_refused(native: Hashing, bad: Any) -> None:
    with pytest.raises(TypeError):
        native.digest_run(bad)


@pytest.mark.parametrize("height", range(14))
def test_folding_is_the_same_at_every_height(native: Hashing, height: int) -> None:
    run = DATA[: 32 << height]

    assert native.fold(run) == PURE.fold(run)


@given(st.binary(max_size=64), st.binary(max_size=5000), st.booleans())
def test_leaves_are_hashes_of_head_place_and_piece(head: bytes, chunk: bytes, numbered: bool) -> None:
    pieces = [chunk[at : at + LEAF_BYTES] for at in range(0, len(chunk) or 1, LEAF_BYTES)]
    texts = [head + (place.to_bytes(4, "big") if numbered else b"") + piece for place, piece in enumerate(pieces)]

    assert hashes.split(hashes.leaf_run(head, chunk, numbered)) == [hashlib.sha256(text).digest() for text in texts]
    assert PURE.leaf_run(head, chunk, numbered) == hashes.leaf_run(head, chunk, numbered)


@given(st.lists(st.binary(max_size=300), max_size=40))
def test_digests_are_sha256_in_order(blocks: list[bytes]) -> None:
    assert hashes.digests(blocks) == [hashlib.sha256(block).digest() for block in blocks]


def test_a_view_hashes_as_the_bytes_it_shows(native: Hashing) -> None:
    view = memoryview(bytearray(DATA))[5:2000]

    for way in (native, PURE):
        assert way.leaf_run(b"\x00", view, True) == PURE.leaf_run(b"\x00", bytes(view), True)
        assert way.digest_run([view, DATA]) == PURE.digest_run([bytes(view), DATA])


@pytest.mark.parametrize("run", [b"", bytes(31), bytes(33), bytes(3 * 32)], ids=len)
def test_only_a_power_of_two_of_hashes_folds(native: Hashing, run: bytes) -> None:
    for way in (native, PURE):
        with pytest.raises(ValueError, match="power of two"):
            way.fold(run)


def test_a_head_is_not_longer_than_it_may_be(native: Hashing) -> None:
    for way in (native, PURE):
        with pytest.raises(ValueError, match="at most 64 bytes"):
            way.leaf_run(bytes(65), b"", False)


def test_roots_do_not_depend_on_the_way_of_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    chunks, found = [DATA[:CHUNK], DATA[: CHUNK - 16], DATA[:70_000], b""], []

    for way in (*hashes.NATIVE, PURE):
        monkeypatch.setattr(hashes, "BEST", way)
        builder = merkle.RootBuilder()
        for chunk in chunks:
            builder.extend_run(leaves.sealed_run(chunk))
            builder.extend_run(leaves.plain_run(bytes(32), chunk))
        found.append((builder.count, builder.root()))

    assert len(set(found)) == 1


def test_a_run_is_the_leaves_in_one_piece() -> None:
    chunk = DATA[:5000]

    assert b"".join(leaves.sealed_leaves(chunk)) == leaves.sealed_run(chunk)
    assert b"".join(leaves.plain_leaves(bytes(32), chunk)) == leaves.plain_run(bytes(32), chunk)
