"""Measure one machine's work in two processes against one, and through a fleet against none, by the same hand."""

from __future__ import annotations

import importlib.util
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from _hands import entry, hand_job, missing

__all__ = ["missing", "run"]

UNITS = 16
SHORT = 400
"""Units whose own work is next to nothing, to see what a fleet adds to each."""
REPEATS = 4


def run() -> dict[str, dict[str, Any]]:
    """Entries as in ``reports/bench.json``."""
    import trio

    found = trio.run(_side_by_side)
    return {**found, **(trio.run(_through_a_fleet) if importlib.util.find_spec("ray") else {})}


async def _side_by_side() -> dict[str, dict[str, Any]]:
    """The same units in one process and in two, in turn; the best of each by the clock, and what they cost together."""
    from thenar.adapters.compute.executor import Lent, LocalExecutor

    clock: dict[int, list[float]] = {1: [], 2: []}
    processor: dict[int, list[float]] = {1: [], 2: []}
    job, files = hand_job("bare", 200)
    with tempfile.TemporaryDirectory() as name:
        folder, places = Path(name), _put(files, Path(name))
        executors = {cores: LocalExecutor(Lent(cores=cores), bubblewrap=None) for cores in clock}
        for turn in range(REPEATS + 1):
            for cores, executor in executors.items():
                plan = await executor.prepare(job, places)
                before, begun = _spent(executor), time.perf_counter()
                await executor.run(plan, range(UNITS), folder=folder / f"{cores}-{turn}")
                if turn:  # the first time opens the processes
                    clock[cores].append(time.perf_counter() - begun)
                    processor[cores].append(_spent(executor) - before)
        for executor in executors.values():
            await executor.aclose()
    seconds = {cores: min(each) for cores, each in clock.items()}
    detail = {
        "seconds": seconds,
        "processor_seconds": {cores: min(each) for cores, each in processor.items()},
        "by_processor_time": 2 * min(processor[1]) / min(processor[2]),
        "load_average": os.getloadavg()[0],
        "cores": len(os.sched_getaffinity(0)),
    }
    return {"two_processes": entry(seconds[1] / seconds[2], 1.8, detail)}


async def _through_a_fleet() -> dict[str, dict[str, Any]]:
    """Milliseconds that a Ray cluster of this machine adds to a unit, by the clock."""
    from thenar.adapters.compute.executor import Lent, LocalExecutor
    from thenar.adapters.compute.fleet import LOCAL, open_fleet
    from thenar.adapters.compute.launch import bubblewrap

    job, files = hand_job("bare", 5)
    job = replace(job, segments=1, units=SHORT, work=replace(job.work, episode=1))
    lent = Lent(cores=1)
    with tempfile.TemporaryDirectory() as name:
        folder, places = Path(name), _put(files, Path(name))
        near = LocalExecutor(lent, bubblewrap=bubblewrap())
        async with open_fleet(LOCAL, lent) as far:
            spent: dict[str, list[float]] = {"near": [], "far": []}
            for turn in range(REPEATS + 1):
                for which, executor in (("near", near), ("far", far)):
                    plan = await executor.prepare(job, places)
                    begun = time.perf_counter()
                    await executor.run(plan, range(SHORT), folder=folder / f"{which}-{turn}")
                    if turn:
                        spent[which].append(1000 * (time.perf_counter() - begun) / SHORT)
        await near.aclose()
    best = {which: min(each) for which, each in spent.items()}
    detail = {"ms_per_unit": best, "units": SHORT, "load_average": os.getloadavg()[0]}
    return {"ray_per_unit": entry(best["far"] - best["near"], 2.0, detail, "lower", "ms")}


def _put(files: dict[str, bytes], folder: Path) -> dict[str, Path]:
    for file, data in files.items():
        (folder / file).write_bytes(data)
    return {file: folder / file for file in files}


def _spent(executor: Any) -> float:
    """Seconds of processor time of an executor's open processes."""
    ticks = os.sysconf("SC_CLK_TCK")
    fields = [Path(f"/proc/{channel.pid}/stat").read_text().rpartition(")")[2].split() for _, channel in executor._idle]
    return sum(int(each[11]) + int(each[12]) for each in fields) / ticks


if __name__ == "__main__":
    for key, found in run().items():
        print(f"{key}: {found['value']:.4f} {found['unit']} (target {found['target']}) {found['detail']}")
