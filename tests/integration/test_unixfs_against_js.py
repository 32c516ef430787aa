"""An independent implementation, ipfs-unixfs-importer, gives the same CIDs as ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from patterns import CHUNK, pattern

from thenar.domain import unixfs

HERE = Path(__file__).with_name("unixfs_js")
SIZES = (0, 1, 262_143, 262_144, 262_145, 524_287, 524_289, 174 * CHUNK, 174 * CHUNK + 1, 175 * CHUNK, 349 * CHUNK + 5)
SMALL_LEAVES = (1, 173, 174, 175, 348, 349, 174 * 174, 174 * 174 + 1, 174 * 175, 174 * 175 + 1)


@pytest.fixture(scope="module")
def node() -> str:
    """The Node.js program, with the packages of the folder beside this file installed from its lock file."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        pytest.skip("node and npm are not on PATH: no JavaScript CIDs to compare with")
    if not (HERE / "node_modules").is_dir():
        done = subprocess.run(
            [npm, "ci", "--no-progress"], cwd=HERE, capture_output=True, text=True, timeout=180, check=False
        )
        if done.returncode:
            pytest.skip(f"npm ci failed in {HERE.name}, perhaps offline: {done.stderr.strip()[-200:]}")
    return found


def ours(size: int, leaf: int) -> str:
    builder = unixfs.Builder(lambda cid, block: None)
    if leaf == CHUNK:
        for part in pattern(size):
            builder.leaf(part)
    else:
        data = b"".join(pattern(size))
        for start in range(0, size, leaf):
            piece = data[start : start + leaf]
            builder.link(unixfs.Link(unixfs.leaf_cid(piece), len(piece), len(piece)))
    return builder.finish()


def test_cids_equal_those_of_the_javascript_importer(node: str) -> None:
    cases = [(size, CHUNK) for size in SIZES] + [(count, 1) for count in SMALL_LEAVES]
    asked = "".join(f"{size} {leaf}\n" for size, leaf in cases)

    done = subprocess.run(
        [node, "cids.mjs"], cwd=HERE, input=asked, capture_output=True, text=True, timeout=180, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{size} {leaf} {ours(size, leaf)}" for size, leaf in cases]
