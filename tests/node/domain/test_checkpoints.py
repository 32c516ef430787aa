"""Checkpoints have one spelling, and say of a unit everything that is needed to go on."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from thenar.domain.work.checkpoints import HEADER_BYTES, NO_OUTPUT, Checkpoint, Status, chain, first
from thenar.errors import BadInput

START = first(b"\x01" * 32, b"\x02" * 32, 5, b"state of the world")


def test_a_checkpoint_reads_back_as_it_was_written() -> None:
    later = START.after(b"later state", b"some output", 50)

    assert Checkpoint.decode(later.encode()) == later
    assert len(later.encode()) == HEADER_BYTES + len(b"later state")
    assert later.leaf == hashlib.sha256(later.encode()).digest()


def test_the_layout_is_fixed_for_good() -> None:
    made = replace(START, index=3, work=150, output=b"\x04" * 32)

    assert made.encode() == (
        b"THNRCKP1" + b"\x01" * 32 + b"\x02" * 32 + bytes.fromhex("00000005 00000003 00000000 00000012")
        + (150).to_bytes(8, "big") + b"\x04" * 32 + b"state of the world"
    )  # fmt: skip


def test_output_is_chained_segment_by_segment() -> None:
    twice = START.after(b"", b"one", 1).after(b"", b"two", 1)

    assert twice.output == chain(chain(NO_OUTPUT, b"one"), b"two")
    assert twice.work == 2
    assert twice.output != START.after(b"", b"onetwo", 2).output


def test_a_unit_that_ended_counts_on_and_changes_nothing_else() -> None:
    failed = START.ended(Status.FAILED)

    assert (failed.index, failed.state, failed.work) == (1, b"", 0)
    assert failed.ended(Status.FAILED) == replace(failed, index=2)
    assert Checkpoint.decode(failed.encode()) == failed


@pytest.mark.parametrize("at", [0, 80 + 1, 80 + 2, 80 + 3, 84])
def test_other_bytes_are_refused(at: int) -> None:
    data = bytearray(START.encode())
    data[at] ^= 0x40

    with pytest.raises(BadInput):
        Checkpoint.decode(bytes(data))


@pytest.mark.parametrize("data", [b"", b"THNRCKP1", START.encode()[:-1], START.encode() + b"\x00"])
def test_bytes_of_another_length_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        Checkpoint.decode(data)


def test_a_unit_that_ended_has_no_state() -> None:
    with pytest.raises(BadInput, match="no state"):
        Checkpoint.decode(replace(START, status=Status.LIMIT).encode())
