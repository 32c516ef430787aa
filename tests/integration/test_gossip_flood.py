"""Twenty hostile processes against one node: what honest peers say still arrives, and memory stays where it was."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio
from p2p_processes import NODE, SUPPORT, Child, peer_process, running

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
KINDS = ("forged", "unsigned", "huge", "endless", "topics", "grafts", "nonsense", "chatter")
HOSTILE, SECONDS, TOGETHER = (20, 120, 2000.0) if FULL else (len(KINDS), 12, 800.0)
SAID_PER_SECOND = 20.0
GROWTH = 64e6
FLAT = 4e6
LATE, CUT_SECONDS = (1.0, 5.0) if FULL else (5.0, 20.0)
"""Seconds. In `make test` other suites run beside this one."""


@dataclass
class Sight:
    """What was seen of the node during the flood; bytes."""

    before: dict[str, Any]
    rss: list[int] = field(default_factory=list)

    @property
    def growth(self) -> int:
        """How much memory the node held at most, beyond what it held before."""
        return max(self.rss) - int(self.before["rss"])

    @property
    def drift(self) -> float:
        """How much more it held at the end of the last minute than at its beginning, by medians of ten seconds."""
        last = self.rss[-60:]
        return statistics.median(last[-10:]) - statistics.median(last[:10])


@asynccontextmanager
async def flooders(address: str) -> AsyncIterator[list[Child]]:
    """Hostile peers of every kind, each in a process of its own, started one after the other."""
    path = os.pathsep.join([str(NODE), str(SUPPORT)])
    async with AsyncExitStack() as stack:
        children = []
        for number in range(HOSTILE):
            kind = KINDS[number % len(KINDS)]
            words = [str(SUPPORT / "flooder.py"), f"flooder {number}", kind, address, str(TOGETHER / HOSTILE)]
            children.append(await stack.enter_async_context(running([sys.executable, *words], PYTHONPATH=path)))
        yield children


async def watch(node: Child, sight: Sight) -> None:
    """Weigh the node every second of the flood."""
    began = trio.current_time()
    for second in range(SECONDS):
        await trio.sleep_until(began + second)
        sight.rss.append((await node.call({"do": "weigh"}))["rss"])


def first_cut(flooder: Child) -> float | None:
    """Seconds from the first frame to the end of the first connection."""
    return next((line["after"] for line in flooder.lines if "cut" in line), None)


async def test_a_flood_takes_neither_memory_nor_the_honest_peers_voice(record_property) -> None:
    async with peer_process("ana") as ana, peer_process("ben", ana.ready["addresses"][0]) as ben:
        await ana.call({"do": "believe", "peers": [ben.ready["ready"]]})
        await ben.wait_for_mesh()
        await ana.wait_for_mesh()
        said = int(SECONDS * SAID_PER_SECOND)
        async with flooders(ana.ready["addresses"][0]) as hostile:
            sight = Sight(await ana.call({"do": "weigh"}))
            for child in hostile:
                await child.send("go")
            await ben.send({"do": "publish", "count": said, "per_second": SAID_PER_SECOND})
            await watch(ana, sight)
            await ana.wait_for_heard(said, seconds=10)
            cuts = [(child.ready["kind"], first_cut(child)) for child in hostile]
            shut_out = (await ana.call({"do": "weigh"}))["shut_out"]
        after = sight.before["tables"]
        with trio.move_on_after(30):
            while (after := (await ana.call({"do": "weigh"}))["tables"]) != sight.before["tables"]:  # noqa: ASYNC110
                await trio.sleep(0.2)

        heard = [line for line in ana.heard if line["origin"] == ben.ready["ready"]]
        late = sorted(line["took"] / 1e9 for line in heard)
        slowest = max(cut or SECONDS for kind, cut in cuts if kind != "chatter")
        p95 = late[int(len(late) * 0.95)]
        print(cuts, sight.rss, shut_out, after, p95, len(heard), said)
        record_property("hostile_peers", HOSTILE)
        record_property("flood_seconds", SECONDS)
        record_property("frames_per_second_together", TOGETHER)
        record_property("rss_growth_mb", round(sight.growth / 1e6, 1))
        record_property("rss_drift_of_the_last_minute_mb", round(sight.drift / 1e6, 1))
        record_property("honest_delivery", round(len(heard) / said, 4))
        record_property("honest_p95_seconds", round(p95, 3))
        record_property("slowest_cut_seconds", round(slowest, 2))
        record_property("shut_out", shut_out)
        assert len(heard) / said >= 0.99
        assert p95 <= LATE
        assert slowest <= CUT_SECONDS
        assert ("chatter", None) in cuts, "a stranger who breaks no rule is limited, not shut out"
        assert sight.growth <= GROWTH
        assert sight.drift <= FLAT or not FULL
        assert after == sight.before["tables"]
