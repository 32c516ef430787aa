"""Eight pieces of a file: any four give back any other, and what a piece says of itself is checked."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.ids import RAW, Cid
from thenar.domain.leaves import LEAF_BYTES
from thenar.domain.storage import coding
from thenar.domain.storage.pieces import Codeword, PieceNote
from thenar.errors import BadInput

ELEMENTS = st.integers(0, 255)
FILE, MANIFEST = Cid.of(RAW, bytes(32)), Cid.of(RAW, b"\x01" * 32)


def cut(parts: list[bytes]) -> list[bytes]:
    return [coding.mix(coding.row_of(piece), parts) for piece in range(coding.PIECES)]


@given(ELEMENTS, ELEMENTS, ELEMENTS)
def test_the_field_is_one(a, b, c):
    assert coding.times(a, b) == coding.times(b, a)
    assert coding.times(a, coding.times(b, c)) == coding.times(coding.times(a, b), c)
    assert coding.times(a, b ^ c) == coding.times(a, b) ^ coding.times(a, c)
    assert coding.times(a, 1) == a
    if a:
        assert coding.times(a, coding.inverse(a)) == 1


def test_two_is_a_generator_of_the_field():
    seen, power = set(), 1
    for _ in range(255):
        seen.add(power)
        power = coding.times(power, 2)

    assert seen == set(range(1, 256))


@given(st.data(), st.integers(1, 300))
def test_any_four_pieces_give_back_all_eight(data, size):
    parts = [data.draw(st.binary(min_size=size, max_size=size)) for _ in range(coding.NEEDED)]
    made = cut(parts)

    for left in combinations(range(coding.PIECES), coding.NEEDED):
        blocks = [made[piece] for piece in left]
        assert [coding.mix(coding.factors(lost, left), blocks) for lost in range(coding.PIECES)] == made


def test_every_piece_depends_on_every_part():
    parts = [bytes(8)] * 3 + [b"\x01" + bytes(7)]

    assert [piece for piece in cut(parts) if piece == bytes(8)] == [bytes(8)] * 3


@pytest.mark.parametrize("given_", [(0, 1, 2), (0, 1, 2, 2), (0, 1, 2, 8)])
def test_less_than_four_different_pieces_are_refused(given_):
    with pytest.raises(BadInput):
        coding.factors(4, given_)


def test_zero_has_no_inverse_and_blocks_of_two_lengths_are_not_added():
    with pytest.raises(BadInput):
        coding.inverse(0)
    with pytest.raises(BadInput):
        coding.mix((1, 1, 0, 0), [b"ab", b"a", b"", b""])


@given(st.integers(1, 2**48), st.integers(1, 9_000), st.integers(0, 7))
def test_a_piece_says_what_it_is_in_its_last_leaf(size, manifest, place):
    word = Codeword("0x" + "ab" * 32, size, str(FILE), str(MANIFEST), manifest)

    tail = word.tail(place, bytes(manifest))

    assert len(tail) % LEAF_BYTES == 0 and word.part * coding.NEEDED >= size
    assert (word.part + len(tail)) // LEAF_BYTES == word.leaves
    assert PieceNote.read(tail[-LEAF_BYTES:], word.leaves) == PieceNote("thenar.piece/1", place, word)
    assert PieceNote.read(tail[-LEAF_BYTES:], word.leaves + 1) is None


@pytest.mark.parametrize(
    "leaf", [b"", bytes(1024), b"{}", b"\xff" * 1024, b'{"of":{},"place":1,"schema":"thenar.piece/1"}']
)
def test_what_is_no_piece_is_told_from_one(leaf):
    assert PieceNote.read(leaf, 7) is None
