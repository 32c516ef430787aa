"""Gestures: the right one is seen in whatever sensor it was made before, and no other one is."""

from __future__ import annotations

import numpy as np
import pytest
from gestures import Hand, joint_log, motion_log, pose_log, touch_log
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.domain.gestures.moves import HEAD_BYTES, MOVES, moves_of
from thenar.domain.gestures.reading import trace_of
from thenar.domain.gestures.trace import MOST_ROWS, UNCLEAR, GestureTrace, Kind
from thenar.domain.scoring.signals import Recorded
from thenar.errors import BadInput

HEADS = st.binary(min_size=HEAD_BYTES, max_size=HEAD_BYTES)
HANDS = st.builds(
    Hand,
    late=st.floats(0.5, 7.0),
    lasting=st.floats(1.6, 2.4),
    degrees=st.floats(62, 105),
    noise=st.floats(0, 4),
    bias=st.floats(-1, 1),
    rate=st.sampled_from([50.0, 100.0, 200.0]),
    mount=st.integers(0, 50),
    seed=st.integers(0, 99),
)
LOGS = {"motion": motion_log, "poses": pose_log, "touch": touch_log, "joints": joint_log}


@pytest.mark.parametrize("kind", LOGS)
@settings(max_examples=25, deadline=None)
@given(head=HEADS, hand=HANDS)
def test_the_right_gesture_is_seen_however_it_is_made(kind, head, hand):
    trace = trace_of(LOGS[kind](moves_of(head), hand))

    assert trace.shows(head)
    assert GestureTrace.decode(trace.encode()).shows(head)


@pytest.mark.parametrize("kind", LOGS)
@settings(max_examples=15, deadline=None)
@given(head=HEADS, other=HEADS)
def test_another_blocks_gesture_is_not_taken_for_it(kind, head, other):
    trace = trace_of(LOGS[kind](moves_of(other)))

    assert trace.shows(head) == (moves_of(head) == moves_of(other))


@settings(max_examples=20, deadline=None)
@given(head=HEADS, at=st.integers(0, MOVES - 1), turn=st.integers(1, 3))
def test_one_wrong_move_of_eight_is_enough(head, at, turn):
    moves = list(moves_of(head))
    moves[at] = (moves[at] + turn) % 4

    assert not trace_of(motion_log(moves)).shows(head)


@settings(max_examples=20, deadline=None)
@given(head=HEADS)
def test_the_first_moves_count_and_not_any_eight_of_many(head):
    moves = moves_of(head)
    late = (*((one + 1) % 4 for one in moves[:2]), *moves)

    assert not trace_of(joint_log(late, Hand(lasting=1.6))).shows(head)
    assert not trace_of(joint_log(moves[:-1])).shows(head)
    assert trace_of(joint_log((*moves, 1, 2), Hand(lasting=1.6))).shows(head)


@settings(max_examples=200)
@given(head=HEADS)
def test_every_pair_of_bits_is_a_move(head):
    moves = moves_of(head)

    assert len(moves) == MOVES
    assert set(moves) <= {0, 1, 2, 3}


def test_blind_moves_fit_once_in_sixty_five_thousand():
    """Of the moves of 40,000 beacons every one is as frequent as the others at every place, and few repeat."""
    drawn = [moves_of(number.to_bytes(HEAD_BYTES, "big")) for number in range(40_000)]
    for place in range(MOVES):
        counts = np.bincount([moves[place] for moves in drawn], minlength=4)
        assert np.abs(counts - 10_000).max() < 500
    fitting = sum(moves == drawn[0] for moves in drawn[1:])

    assert fitting <= 6  # 0.61 are expected; seven happen once in two million


def test_moves_are_the_same_on_every_machine():
    assert moves_of(bytes(HEAD_BYTES)) == (1, 3, 1, 2, 3, 3, 2, 3)
    assert moves_of(bytes(range(HEAD_BYTES))) == (3, 1, 3, 0, 0, 0, 2, 1)


def test_a_move_in_two_directions_at_once_is_no_move():
    rows = np.zeros((60, 2), dtype=np.int64)
    rows[20:25] = (70, 65)

    assert GestureTrace(Kind.TURNS, rows).seen == (UNCLEAR,)


def test_without_the_look_up_that_opens_it_nothing_is_drawn():
    rows = np.zeros((60, 2), dtype=np.int64)
    rows[20:25, 0] = 80

    assert GestureTrace(Kind.TURNS, rows).drawn == ()


def test_what_does_not_move_shows_no_gesture():
    for trace in (
        trace_of(motion_log((), Hand(degrees=5))),
        GestureTrace(Kind.TURNS, np.zeros((0, 2), dtype=np.int64)),
    ):
        assert not trace.shows(bytes(HEAD_BYTES))


def test_no_more_than_half_a_minute_is_told_of():
    trace = trace_of(motion_log(moves_of(bytes(HEAD_BYTES)), Hand(late=20)))

    assert len(trace.rows) == MOST_ROWS
    assert len(trace.encode()) < 1_300


def test_a_recording_without_motion_has_no_gesture():
    with pytest.raises(BadInput, match="nothing in this recording shows a gesture"):
        trace_of(Recorded("spatial", ()))


@settings(max_examples=200)
@given(data=st.binary(max_size=200) | st.binary(max_size=64).map(lambda tail: b"thenar.gesture.trace/1" + tail))
def test_any_bytes_are_a_trace_or_refused(data):
    try:
        trace = GestureTrace.decode(data)
    except BadInput:
        return
    assert trace.encode() == data


@pytest.mark.parametrize("head", [b"", bytes(26), bytes(32)])
def test_a_beacon_of_another_length_is_none(head):
    with pytest.raises(BadInput, match="a beacon has 27 bytes"):
        moves_of(head)
