"""Decoding in forked processes: as much on their own as new ones, and far sooner there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import recordings as made

from thenar.adapters.media import Limits, Warm, read, warm
from thenar.adapters.media.isolated import scrub
from thenar.errors import BadInput


def forked() -> list[psutil.Process]:
    """Every process that works on a file for one of ours."""
    ours = [parent for parent in psutil.Process().children() if "thenar.adapters.media.child" in parent.cmdline()]
    return [child for parent in ours for child in parent.children()]


@pytest.fixture
def pool() -> Iterator[Warm]:
    with warm() as found:
        assert found is not None
        yield found


def test_files_are_decoded_and_scrubbed_as_by_a_new_process(tmp_path: Path, pool: Warm) -> None:
    path = made.mcap_ros2(tmp_path / "log.mcap", rows=200)

    for turn in range(3):
        into = tmp_path / f"warm{turn}"
        with read(path) as cold, read(path, warm=pool) as recording:
            assert recording.head == cold.head
            assert [b.values.tolist() for b in recording] == [b.values.tolist() for b in cold]
        assert scrub(path, into, warm=pool) == scrub(path, tmp_path / f"cold{turn}")
        assert into.read_bytes() == (tmp_path / f"cold{turn}").read_bytes()
    assert not forked()


def test_a_decoder_that_crashes_is_a_bad_file_and_no_other(tmp_path: Path, pool: Warm) -> None:
    path = made.pcd_binary(tmp_path / "big.pcd", np.zeros((400_000, 3)))
    recording = read(path, warm=pool)
    (child,) = forked()

    child.kill()

    with pytest.raises(BadInput, match="too much memory"):
        list(recording)
    assert sum(len(block.values) for block in read(path, warm=pool)) == 400_000


def test_a_reader_that_stops_early_leaves_no_process(tmp_path: Path, pool: Warm) -> None:
    path = made.pcd_binary(tmp_path / "big.pcd", np.zeros((400_000, 3)))

    with read(path, warm=pool) as recording:
        next(iter(recording))

    assert not forked()


def test_limits_hold_for_each_file(tmp_path: Path, pool: Warm) -> None:
    path = made.pcd_ascii(tmp_path / "big.pcd", np.zeros((50_000, 3)))

    with pytest.raises(BadInput, match=r"memory|unpack|decoder"):
        list(read(path, limits=Limits(memory=1 << 20), warm=pool))

    assert sum(len(block.values) for block in read(path, warm=pool)) == 50_000


def test_threads_do_not_wait_for_each_other(tmp_path: Path, pool: Warm) -> None:
    path = made.pcd_binary(tmp_path / "big.pcd", np.zeros((400_000, 3)))
    counted: list[int] = []

    def count() -> None:
        counted.append(sum(len(block.values) for block in read(path, warm=pool)))

    with read(path, warm=pool):
        threads = [threading.Thread(target=count) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert counted == [400_000, 400_000]


def test_nothing_is_left_when_the_block_ends(tmp_path: Path) -> None:
    path = made.pcd_binary(tmp_path / "small.pcd", np.zeros((4, 3)))
    with warm() as pool:
        list(read(path, warm=pool))
        assert any("--warm" in " ".join(child.cmdline()) for child in psutil.Process().children())

    assert not any("--warm" in " ".join(child.cmdline()) for child in psutil.Process().children())
