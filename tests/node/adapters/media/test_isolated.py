"""Decoding happens elsewhere: crashes, bombs and stalls stay there."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import recordings as made

from thenar.adapters.media import Limits, read
from thenar.adapters.media.frames import LENGTHS, block_of, receive
from thenar.adapters.media.recording import BLOCK_NUMBERS, Head, StreamInfo
from thenar.errors import BadInput, Corrupt


def children() -> list[psutil.Process]:
    return [
        child for child in psutil.Process().children() if "thenar.adapters.media.child" in " ".join(child.cmdline())
    ]


def test_blocks_arrive_as_decoded_here(tmp_path: Path) -> None:
    path = made.mcap_ros2(tmp_path / "log.mcap", rows=2_000)
    here = made.decoded(path)

    with read(path) as recording:
        found: dict[str, list[list[int]]] = {info.name: [] for info in recording.head.streams}
        for block in recording:
            found[recording.head.streams[block.stream].name] += block.values.tolist()

    assert found == here.values
    assert recording.notes == here.notes
    assert [tally.samples for tally in recording.tallies] == [2_000] * len(found)
    assert not children()


def test_wide_rows_cross_in_bounded_blocks(tmp_path: Path) -> None:
    wide = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(400 * 10_000, dtype=np.int8)), 10_000)
    pq.write_table(pa.table({"image": wide}), tmp_path / "wide.parquet")

    with read(tmp_path / "wide.parquet") as recording:
        sizes = [block.values.size for block in recording]

    assert sum(sizes) == 4_000_000
    assert max(sizes) <= BLOCK_NUMBERS


def test_reader_that_stops_early_leaves_no_process(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "big.pcd", np.zeros((400_000, 3)))

    with read(path) as recording:
        next(iter(recording))

    assert not children()


def test_refusals_cross_with_their_next_step(tmp_path: Path) -> None:
    path = made.csv_text(tmp_path / "t.csv", "a,b\n1,2\n")

    with pytest.raises(BadInput, match="does not say what") as refused:
        read(path)

    assert refused.value.next_step is not None
    assert not children()


def test_decoder_that_crashes_is_a_bad_file(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "big.pcd", np.zeros((400_000, 3)))
    recording = read(path)
    (child,) = children()

    child.send_signal(signal.SIGSEGV)

    with pytest.raises(BadInput, match="crashed"):
        list(recording)
    assert not children()


def test_decoder_that_needs_too_much_memory_is_a_bad_file(tmp_path: Path) -> None:
    path = made.pcd_ascii(tmp_path / "big.pcd", np.zeros((50_000, 3)))

    with pytest.raises(BadInput, match=r"memory|unpack|decoder"):
        list(read(path, limits=Limits(memory=1 << 20)))


def test_decoder_that_stalls_is_ended(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "big.pcd", np.zeros((2_000_000, 3)))

    with pytest.raises(BadInput, match="no progress for 5 s"):
        recording = read(path, limits=Limits(seconds=5))
        (child,) = children()
        child.suspend()
        list(recording)

    assert not children()


def test_secrets_in_the_environment_do_not_reach_the_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THENAR_PASSWORD", "open sesame")
    path = made.pcd_binary(tmp_path / "big.pcd", np.zeros((400_000, 3)))

    with read(path):
        (child,) = children()
        environment = child.environ()

    assert "THENAR_PASSWORD" not in environment
    assert os.environ["THENAR_PASSWORD"] == "open sesame"


HEAD = Head("pcd", "spatial", (StreamInfo("points", "point", 1, 3, "m"),))


def frames(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)


@pytest.mark.parametrize(
    "data",
    [
        LENGTHS.pack(2**31, 0),
        LENGTHS.pack(2, 2**40) + b"{}",
        LENGTHS.pack(2, 0) + b"[]",
        LENGTHS.pack(2, 0) + b"{{",
    ],
)
def test_frames_of_a_hijacked_decoder_are_refused(data: bytes) -> None:
    with pytest.raises(Corrupt):
        receive(frames(data).read)


@pytest.mark.parametrize(
    "header",
    [
        {"block": 1, "rows": 1, "width": 3, "clock": False},
        {"block": -1, "rows": 1, "width": 3, "clock": False},
        {"block": 0, "rows": 2, "width": 3, "clock": False},
        {"block": 0, "rows": 1, "width": 4, "clock": False},
        {"block": 0, "rows": 1, "width": 3, "clock": True},
        {"block": 0, "rows": 0, "width": 3, "clock": False},
    ],
)
def test_blocks_that_do_not_fit_their_stream_are_refused(header: dict[str, object]) -> None:
    with pytest.raises(Corrupt):
        block_of(header, b"\0" * 24, HEAD)
