"""How close publishing comes to its limit: read, seal, hash and store against the raw operations on the same bytes.

The limit is what no implementation on one core could undercut by much: one libsodium encryption, one SHA-256 and one
durable sequential write of the same bytes, through the kernel's cache or past it, whichever is faster here. What
publishing really has to do is more: four SHA-256 passes (content, plaintext leaves, sealed leaves, block names), the
nodes of two Merkle trees, and one file per block. Publishing is held against that limit on one core, as the raw
operations run; what it takes with all cores stands beside. Every part counts with its shortest round, because on a
machine that others use the longer ones measure the others; processor times, all rounds and the load stand beside.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import trio
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.vault.chunks import PLAIN_BYTES
from thenar.adapters.vault.seal import FileSealer
from thenar.domain.hashes import BEST

ROUNDS = 7
_SHA_PASSES = 4


def run(size_mb: int = 256) -> dict[str, dict[str, object]]:
    """Measure on ``size_mb`` MiB; the entries go into reports/bench.json."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=Path.cwd()))
    cores = os.sched_getaffinity(0)
    try:
        source = folder / "source"
        _random_file(source, size_mb)
        rounds = [_round(source, folder / str(number), cores) for number in range(ROUNDS)]
        os.sched_setaffinity(0, {min(cores)})
        rss = _peak_rss(source, folder)
    finally:
        os.sched_setaffinity(0, cores)
        shutil.rmtree(folder, ignore_errors=True)
    parts = {name: min(one[name] for one in rounds) for name in rounds[0]}
    detail = _detail(parts, size_mb, cores, rounds)
    limit = detail["limit_s"]
    return {
        "publish_vs_limit": _entry(limit / parts["publish_s"], "ratio", 0.6, "higher", detail),
        "publish_rss_mb": _entry(rss["above_idle_mb"], "MB", 64.0, "lower", {**rss, "size_mb": size_mb}),
    }


def _detail(parts: dict[str, float], size_mb: int, cores: set[int], rounds: list[dict[str, float]]) -> dict[str, Any]:
    written = min(("buffered_write", "direct_write"), key=lambda name: parts[f"{name}_s"])
    limit, limit_cpu = (
        parts[f"libsodium{unit}"] + parts[f"sha256{unit}"] + parts[f"{written}{unit}"] for unit in ("_s", "_cpu_s")
    )
    limit_all = limit + (_SHA_PASSES - 1) * parts["sha256_s"]
    return {
        **{name: round(value, 4) for name, value in parts.items()},
        "publish_rounds_s": [round(one["publish_s"], 3) for one in rounds],
        "publish_all_cores_rounds_s": [round(one["publish_all_cores_s"], 3) for one in rounds],
        "size_mb": size_mb,
        "rounds": ROUNDS,
        "cores": len(cores),
        "hashing": BEST.name,
        "sha256_passes": _SHA_PASSES,
        "limit_s": round(limit, 4),
        "limit_with_all_sha_passes_s": round(limit_all, 4),
        "ratio_with_all_sha_passes": round(limit_all / parts["publish_s"], 3),
        "ratio_of_processor_time": round(limit_cpu / parts["publish_cpu_s"], 3),
        "ratio_with_buffered_write": round(
            (limit - parts[f"{written}_s"] + parts["buffered_write_s"]) / parts["publish_s"], 3
        ),
        "ratio_with_all_cores": round(limit / parts["publish_all_cores_s"], 3),
        "load": [round(value, 1) for value in os.getloadavg()],
        "publish_mb_s": round(size_mb / parts["publish_s"], 1),
    }


def _entry(value: float, unit: str, target: float, better: str, detail: dict[str, object]) -> dict[str, object]:
    return {"value": round(value, 3), "unit": unit, "target": target, "better": better, "detail": detail}


def _random_file(path: Path, size_mb: int) -> None:
    with path.open("wb") as file:
        for _ in range(size_mb):
            file.write(os.urandom(1 << 20))
        file.flush()
        os.fsync(file.fileno())


def _round(source: Path, folder: Path, cores: set[int]) -> dict[str, float]:
    folder.mkdir()
    one, found = {min(cores)}, {}
    for name, allowed, work in (
        ("libsodium", one, lambda: _libsodium(source)),
        ("sha256", one, lambda: _sha256(source)),
        ("buffered_write", one, lambda: _buffered_write(source, folder / "buffered")),
        ("direct_write", one, lambda: _direct_write(source, folder / "direct")),
        ("publish", one, lambda: trio.run(_publish, source, folder / "store")),
        ("publish_all_cores", cores, lambda: trio.run(_publish, source, folder / "store-all-cores")),
    ):
        os.sched_setaffinity(0, allowed)
        processor = time.process_time()
        found[f"{name}_s"] = work()
        found[f"{name}_cpu_s"] = time.process_time() - processor
        os.sync()  # no measurement pays for another's leftovers
    return found


def _libsodium(source: Path) -> float:
    key, nonce, bound, spent = bytes(32), bytes(24), bytes(17), 0.0
    with source.open("rb", buffering=0) as file:
        while data := file.read(PLAIN_BYTES):
            start = time.perf_counter()
            encrypt(data, bound, nonce, key)
            spent += time.perf_counter() - start
    return spent


def _sha256(source: Path) -> float:
    state, spent = hashlib.sha256(), 0.0
    with source.open("rb", buffering=0) as file:
        while data := file.read(1 << 20):
            start = time.perf_counter()
            state.update(data)
            spent += time.perf_counter() - start
    return spent


def _buffered_write(source: Path, target: Path) -> float:
    spent = 0.0
    with source.open("rb", buffering=0) as file, target.open("wb", buffering=0) as out:
        while data := file.read(1 << 20):
            start = time.perf_counter()
            out.write(data)
            spent += time.perf_counter() - start
        start = time.perf_counter()
        os.fsync(out.fileno())
        spent += time.perf_counter() - start
    return spent


def _direct_write(source: Path, target: Path) -> float:
    spent, page = 0.0, mmap.mmap(-1, 1 << 20)
    with source.open("rb", buffering=0) as file:
        out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_DIRECT, 0o600)
        while file.readinto(page):
            start = time.perf_counter()
            os.write(out, page)
            spent += time.perf_counter() - start
        start = time.perf_counter()
        os.fsync(out)
        spent += time.perf_counter() - start
        os.close(out)
    return spent


async def _publish(source: Path, directory: Path) -> float:
    async with open_embedded(directory, quota=1 << 40) as store:
        start = time.perf_counter()
        async with store.together() as adds:  # as services/publish does
            await FileSealer(bytes(32)).seal(source, adds)
        return time.perf_counter() - start


_WATCHED = """
import json, sys, trio
from pathlib import Path
from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.vault.seal import FileSealer

def memory(field):  # of this program alone: getrusage would count what the process was before it became this program
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6

async def main():
    async with open_embedded(Path(sys.argv[2]), quota=1 << 40) as store:
        idle = memory("VmRSS")
        async with store.together() as adds:
            await FileSealer(bytes(32)).seal(Path(sys.argv[1]), adds)
        peak = memory("VmHWM")
        print(json.dumps({"idle_mb": round(idle, 1), "peak_mb": round(peak, 1),
                          "above_idle_mb": round(peak - idle, 1)}))

trio.run(main)
"""


def _peak_rss(source: Path, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(source), str(folder / "watched")],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 256), indent=2))
