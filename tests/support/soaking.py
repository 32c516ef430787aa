"""Mixed load on a running node, and what the node says it holds of its machine meanwhile."""

from __future__ import annotations

import random
import statistics
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations, cycle
from pathlib import Path
from typing import Any

import httpx
import trio
from p2p_processes import Child

from thenar.adapters.chain.devnet import Devnet
from thenar.demo.cast import Person
from thenar.directory import runtime_of

HELD = ("resident_bytes", "open_files", "threads", "tasks")
FILE_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How often everything happens, in seconds between two of a kind; ``depth`` in blocks."""

    asked: float
    streamed: float
    told: float
    said: float
    fetched: float
    published: float
    reorganised: float
    sampled: float
    depth: int = 2


@dataclass
class Soak:
    """A node under load. ``latency`` is seconds per kind of request, ``samples`` are (seconds, what the node held)."""

    node: Person
    neighbour: Person
    stranger: Child
    devnet: Devnet
    folder: Path
    pace: Pace
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    latency: dict[str, list[float]] = field(default_factory=dict)
    samples: list[tuple[float, dict[str, float]]] = field(default_factory=list)
    did: dict[str, int] = field(default_factory=dict)
    _until: float = 0.0
    _chain: trio.Lock = field(default_factory=trio.Lock)
    _talk: trio.Lock = field(default_factory=trio.Lock)
    _sealed: list[str] = field(default_factory=list)

    async def run(self, seconds: float) -> None:
        """Load the node for so long. Everything that was begun has ended when this returns."""
        self._until = trio.current_time() + seconds
        async with self._client() as client, trio.open_nursery() as nursery:
            for reading in (self._ask, self._stream, self._status, self._sample):
                nursery.start_soon(reading, client)
            for load in (self._gossip, self._fetch, self._publish, self._reorganise):
                nursery.start_soon(load)

    async def _goes_on(self, pause: float = 0) -> bool:
        """Wait until it is time for the next one; whether there still is time for it."""
        await trio.sleep_until(min(trio.current_time() + pause, self._until))
        return trio.current_time() < self._until

    async def holds(self, *, looks: int = 15) -> dict[str, float]:
        """What the idle node holds, one connection for the looks at it included: the median of all of them."""
        found: list[dict[str, float]] = []
        async with self._client() as client:
            for _ in range(looks):
                found.append(held(await self._get(client, "/metrics", "metrics")))
                await trio.sleep(0.2)
        return {name: statistics.median(one[name] for one in found) for name in HELD}

    def _client(self) -> httpx.AsyncClient:
        runtime = runtime_of(self.node.directory)
        assert runtime is not None
        headers = {"authorization": f"Bearer {runtime['token']}"}
        return httpx.AsyncClient(base_url=f"http://{runtime['address']}", headers=headers, timeout=30, trust_env=False)

    async def _get(self, client: httpx.AsyncClient, path: str, kind: str, **headers: str) -> str:
        began = trio.current_time()
        answer = await client.get(path, headers=headers)
        self.latency.setdefault(kind, []).append(trio.current_time() - began)
        assert answer.status_code in (200, 304), f"{path}: {answer.status_code} {answer.text[:200]}"
        return answer.text

    async def _ask(self, client: httpx.AsyncClient) -> None:
        described = (await client.get("/v1/openapi.json")).json()
        named = [path for path in described["paths"] if path.startswith("/v1/") and path.count("/") == 2]
        paths = [path for path in named if path not in ("/v1/changes", "/v1/status", "/v1/openapi.json")]
        assert len(paths) >= 10, paths
        turn = cycle(paths)
        while await self._goes_on(self.pace.asked):
            with self._counts("asked"):
                await self._get(client, next(turn), "collections")

    async def _stream(self, client: httpx.AsyncClient) -> None:
        while await self._goes_on(self.pace.streamed):
            with self._counts("streams"):
                async with client.stream("GET", "/v1/changes") as answer:
                    async for line in answer.aiter_lines():
                        if line.startswith("data:"):
                            break

    async def _status(self, client: httpx.AsyncClient) -> None:
        while await self._goes_on(self.pace.told):
            with self._counts("statuses"):
                await self._get(client, "/v1/status", "status")
                await self._get(client, "/healthz", "health")

    async def _sample(self, client: httpx.AsyncClient) -> None:
        while await self._goes_on(self.pace.sampled):
            self.samples.append((trio.current_time(), held(await self._get(client, "/metrics", "metrics"))))

    async def _gossip(self) -> None:
        while await self._goes_on(self.pace.said):
            with self._counts("said"):
                await self._tell({"do": "publish", "count": 1, "per_second": 0})

    async def _fetch(self) -> None:
        while await self._goes_on(self.pace.fetched):
            if self._sealed:
                with self._counts("fetched"):
                    wanted = {"do": "want", "cid": self._sealed[-1], "peer": await self._peer()}
                    got = await self._tell(wanted)
                    assert got["fetched"] > FILE_BYTES, got

    async def _tell(self, command: dict[str, Any]) -> dict[str, Any]:
        async with self._talk:
            return await self.stranger.call(command, seconds=120)

    async def _peer(self) -> str:
        runtime = runtime_of(self.node.directory)
        assert runtime is not None
        return str(runtime["peers"][0]).rsplit("/", 1)[1]

    async def _publish(self) -> None:
        """Seal a file on one node after another, and take consent back from what this node sealed before."""
        owned: list[str] = []
        number = 0
        while await self._goes_on(self.pace.published):
            number += 1
            who = self.node if number % 2 else self.neighbour
            async with self._chain:
                with self._counts("sealed"):
                    made = await self._seal(who, number)
                if who is self.node:
                    owned.append(str(made["asset"]))
                    self._sealed.append(str(made["sealed"]))
                if len(owned) > 1:
                    self._sealed.pop(0)
                    with self._counts("dropped"):
                        await who.ask("capture.withdraw", _silently, asset=owned.pop(0), yes=True)
                await self._bury()

    async def _seal(self, who: Person, number: int) -> dict[str, Any]:
        path = self.folder / f"{who.name}-{number}.bin"
        path.write_bytes(self.dice.randbytes(FILE_BYTES))
        made = await who.ask("model.add", _silently, path=str(path), title=path.name, share="10%")
        path.unlink()
        return made

    async def _bury(self) -> None:
        """Wait until what was sent is deeper than any reorganisation goes."""
        deep = await self._head() + self.pace.depth + 1
        while await self._head() < deep:  # noqa: ASYNC110 - another process
            await trio.sleep(0.2)

    async def _head(self) -> int:
        return int(str(await self.devnet.rpc.read("eth_blockNumber")), 16)

    async def _reorganise(self) -> None:
        while await self._goes_on(self.pace.reorganised):
            async with self._chain:
                with self._counts("reorganisations"):
                    await self.devnet.rpc.read("anvil_reorg", self.pace.depth, [])

    @contextmanager
    def _counts(self, what: str) -> Iterator[None]:
        yield
        self.did[what] = self.did.get(what, 0) + 1


def _silently(_: dict[str, object]) -> None:
    return


def held(metrics: str) -> dict[str, float]:
    """What the process holds, out of its metrics."""
    lines = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line.startswith("thenar_process_"))
    return {name: float(lines[f"thenar_process_{name}"]) for name in HELD}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The median of all slopes between two points (Theil and Sen): a few wild points do not move it."""
    return statistics.median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] > a[0])


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 are not above."""
    return sorted(values)[int(len(values) * 0.95)]


async def eventually(look: Callable[[], Awaitable[bool]], *, seconds: float) -> bool:
    """Whether something comes true in time."""
    with trio.move_on_after(seconds):
        while not await look():  # noqa: ASYNC110 - another process
            await trio.sleep(0.5)
        return True
    return False
