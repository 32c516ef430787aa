"""What a killed process left half done is deleted at the next start, and nothing else is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from thenar.directory import clear_leftovers
from thenar.upkeep.scratch import scratch

HALF_DONE = (
    "workspace/tmp1/scan.pcd",
    "live/1-000000007.csv",
    "keys/.account.json.ab12",
    "store/.belongs.ab12",
    "node.4711",
    ".thenar.toml.ab12",
    "opened/0xab/.policy.bin.ab12.part",
    "opened/live/1/.7.csv.ab12.part",
    "previewed/7/.chunk.ab12.part",
)
DONE = (
    "keys/account.json",
    "store/belongs",
    "node.json",
    "live/spool/1/000.csv",
    "live/spool/1/.001.csv.part",
    "opened/0xab/policy.bin",
    "opened/0xab/.hidden",
    "thenar.toml",
)


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_only_what_was_half_done_is_deleted(tmp_path):
    write(tmp_path, *HALF_DONE, *DONE)

    clear_leftovers(tmp_path)

    assert files_in(tmp_path) == set(DONE)


def test_a_directory_without_anything_is_left_alone(tmp_path):
    clear_leftovers(tmp_path)

    assert list(tmp_path.iterdir()) == []


def killed_in_a_scratch_folder(parent: Path) -> None:
    """A child that dies at work in one."""
    child = os.fork()
    if child == 0:
        with scratch(parent, "backup") as folder:
            (folder / "journal.sqlite").write_bytes(b"everything")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_the_folder_of_a_killed_process_goes_with_the_next_one(tmp_path):
    killed_in_a_scratch_folder(tmp_path)
    left = list(tmp_path.iterdir())

    with scratch(tmp_path, "backup") as folder:
        there = list(tmp_path.iterdir())

    assert len(left) == 1
    assert there == [folder] != left
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_and_what_only_looks_like_one_stay(tmp_path):
    lookalikes = {tmp_path / ".thenar-backup-of-may", tmp_path / ".thenar-restore-abcd1234"}
    for lookalike in lookalikes:
        lookalike.mkdir()

    with scratch(tmp_path, "backup") as first, scratch(tmp_path, "backup") as second:
        assert set(tmp_path.iterdir()) == {first, second} | lookalikes

    assert set(tmp_path.iterdir()) == lookalikes
