"""Inference near robots: what the way costs beside bare ONNX Runtime, failover, the choice of a node, and who falls."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import trio
from choosing import right_choices
from latency_plot import draw
from p2p_peers import peer
from policies import random_layers, write_policy
from reflex_arc import PRICE, asked, purse
from trio.testing import MockClock

from thenar.adapters.p2p.host import P2pPeers
from thenar.domain.ids import PeerId
from thenar.domain.reflex.choice import Record, quantile
from thenar.services.reflex.calling import Caller, Source
from thenar.services.reflex.route import Route, measured, open_route

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = ROOT / "tests" / "support"
SMALL = (256, 64, 64, 8)
MIDDLE = (256, 2048, 2048, 64)
LARGE = (256, 4096, 4096, 64)
RATE, SECONDS, ROUNDS = 200, 4, 5
STREAMS, BATCH = 8, 8
PERIOD, FAR_MS = 0.02, 5
TRIALS = 1_000


def missing() -> str | None:
    """Without ONNX Runtime nothing answers."""
    return (
        None if importlib.util.find_spec("onnxruntime") else "onnxruntime is not installed: pip install 'thenar[infer]'"
    )


def run() -> dict[str, Any]:
    """All figures of the reflex arc."""
    with tempfile.TemporaryDirectory() as folder:
        small = write_policy(Path(folder) / "small.onnx", random_layers(*SMALL))
        middle = write_policy(Path(folder) / "middle.onnx", random_layers(*MIDDLE))
        large = write_policy(Path(folder) / "large.onnx", random_layers(*LARGE))
        throughput = trio.run(_throughput, large, LARGE)
        throughput["detail"]["smaller_policy"] = trio.run(_throughput, middle, MIDDLE)["detail"]
        throughput["detail"]["smallest_policy"] = trio.run(_throughput, small, SMALL)["detail"]
        _go_ahead()
        found = {
            **trio.run(_overhead, small),
            "infer_throughput": throughput,
            "infer_failover": trio.run(_failover, small),
        }
    right, worst = trio.run(right_choices, TRIALS, clock=_virtual())
    found["infer_choice"] = {
        "value": right / TRIALS, "unit": "part", "target": 0.99, "better": "higher",
        "detail": {"trials": TRIALS, "links_ms": [5, 20, 80], "loss": 0.01, "probes": 15, "worst": round(worst, 2),
                   "link": "in process, virtual time, the robot's own code"},
    }  # fmt: skip
    return found | {"infer_balance": draw(ROOT / "docs" / "reflex.svg")}


def _virtual() -> trio.abc.Clock:
    return MockClock(autojump_threshold=0)


def _go_ahead() -> None:
    """Latency is ours when nothing else takes the processor: go ahead of other work on this machine, where allowed."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def _load() -> dict[str, Any]:
    return {
        "ahead_of_other_work": os.sched_getscheduler(0) == os.SCHED_RR,
        "cores": len(os.sched_getaffinity(0)),
        "load": [round(value, 1) for value in os.getloadavg()],
    }


def bare(model: Path, rows: int = 1, seconds: float = 2.0) -> list[float]:
    """Seconds of each run of bare ONNX Runtime: one thread, the same session as the node's."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    observation = np.random.default_rng(1).random((rows, SMALL[0]), np.float32)
    taken, end = list[float](), time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        session.run(None, {"observation": observation})
        taken.append(time.perf_counter() - began)
    return taken


@asynccontextmanager
async def node(
    name: str, model: Path, batch: int = 1, channels: int = 1, milliseconds: int = 0, cores: str = "any"
) -> AsyncIterator[tuple[dict[str, str], subprocess.Popen[str]]]:
    """A node in a process of its own."""
    words = [name, str(model), str(batch), str(channels), str(milliseconds), cores]
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, str(SUPPORT / "reflex_node.py"), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(await trio.to_thread.run_sync(process.stdout.readline)), process
    finally:
        process.kill()
        process.wait()


async def route_to(robot: P2pPeers, told: dict[str, str], number: int = 1) -> Route:
    """A robot's line to a node in another process."""
    await robot.dial(told["address"])
    own = purse(told["account"], number=number)  # type: ignore[arg-type]
    return await open_route(robot.lines, PeerId(told["peer"]), robot.me, own, Record(), PRICE)


