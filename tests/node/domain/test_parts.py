"""Parts of a sealed file: which chunks they hold, which keys open them, how the chain names them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import keytree, parts
from thenar.domain.ids import AssetId
from thenar.domain.keccak import keccak256
from thenar.errors import BadInput

ASSET = AssetId("0x" + "ab" * 32)
ROOT_KEY = bytes(range(32))
COUNTS = st.integers(1, 300)


@given(count=COUNTS, data=st.data())
def test_a_part_opens_exactly_its_chunks(count, data):
    part = data.draw(st.integers(2, 2 ** (keytree.depth(count) + 1) + 1))
    try:
        held = parts.chunks_of(part, count)
    except BadInput:
        return
    key = parts.key_of_part(ROOT_KEY, part)

    for chunk in range(count):
        if chunk in held:
            assert parts.chunk_key_in(key, part, chunk, count) == keytree.chunk_key(ROOT_KEY, chunk, count)
        else:
            with pytest.raises(BadInput):
                parts.chunk_key_in(key, part, chunk, count)


@given(count=COUNTS, data=st.data())
def test_a_range_of_chunks_is_one_part_or_names_those_that_make_it_up(count, data):
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first, count - 1))
    try:
        part = parts.part_of(first, last, count)
    except BadInput as refused:
        spelled = refused.next_step.removeprefix("use these ranges: ").split(", ")
        pieces = [tuple(map(int, piece.split(".."))) for piece in spelled]
        assert len(pieces) > 1
        assert [chunk for a, b in pieces for chunk in range(a, b + 1)] == list(range(first, last + 1))
        assert all(parts.part_of(a, b, count) > 1 for a, b in pieces)
    else:
        assert list(parts.chunks_of(part, count)) == list(range(first, last + 1))


def test_what_reaches_over_the_middle_names_the_ranges_that_make_it_up():
    with pytest.raises(BadInput) as refused:
        parts.part_of(0, 2, 4)

    assert refused.value.next_step == "use these ranges: 0..1, 2..2"


def test_the_whole_is_part_nought_and_keeps_the_root_key():
    assert parts.part_of(0, 6, 7) == parts.part_of(0, 0, 1) == parts.WHOLE_FILE
    assert parts.key_of_part(ROOT_KEY, 0) == ROOT_KEY
    assert parts.chunk_key_in(ROOT_KEY, 0, 3, 7) == keytree.chunk_key(ROOT_KEY, 3, 7)
    assert parts.licensed_id(ASSET, 0) == ASSET


def test_parts_are_numbered_as_in_a_heap():
    assert [list(parts.chunks_of(part, 5)) for part in (2, 3, 4, 5, 6, 8, 12)] == [
        [0, 1, 2, 3],
        [4],
        [0, 1],
        [2, 3],
        [4],
        [0],
        [4],
    ]


@pytest.mark.parametrize("part", [1, 2**33, -1])
def test_what_names_no_part_is_refused(part):
    for ask in (
        lambda: parts.licensed_id(ASSET, part),
        lambda: parts.chunks_of(part, 4),
        lambda: parts.key_of_part(ROOT_KEY, part),
    ):
        with pytest.raises(BadInput):
            ask()


@pytest.mark.parametrize(("part", "count"), [(16, 5), (7, 5), (13, 5)])
def test_a_part_without_chunks_is_refused(part, count):
    with pytest.raises(BadInput):
        parts.chunks_of(part, count)


@pytest.mark.parametrize(("first", "last"), [(-1, 0), (3, 2), (0, 5)])
def test_chunks_outside_the_file_are_refused(first, last):
    with pytest.raises(BadInput):
        parts.part_of(first, last, 5)


def test_the_chain_names_a_part_by_the_hash_of_asset_and_node():
    words = b"thenar.range/1".ljust(32, b"\0") + bytes.fromhex("ab" * 32) + (5).to_bytes(32, "big")

    assert parts.licensed_id(ASSET, 5) == "0x" + keccak256(words).hex()
