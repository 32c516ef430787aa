"""Blocks as files: what is told when the disk fails, and where the file system is asked to lay them."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path

import pytest

from thenar.adapters.ipfs.blockfiles import BlockFiles, Staging
from thenar.adapters.ipfs.holdings import Holdings, Intake
from thenar.domain import unixfs
from thenar.domain.ids import Cid
from thenar.errors import Refused, Unavailable

BIG = 1 << 30


def staged(directory: Path) -> list[Path]:
    return list((directory / "staging").rglob("*"))


@pytest.mark.parametrize("lost", [1, 20])
async def test_what_cannot_be_brought_to_disk_is_not_said_to_be_there(tmp_path: Path, lost: int) -> None:
    files = BlockFiles(tmp_path)
    (tmp_path / "blocks").rename(tmp_path / "gone")

    with pytest.raises(Unavailable, match="cannot be synced"):
        files.sync([unixfs.leaf_cid(bytes([number])) for number in range(lost)])


async def test_a_block_that_could_not_be_written_is_told_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = [bytes([number]) * 100 for number in range(20)]
    cids = [unixfs.leaf_cid(block) for block in blocks]
    write = Staging.write

    def failing(self: Staging, cid: Cid, block: bytes) -> None:
        if cid == cids[3]:
            raise Refused("a block cannot be written: No space left on device")
        write(self, cid, block)

    monkeypatch.setattr(Staging, "write", failing)
    holdings = Holdings(tmp_path, BIG)
    try:
        with Intake(holdings) as intake:
            with pytest.raises(Refused, match="No space left"):
                for cid, block in zip(cids, blocks, strict=True):
                    intake.take(cid, block)
                intake.finish(cids[-1], 100, 1)
            intake.settle()

        assert holdings.index.pins() == []
        assert [holdings.has(cid) for cid in cids[:3]] == [True] * 3
        assert not holdings.has(cids[3])
        assert holdings.reserved == 0
    finally:
        holdings.close()
    assert not staged(tmp_path)


def test_new_blocks_are_laid_away_from_freed_ones_where_the_file_system_can(tmp_path: Path) -> None:
    BlockFiles(tmp_path)
    shown = subprocess.run(["lsattr", "-d", str(tmp_path / "staging")], capture_output=True, text=True)
    if shown.returncode:
        pytest.skip(f"this file system has no such flags: {shown.stderr.strip()}")

    assert "T" in shown.stdout.split()[0]


def test_a_file_system_without_flags_holds_blocks_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> bytes:
        raise OSError(errno.ENOTTY, "not that kind of file system")

    monkeypatch.setattr("thenar.adapters.ipfs.blockfiles.fcntl.ioctl", refused)
    cid = unixfs.leaf_cid(b"block")
    files = BlockFiles(tmp_path)
    staging = files.stage()
    staging.write(cid, b"block")
    staging.publish([cid])

    assert files.read(cid) == b"block"
