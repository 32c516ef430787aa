"""How close publishing comes to its limit: read, seal, hash and store against the raw operations on the same bytes.

The limit is what no implementation on one core could undercut by much: one libsodium encryption, one SHA-256 and one
durable sequential write of the same bytes. What publishing really has to do is more: four SHA-256 passes (content,
plaintext leaves, sealed leaves, block names), the nodes of two Merkle trees, and one file per block. Both ratios are
reported; the target is held against the stricter one. Processor times stand beside, for machines that are not idle.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trio
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

from thenar.adapters.ipfs.embedded import open_embedded
from thenar.adapters.vault.chunks import PLAIN_BYTES
from thenar.adapters.vault.seal import FileSealer

ROUNDS = 3
_SHA_PASSES = 4


def run(size_mb: int = 256) -> dict[str, dict[str, object]]:
    """Measure on ``size_mb`` MiB, on one core; the entries go into reports/bench.json."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=Path.cwd()))
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        source = folder / "source"
        _random_file(source, size_mb)
        rounds = [_round(source, folder) for _ in range(ROUNDS)]
        rss = _peak_rss(source, folder)
    finally:
        os.sched_setaffinity(0, cores)
        shutil.rmtree(folder, ignore_errors=True)
    parts = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    limit = parts["libsodium_s"] + parts["sha256_s"] + parts["write_s"]
    limit_cpu = parts["libsodium_cpu_s"] + parts["sha256_cpu_s"] + parts["write_cpu_s"]
    limit_all = limit + (_SHA_PASSES - 1) * parts["sha256_s"]
    detail = {
        **{name: round(value, 4) for name, value in parts.items()},
        "size_mb": size_mb,
        "rounds": ROUNDS,
        "sha256_passes": _SHA_PASSES,
        "limit_s": round(limit, 4),
        "limit_with_all_sha_passes_s": round(limit_all, 4),
        "ratio_with_all_sha_passes": round(limit_all / parts["publish_s"], 3),
        "ratio_of_processor_time": round(limit_cpu / parts["publish_cpu_s"], 3),
        "publish_mb_s": round(size_mb / parts["publish_s"], 1),
    }
    return {
        "publish_vs_limit": _entry(limit / parts["publish_s"], "ratio", 0.6, "higher", detail),
        "publish_rss_mb": _entry(rss["above_idle_mb"], "MB", 64.0, "lower", {**rss, "size_mb": size_mb}),
    }


def _entry(value: float, unit: str, target: float, better: str, detail: dict[str, object]) -> dict[str, object]:
    return {"value": round(value, 3), "unit": unit, "target": target, "better": better, "detail": detail}


def _random_file(path: Path, size_mb: int) -> None:
    with path.open("wb") as file:
        for _ in range(size_mb):
            file.write(os.urandom(1 << 20))
        file.flush()
        os.fsync(file.fileno())


def _round(source: Path, folder: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, work in (
        ("libsodium", lambda: _libsodium(source)),
        ("sha256", lambda: _sha256(source)),
        ("write", lambda: _write(source, folder / "raw")),
        ("publish", lambda: trio.run(_publish, source, folder / "store")),
    ):
        processor = time.process_time()
        found[f"{name}_s"] = work()
        found[f"{name}_cpu_s"] = time.process_time() - processor
    (folder / "raw").unlink()
    shutil.rmtree(folder / "store")
    os.sync()  # neither measurement pays for the other's leftovers
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


def _write(source: Path, target: Path) -> float:
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


async def _publish(source: Path, directory: Path) -> float:
    async with open_embedded(directory, quota=1 << 40) as store:
        start = time.perf_counter()
        await FileSealer(bytes(32)).seal(source, store)
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
        await FileSealer(bytes(32)).seal(Path(sys.argv[1]), store)
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
