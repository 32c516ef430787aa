"""Marks: what they survive and what not, how sure a reading is, and that the contract counts alike."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from eth_abi import encode
from eth_utils import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain.ids import Address, AssetId
from thenar.domain.marking import BAR, CHAPTERS, FEWEST, MOST, Match, Reading, Secrets, agreeing, is_clear, marked, tail
from thenar.domain.marks import Leak, Mark, Shares
from thenar.errors import BadInput

STEP = 4_000
MINE, OTHERS, THIRD = (Secrets.of(bytes([number]) * 32) for number in (1, 2, 3))
SURE = Fraction(1, 2**40)


def room(points: int = 20_000) -> np.ndarray:
    """Points on a floor and a wall, in micrometres, with five millimetres of noise."""
    dice = np.random.default_rng(7)
    flat, noise = dice.uniform(0, 5e6, (points, 2)), dice.normal(0, 5_000, points)
    floor = np.stack([flat[:, 0], flat[:, 1], noise], axis=1)
    wall = np.stack([noise, flat[:, 0], flat[:, 1]], axis=1)
    return np.where(np.arange(points)[:, None] % 2, floor, wall).astype(np.int64)


ROOM = room()
COPY = marked(ROOM, STEP, MINE)
NOISE = np.random.default_rng(8)


def read(points: np.ndarray, step: int = STEP) -> Reading:
    found = Reading()
    found.add(np.asarray(np.rint(points), dtype=np.int64), step)
    return found


def chance(points: np.ndarray, secrets: Secrets = MINE) -> Fraction:
    return Match.between(read(points).seen, secrets).chance()


def test_no_number_moves_by_more_than_a_step_and_a_quarter():
    moved = np.abs(COPY - ROOM)

    assert moved.max() <= STEP * 5 // 4
    assert (moved > 0).sum(axis=1).max() == 1  # one number of a record carries its bit


def test_the_bits_are_read_again_and_by_this_secret_alone():
    match = Match.between(read(COPY).seen, MINE)

    assert match.agreed == match.cells > CHAPTERS * FEWEST
    assert chance(COPY, OTHERS) > Fraction(1, 1000)
    assert chance(ROOM) > Fraction(1, 1000)


SURVIVED = {
    "cropped to a fifth": COPY[COPY[:, 1] < 1_000_000],
    "a tenth of the points, at random": COPY[NOISE.choice(len(COPY), len(COPY) // 10, replace=False)],
    "in another order": COPY[NOISE.permutation(len(COPY))],
    "rounded to a millimetre": np.rint(COPY / 1_000) * 1_000,
    "rounded to half a step": np.rint(COPY / 2_000) * 2_000,
    "a millimetre of noise": COPY + NOISE.normal(0, 1_000, COPY.shape),
    "half a step of noise": COPY + NOISE.normal(0, 2_000, COPY.shape),
    "twice over with strangers' points between": np.concatenate([COPY, ROOM + 50_000_000]),
    "averaged with another buyer's copy": (COPY + marked(ROOM, STEP, OTHERS)) / 2,
    "averaged with two others": (COPY + marked(ROOM, STEP, OTHERS) + marked(ROOM, STEP, THIRD)) / 3,
    "mixed with another buyer's copy": np.where(NOISE.random((len(COPY), 1)) < 0.5, COPY, marked(ROOM, STEP, OTHERS)),
}
TURN = np.linalg.qr(np.array([[2.0, 1.0, 1.0], [1.0, 3.0, 2.0], [1.0, 0.0, 1.0]]))[0]
LOST = {
    "moved by a metre and some": COPY + np.array([1_001_357, 777_777, 123_456]),
    "turned about a slanted axis": COPY @ TURN.T,
    "two steps of noise": COPY + NOISE.normal(0, 8_000, COPY.shape),
    "rounded to four steps": np.rint(COPY / 16_000) * 16_000,
    "scaled by a tenth": COPY * 1.1,
    "in another unit": COPY // 1_000,
}


@pytest.mark.parametrize("what", SURVIVED)
def test_a_mark_survives(what):
    assert chance(SURVIVED[what]) < SURE
    leak = read(SURVIVED[what]).leak(bytes(32))
    agreed = agreeing(MINE.chapters[leak.chapter], leak.seen)
    assert agreed > len(leak.seen) * 0.6


@pytest.mark.parametrize("what", LOST)
def test_a_mark_does_not_survive(what):
    """What the documentation says is lost is lost: then nobody is accused."""
    assert chance(LOST[what]) > SURE


def test_taxels_carry_a_mark_and_keep_it_when_rows_are_left_out():
    dice = np.random.default_rng(9)
    touch = np.clip(dice.normal(0, 40, (400, 19)).cumsum(axis=0) + 2_000, 0, 4_095).astype(np.int64)
    copy = marked(touch, 4, MINE)

    assert np.abs(copy - touch).max() <= 5
    for found in (copy, copy[100:], copy[::3], copy[dice.permutation(400)]):
        reading = Reading()
        reading.add(found, 4)
        assert Match.between(reading.seen, MINE).chance() < SURE


def test_the_tail_is_exact():
    for cells, agreed in ((0, 0), (1, 1), (10, 7), (64, 40), (200, 0)):
        expected = sum(math.comb(cells, heads) for heads in range(agreed, cells + 1))
        assert tail(cells, agreed) == Fraction(expected, 2**cells)
    assert tail(5, 6) == 0
    assert Match(64, 60).chance(copies=10) == 10 * tail(64, 60)
    assert Match(64, 0).chance(copies=10) == 1


def test_what_the_chain_takes_for_the_mark_chance_makes_less_than_once_in_two_to_the_forty():
    for cells in range(FEWEST, MOST + 1):
        least = next(agreed for agreed in range(cells + 1) if is_clear(agreed, cells))
        assert tail(cells, least) < SURE
        assert not is_clear(least - 1, cells)
    assert not any(is_clear(agreed, FEWEST - 1) for agreed in range(FEWEST))
    assert BAR == FEWEST


def test_whoever_lacks_the_secret_is_right_as_often_as_a_coin():
    """Half of the cells agree with 300 secrets, spread as tosses spread: no file can be made to agree."""
    seen = read(COPY).seen
    sample = dict(list(seen.items())[:400])
    agreed = [Match.between(sample, Secrets.of(number.to_bytes(32, "big"))).agreed for number in range(100, 400)]

    assert abs(np.mean(agreed) - 200) < 5 * 10 / math.sqrt(300)
    assert 8 < np.std(agreed) < 12


def test_a_claim_needs_a_chapter_with_enough_cells():
    few = COPY[:200]

    with pytest.raises(BadInput, match="a claim shows 56 to 256"):
        read(few).leak(bytes(32))
    with pytest.raises(BadInput):
        read(COPY).leak(bytes(32), spent=0xFFFF)


def test_a_claim_passes_over_chapters_that_were_opened():
    first = read(COPY).leak(bytes(32))
    second = read(COPY).leak(bytes(32), spent=1 << first.chapter)

    assert second.chapter != first.chapter
    assert FEWEST <= len(second.seen) <= MOST
    assert list(second.seen) == sorted(second.seen)
    assert {word >> 252 for word in second.seen} == {second.chapter}


@given(st.binary(min_size=32, max_size=32), st.lists(st.integers(0, 2**256 - 1), max_size=5), st.integers(0, 15))
@settings(max_examples=30)
def test_a_commitment_is_what_the_chain_hashes(salt, seen, chapter):
    leak, who = Leak(chapter, salt, tuple(seen)), Address("0x" + "ab" * 20)
    types = ("bytes32", "address", "(uint8,bytes32,uint256[])")

    assert leak.sealed_by(who, b"\x07" * 32) == keccak(encode(types, (b"\x07" * 32, who, (chapter, salt, seen))))


def test_a_marks_id_is_what_the_chain_hashes():
    mark = Mark(AssetId("0x" + "11" * 32), Address("0x" + "22" * 20), Address("0x" + "33" * 20), b"\x04" * 32, 5, 6, 7)
    types = ("bytes32", "uint256", "address", "(bytes32,address,address,bytes32,uint96,uint40,uint40)")
    words = (bytes.fromhex(mark.copy[2:]), mark.owner, mark.buyer, mark.root, 5, 6, 7)

    expected = keccak(encode(types, (b"thenar.mark/1".ljust(32, b"\0"), 9, "0x" + "44" * 20, words)))
    assert mark.id_on(9, Address("0x" + "44" * 20)) == expected


def test_shares_are_eighths():
    assert Shares.of(8_000_007) == Shares(stake=5_000_000, deposit=1_000_000, reward=3_000_000)


@pytest.mark.parametrize("step", [0, 1, 2**31 + 1])
def test_a_step_that_carries_no_bit_is_refused(step):
    with pytest.raises(BadInput):
        marked(ROOM[:10], step, MINE)
