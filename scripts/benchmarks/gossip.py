"""Gossip among three and among ten processes: what part of everything published is heard, and how soon."""

from __future__ import annotations

import os
import statistics
from typing import Any

import trio
from p2p_processes import Child, meshed

SECONDS = 8
PER_SECOND = {3: 30, 10: 10}
P99_MS = 100.0


def run() -> dict[str, Any]:
    """Publish evenly from every process and count deliveries at all others."""
    return {f"gossip_delivery_{count}": trio.run(_measure, count) for count in PER_SECOND}


async def _measure(count: int) -> dict[str, Any]:
    per_second = PER_SECOND[count]
    each = SECONDS * per_second // count
    async with meshed(count) as peers:
        began = trio.current_time()
        for peer in peers:
            await peer.send({"do": "publish", "count": each, "per_second": per_second / count})
        expected = each * (count - 1)
        for peer in peers:
            await peer.wait_for_heard(expected, seconds=SECONDS + 15)
        took = trio.current_time() - began
        return _entry(peers, each, took)


def _entry(peers: list[Child], each: int, took: float) -> dict[str, Any]:
    heard = [{(line["origin"], line["heard"]["n"]) for line in peer.heard} for peer in peers]
    published = each * len(peers)
    delivered = sum(map(len, heard))
    delays = sorted(line["took"] / 1e6 for peer in peers for line in peer.heard)
    cuts = statistics.quantiles(delays, n=100) if len(delays) > 1 else [0.0] * 99
    return {
        "value": delivered / (published * (len(peers) - 1)),
        "unit": "part",
        "target": 1.0,
        "better": "higher",
        "detail": {
            "published": published,
            "delivered": delivered,
            "twice": sum(len(peer.heard) for peer in peers) - delivered,
            "p50_ms": round(cuts[49], 2),
            "p99_ms": round(cuts[98], 2),
            "p99_target_ms": P99_MS,
            "messages_per_second": round(published / took, 1),
            "processes": len(peers),
            "cores": len(os.sched_getaffinity(0)),
            "load": [round(value, 1) for value in os.getloadavg()],
        },
    }