async def _overhead(model: Path) -> dict[str, Any]:
    """What a robot sees of one call: the quietest of some rounds, since other work on a machine is not ours."""
    raw = quantile(bare(model), 0.5)
    observation, rounds = bytes(4 * SMALL[0]), list[tuple[float, float]]()
    async with node("near", model) as (told, _), peer("robot") as robot, trio.open_nursery() as nursery:
        route = await route_to(robot, told)
        nursery.start_soon(route.run)
        await measured(route, 200, 1.0)
        for _ in range(ROUNDS):
            trips, began = list[float](), trio.current_time()
            for number in range(RATE * SECONDS):
                await trio.sleep_until(began + number / RATE)
                start = time.perf_counter()
                await asked(route, observation)
                trips.append(time.perf_counter() - start)
            rounds.append((1e3 * quantile(trips, 0.5), 1e3 * quantile(trips, 0.99)))
        nursery.cancel_scope.cancel()
    p50, p99 = (min(values) for values in zip(*rounds, strict=True))
    detail = {
        "bare_p50_ms": round(1e3 * raw, 4),
        "rounds_p50_ms": [round(one, 3) for one, _ in rounds],
        "rounds_p99_ms": [round(one, 3) for _, one in rounds],
        "calls_a_round": RATE * SECONDS,
        "rate": RATE,
        "policy": "256-64-64-8",
        "vouchers_for_calls": route.paid,
        "windows": route.windows,
        **_load(),
    }
    entry = {"unit": "ms", "better": "lower", "detail": detail}
    return {
        "infer_overhead": {"value": p50 - 1e3 * raw, "target": 1.5, **entry},
        "infer_overhead_p99": {"value": p99, "target": 5.0, **entry},
    }


async def _throughput(model: Path, widths: tuple[int, ...]) -> dict[str, Any]:
    """Eight robots ask as fast as they are answered; calls for a second of processor time, node and model together."""
    began = time.process_time()
    raw = len(bare(model)) / (time.process_time() - began)
    observation, counts = bytes(4 * widths[0]), [0] * STREAMS
    async with (
        node("near", model, BATCH, STREAMS) as (told, process),
        peer("robot") as robot,
        trio.open_nursery() as nursery,
    ):
        routes = [await route_to(robot, told, number + 1) for number in range(STREAMS)]
        for route in routes:
            nursery.start_soon(route.run)

        async def ask(number: int) -> None:
            while True:
                await asked(routes[number], observation)
                counts[number] += 1

        for number in range(STREAMS):
            nursery.start_soon(ask, number)
        await trio.sleep(1)
        spent, start, since = processor_seconds(process.pid), sum(counts), trio.current_time()
        await trio.sleep(8)
        spent, calls = processor_seconds(process.pid) - spent, sum(counts) - start
        wall = trio.current_time() - since
        nursery.cancel_scope.cancel()
    detail = {
        "part_of_bare": round(calls / spent / raw, 3),
        "calls_a_core_second": round(calls / spent),
        "bare_a_core_second": round(raw),
        "calls_a_second": round(calls / wall),
        "streams": STREAMS,
        "batch": BATCH,
        "policy": "-".join(map(str, widths)),
        "bare": "one row a call",
        **_load(),
    }
    return {"value": calls / spent / raw, "unit": "part", "target": 0.5, "better": "higher", "detail": detail}


def processor_seconds(pid: int) -> float:
    """What a process and everything below it has used so far (proc(5): fields 14 and 15 of stat)."""
    used, parents = dict[int, float](), dict[int, int]()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
            used[int(folder.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    family = {pid}
    for _ in range(4):
        family |= {child for child, parent in parents.items() if parent in family}
    return sum(used.get(one, 0.0) for one in family)


async def _failover(model: Path) -> dict[str, Any]:
    """A control loop of 50 Hz; the serving node is killed; until the first answer of the other one."""
    observation, gaps, missed, hedged, longest = bytes(4 * SMALL[0]), list[float](), 0, 0, 0.0
    for _ in range(5):
        async with (
            node("near", model) as (near, process),
            node("far", model, milliseconds=FAR_MS) as (far, _),
            peer("robot") as robot,
            trio.open_nursery() as nursery,
        ):
            routes = [await route_to(robot, told) for told in (near, far)]
            for route in routes:
                nursery.start_soon(route.run)
                await measured(route, 15, PERIOD)
            caller = Caller(routes, PERIOD)
            began, killed, back = trio.current_time(), 0.0, 0.0
            for tick in range(100):
                await trio.sleep_until(began + tick * PERIOD)
                if tick == 50:
                    process.send_signal(signal.SIGKILL)
                    killed = trio.current_time()
                acted = await caller.act(observation, began + (tick + 1) * PERIOD)
                if killed and not back and acted.source is not Source.LOCAL and acted.name == far["peer"]:
                    back = trio.current_time()
                if tick >= 50:
                    longest = max(longest, acted.seconds)
            gaps.append(back - killed)
            missed += caller.tally.local
            hedged += caller.tally.hedged
            nursery.cancel_scope.cancel()
    detail = {"runs": 5, "each_ms": [round(1e3 * gap, 1) for gap in gaps], "missed_deadlines": missed, "hedged": hedged,
              "longest_call_ms": round(1e3 * longest, 1), "rate": 50, "far_ms": FAR_MS, **_load()}  # fmt: skip
    return {"value": 1e3 * statistics.median(gaps), "unit": "ms", "target": 50.0, "better": "lower", "detail": detail}
