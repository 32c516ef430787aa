"""Measure simulated work: a job's segments, checkpoints and hashes beside the engine's own rollout."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from _hands import LANES, SEGMENTS, entry, hand_job, measured, missing

__all__ = ["missing", "run"]

REPLAYED = 200
"""Steps of a segment that is replayed."""


def run() -> dict[str, dict[str, Any]]:
    """Entries as in ``reports/bench.json``."""
    best, detail = measured(["raw", "job", "job unpinned", "closed"])
    detail |= {"model": "shadow hand, 92 touch sensors and egg", "hashed": "all positions, speeds and sensor values"}
    return {
        "rollout_vs_raw": entry(best["job"] / best["raw"], 0.85, detail),
        "pinned_libm": entry(best["job"] / best["job unpinned"], 0.96, detail),
        "closed_loop": entry(best["closed"] / best["job"], 0.80, {**detail, "policy": "2x64, every 5th step"}),
        **_replay(),
        **_tree(),
    }


def _replay() -> dict[str, dict[str, Any]]:
    """One segment again, from its checkpoint, beside its share of the run."""
    import trio

    return trio.run(_replayed)


async def _replayed() -> dict[str, dict[str, Any]]:
    from thenar.adapters.compute.offering import open_executor
    from thenar.adapters.compute.spool import frames

    job, files = hand_job("bare", REPLAYED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in files.items():
            (folder / file).write_bytes(data)
        places = {file: folder / file for file in files}
        async with open_executor() as executor:
            begun = time.perf_counter()
            plan = await executor.prepare(job, places)
            opening = time.perf_counter() - begun
            begun = time.perf_counter()
            results = await executor.run(plan, range(LANES), folder=folder / "work")
            share = (time.perf_counter() - begun) / (LANES * SEGMENTS)
            states = [data for data, _ in frames(results[0].states)]
            spent = []
            for index in range(SEGMENTS):
                begun = time.perf_counter()
                if await executor.replay(plan, 0, index, states[index]) != states[index + 1]:
                    raise AssertionError(f"segment {index} does not replay")
                spent.append(time.perf_counter() - begun)
        async with open_executor() as executor:
            begun = time.perf_counter()
            await executor.replay(plan, 0, 3, states[3])
            cold = time.perf_counter() - begun
    detail = {"share_ms": share * 1000, "steps": REPLAYED, "opening_s": opening, "first_replay_of_a_job_s": cold}
    return {"replay_segment": entry(statistics.median(spent) / share, 2.0, detail, "lower")}


def _tree() -> dict[str, dict[str, Any]]:
    from thenar.domain.work.trace import MAX_LEAVES, TraceTree

    leaves, spent = os.urandom(32 * MAX_LEAVES), []
    for _ in range(20):
        begun = time.perf_counter()
        TraceTree.of(leaves)
        spent.append((time.perf_counter() - begun) * 1000)
    return {"trace_tree_4096": entry(min(spent), 25.0, {"median_ms": statistics.median(spent)}, "lower", "ms")}


if __name__ == "__main__":
    for key, found in run().items():
        print(f"{key}: {found['value']:.4f} {found['unit']} (target {found['target']}) {found['detail']}")
