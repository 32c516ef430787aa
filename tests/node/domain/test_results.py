"""What a worker says about a claim: one spelling, one block, and nothing in it that is believed without a hash."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain import unixfs
from thenar.domain.ids import RAW, Cid, ClaimId
from thenar.domain.work.audits import tree_over
from thenar.domain.work.bounties import MAX_COUNT
from thenar.domain.work.checkpoints import Status, first
from thenar.domain.work.results import SCHEMA, WorkRecord, check_output, frames, read_trace, trace_file
from thenar.domain.work.trace import TraceTree
from thenar.errors import BadInput, Corrupt

FILE = str(Cid.of(RAW, b"f" * 32))


def record(units: int, *, start: int = 0) -> WorkRecord:
    roots = tuple(number.to_bytes(32, "big").hex() for number in range(units))
    files, zeros = (FILE,) * units, (0,) * units
    return WorkRecord(SCHEMA, 7, start, roots, files, files, zeros, (2**45,) * units)


def run_of(segments: int, *, ends_at: int | None = None):
    """The checkpoints and outputs of a unit; it fails after ``ends_at`` segments."""
    here = first(b"c" * 32, b"s" * 32, 3, b"state 0")
    made, pieces = [here], []
    for number in range(segments):
        over = ends_at is not None and number >= ends_at
        pieces.append(b"" if over else b"seen %d" % number)
        here = here.ended(Status.FAILED) if over else here.after(b"state %d" % (number + 1), pieces[-1], 10)
        made.append(here)
    return made, pieces


def test_a_record_has_one_spelling_and_is_checked_against_claim_units_and_root():
    made = record(3, start=10)
    root = tree_over(range(10, 13), dict(zip(range(10, 13), made.trace_roots, strict=True))).root

    assert WorkRecord.decode(made.encode()) == made
    made.check(ClaimId(7), range(10, 13), root)
    for claim, units, other in ((8, range(10, 13), root), (7, range(3), root), (7, range(10, 13), bytes(32))):
        with pytest.raises(Corrupt):
            made.check(ClaimId(claim), units, other)


def test_the_longest_record_is_still_one_block():
    assert len(record(MAX_COUNT, start=2**32 - MAX_COUNT).encode()) <= unixfs.LEAF_BYTES


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "thenar.work/2"},
        {"roots": ("00" * 32,)},
        {"roots": ("0x" + "0" * 62,) * 2},
        {"traces": ("bafy", FILE)},
        {"status": (0, 3)},
        {"work": (0, -1)},
    ],
)
def test_a_record_with_a_wrong_field_is_refused(changes):
    with pytest.raises(BadInput):
        replace(record(2), **changes)


@pytest.mark.parametrize("ends_at", [None, 0, 4, 19])
def test_a_trace_and_its_output_hold_together_to_the_last_checkpoint(ends_at):
    made, pieces = run_of(20, ends_at=ends_at)
    leaves = b"".join(one.leaf for one in made)
    stored = trace_file(leaves, made[-1].encode())

    tree, last = read_trace(stored, 20, TraceTree.of(leaves).root)

    assert (tree.count, last) == (21, made[-1])
    check_output(pieces, last)


def test_any_other_byte_of_trace_or_output_is_noticed():
    made, pieces = run_of(20)
    leaves = b"".join(one.leaf for one in made)
    root, last = TraceTree.of(leaves).root, made[-1]

    for broken in (leaves[:-1] + b"x", leaves + last.encode()[:-1] + b"x", leaves + made[-2].encode(), leaves):
        with pytest.raises(Corrupt):
            read_trace(broken if len(broken) > len(leaves) else broken + last.encode()[:-1], 20, root)
    for others in ([*pieces[:-1], b"x"], pieces[:-1], [*pieces, b"more"], [b"x", *pieces[1:]]):
        with pytest.raises(Corrupt):
            check_output(others, last)


def test_output_after_the_end_of_a_unit_is_noticed():
    made, pieces = run_of(20, ends_at=5)

    with pytest.raises(Corrupt):
        check_output([*pieces[:-1], b"more"], made[-1])


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_frames_come_back_as_they_were_written(pieces):
    data = b"".join(len(piece).to_bytes(4, "big") + piece for piece in pieces)

    assert list(frames(data)) == pieces
    if data:
        with pytest.raises(Corrupt):
            list(frames(data[:-1] if pieces[-1] else data[:-2]))
