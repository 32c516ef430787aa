"""64 MB of blocks from one process to another over bitswap, beside two plain streams between the same two.

One stream is bare TCP, the other the encrypted and multiplexed libp2p connection that bitswap itself runs on.
"""

from __future__ import annotations

import os
import statistics
from typing import Any

import trio
from p2p_processes import Child, peer_process

BLOCK = 256 * 1024
COUNT = 256
SIZE = BLOCK * COUNT
ROUNDS = 3
RATE_TARGET = 70.0
RATIO_TARGET = 0.7


def run() -> dict[str, Any]:
    """Fetch and stream in turns; the medians are the figures."""
    return trio.run(_measure)


async def _measure() -> dict[str, Any]:
    async with peer_process("seller") as seller, peer_process("buyer") as buyer:
        await seller.call({"do": "hold", "name": "bench", "count": COUNT}, seconds=60)
        await buyer.call({"do": "dial", "multiaddr": seller.ready["addresses"][0]})
        await seller.call({"do": "stream offer", "size": SIZE})
        fetched, streamed, carried = [], [], []
        for _ in range(ROUNDS):
            streamed.append(await _stream(seller, buyer))
            take = {"do": "stream take", "peer": seller.ready["ready"], "size": SIZE}
            carried.append(await buyer.call(take, seconds=60))
            fetched.append(await _fetch(seller, buyer))
    return _entries(fetched, streamed, carried)


async def _fetch(seller: Child, buyer: Child) -> dict[str, Any]:
    command = {"do": "fetch", "name": "bench", "count": COUNT, "peers": [seller.ready["ready"]]}
    answer = await buyer.call(command, seconds=60)
    if answer.get("fetched") != SIZE:
        raise RuntimeError(f"the fetch did not complete: {answer}")
    return answer


async def _stream(seller: Child, buyer: Child) -> dict[str, Any]:
    offer = await seller.call({"do": "tcp offer", "size": SIZE})
    return await buyer.call({"do": "tcp take", "port": offer["port"]}, seconds=60)


def _entries(
    fetched: list[dict[str, Any]], streamed: list[dict[str, Any]], carried: list[dict[str, Any]]
) -> dict[str, Any]:
    host = statistics.median(SIZE / 1e6 / one["seconds"] for one in carried)
    rate = statistics.median(SIZE / 1e6 / one["seconds"] for one in fetched)
    plain = statistics.median(SIZE / 1e6 / one["seconds"] for one in streamed)
    detail = {
        "bytes": SIZE,
        "rounds_mb_s": [round(SIZE / 1e6 / one["seconds"], 1) for one in fetched],
        "tcp_mb_s": round(plain, 1),
        "ratio_to_tcp": round(rate / plain, 3),
        "libp2p_stream_mb_s": round(host, 1),
        "ratio_to_libp2p_stream": round(rate / host, 3),
        "buyer_cpu_s": round(statistics.median(one["cpu"] for one in fetched), 2),
        "buyer_rss_mb": round(max(one["rss"] for one in fetched) / 1e6),
        "note": "every byte is encrypted (Noise), multiplexed (yamux) and hashed twice (SHA-256); TCP does none of it",
        "load": [round(value, 1) for value in os.getloadavg()],
    }
    return {
        "bitswap_mb_s": {"value": rate, "unit": "MB/s", "target": RATE_TARGET, "better": "higher", "detail": detail},
        "bitswap_vs_stream": {
            "value": rate / host,
            "unit": "ratio",
            "target": RATIO_TARGET,
            "better": "higher",
            "detail": detail,
        },
        "bitswap_vs_tcp": {
            "value": rate / plain,
            "unit": "ratio",
            "target": RATIO_TARGET,
            "better": "higher",
            "detail": detail,
        },
    }
