"""A big file goes through a store and back in constant memory: sealed in, fetched over, opened.

64 MB by default; ``THENAR_BIG_MB=1024`` makes it the full size.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubo import Daemon, kubo_daemon

SIZE_MB = int(os.environ.get("THENAR_BIG_MB", "64"))
LIMIT_MB = 150

PROGRAM = """
import json, sys, trio
from contextlib import aclosing
from pathlib import Path
from neighbours import Neighbours
from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.ipfs.kubo import open_kubo
from thenar.adapters.vault.seal import FileSealer

source, folder, api = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sealer = FileSealer(bytes(32))

def memory(field):  # of this program alone: getrusage would count what the process was before it became this program
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6

def opening():
    return open_kubo(api) if api else open_embedded(folder / "store", quota=1 << 40)

async def main():
    async with opening() as store, open_embedded(folder / "other", quota=1 << 40) as other:
        idle = memory("VmRSS")
        sealed = await sealer.seal(source, store)
        after_seal = memory("VmHWM")
        other.fetch_through(Neighbours({"ana": store}))
        await other.fetch(sealed.stored.root, ["ana"], limit=sealed.stored.size)
        after_fetch = memory("VmHWM")
        async with aclosing(other.read(sealed.stored.root)) as parts:
            await sealer.open(sealer.root_key(sealed.content_hash), parts, expected=sealed, into=folder / "out")
        print(json.dumps({"idle": idle, "seal": after_seal, "fetch": after_fetch, "open": memory("VmHWM")}))

trio.run(main)
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with kubo_daemon(tmp_path) as running:
        yield running


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path, bits = tmp_path / "source", random.Random(11)
    with path.open("wb") as file:
        for _ in range(SIZE_MB):
            file.write(bits.randbytes(1 << 20))
    return path


def above_idle(source: Path, folder: Path, api: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(source), str(folder), api], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, float] = json.loads(done.stdout)
    print(f"{SIZE_MB} MB through {api or 'the embedded store'}: {found}")
    return {name: value - found["idle"] for name, value in found.items()}


def same_bytes(left: Path, right: Path) -> bool:
    with left.open("rb") as one, right.open("rb") as two:
        while part := one.read(1 << 20):
            if part != two.read(1 << 20):
                return False
        return not two.read(1)


def test_the_embedded_store_takes_it_in_constant_memory(source: Path, tmp_path: Path) -> None:
    memory = above_idle(source, tmp_path, "")

    assert max(memory.values()) <= LIMIT_MB
    assert same_bytes(source, tmp_path / "out")


def test_kubo_takes_it_in_constant_memory(source: Path, tmp_path: Path, daemon: Daemon) -> None:
    memory = above_idle(source, tmp_path, daemon.api)

    assert max(memory.values()) <= LIMIT_MB
    assert same_bytes(source, tmp_path / "out")
