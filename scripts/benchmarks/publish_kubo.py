"""Publishing to Kubo, with encryption and roots, against `ipfs add` of the same bytes unencrypted."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import trio
from kubo import Daemon, kubo_daemon

from thenar.adapters.ipfs.kubo import open_kubo
from thenar.adapters.vault.seal import FileSealer

ROUNDS = 5
_OPTIONS = ("--cid-version=1", "--raw-leaves", "--chunker=size-262144", "--quieter", "--progress=false")


def missing() -> str | None:
    """Why this cannot be measured here, if it cannot."""
    local = Path(__file__).parents[2] / ".tools" / "bin" / "ipfs"
    return None if shutil.which("ipfs") or local.is_file() else "there is no ipfs program (make interop)"


def run(size_mb: int = 256) -> dict[str, dict[str, object]]:
    """Measure with new bytes in every round, so that nothing is there already."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=Path.cwd()))
    try:
        with kubo_daemon(folder) as daemon:
            rounds = [_round(daemon, folder / "source", size_mb) for _ in range(ROUNDS)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ours = statistics.median(one["publish_s"] for one in rounds)
    theirs = statistics.median(one["ipfs_add_s"] for one in rounds)
    detail = {
        "publish_s": round(ours, 4),
        "ipfs_add_s": round(theirs, 4),
        "publish_rounds_s": [round(one["publish_s"], 2) for one in rounds],
        "ipfs_add_rounds_s": [round(one["ipfs_add_s"], 2) for one in rounds],
        "publish_without_daemon_cpu_s": round(statistics.median(one["publish_cpu_s"] for one in rounds), 2),
        "size_mb": size_mb,
        "rounds": ROUNDS,
        "load": [round(value, 1) for value in os.getloadavg()],
    }
    return {
        "publish_kubo_vs_add": {
            "value": round(ours / theirs, 3),
            "unit": "ratio",
            "target": 1.5,
            "better": "lower",
            "detail": detail,
        }
    }


def _round(daemon: Daemon, source: Path, size_mb: int) -> dict[str, float]:
    with source.open("wb") as file:
        for _ in range(size_mb):
            file.write(os.urandom(1 << 20))
    start = time.perf_counter()
    daemon.run("add", *_OPTIONS, str(source))
    theirs = time.perf_counter() - start
    os.sync()
    processor = time.process_time()
    ours = trio.run(_publish, source, daemon.api)
    processor = time.process_time() - processor
    os.sync()
    return {"publish_s": ours, "ipfs_add_s": theirs, "publish_cpu_s": processor}


async def _publish(source: Path, api: str) -> float:
    async with open_kubo(api) as store:
        start = time.perf_counter()
        await FileSealer(bytes(32)).seal(source, store)
        return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 256), indent=2))
