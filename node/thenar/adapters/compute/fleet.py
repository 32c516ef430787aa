"""Many machines of one operator as one executor, through Ray: the same spools, the same checks, the same bits.

Ray trusts everybody who reaches it, so it stays inside one operator's own network, behind his node; peers never see it.
Jobs are checked, judged and written to disk on the node's machine; fleets only run units, in hands of one core each,
which confine them as the node itself does. What a hand has not handed back when it dies is run again.
"""

from __future__ import annotations

import importlib
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import trio

from thenar.adapters.compute import launch
from thenar.adapters.compute.executor import Lent, kept
from thenar.adapters.compute.frames import Segment
from thenar.adapters.compute.hand import STARTING, Hand, Said, heard
from thenar.adapters.compute.offering import Offering
from thenar.adapters.compute.spool import Spool
from thenar.errors import BadConfig, Corrupt, Late, Refused, Unavailable
from thenar.services.ports import Capabilities, Capability, Plan, UnitProgress

LOCAL: Final = "local"
"""Instead of host and port: a cluster of this machine alone, which ends with the node."""
SLICE: Final = 2.0
"""Seconds of work a hand is asked for at once, about."""
_ANSWER: Final = 5.0
_STORE: Final = 128 << 20
_NEXT: Final = "pip install 'thenar[ray]'"


class Fleet(Offering):
    """Implements the port over hands in a Ray cluster that is connected to. Use ``aclose`` at the end."""

    def __init__(self, ray: Any, lent: Lent | None = None, *, bubblewrap: Path | None) -> None:
        super().__init__(lent, bubblewrap=bubblewrap)
        self._ray, self._make = ray, ray.remote(Hand)
        self._resting: list[tuple[bytes, Any]] = []

    async def capabilities(self) -> Capabilities:
        """What a hand's probes and this machine's agree on, on as many cores as the cluster has."""
        found = await super().capabilities()
        cores = int(self._ray.cluster_resources().get("CPU", 1))
        return replace(found, cores=cores, isolation=f"{found.isolation}, in a fleet")

    async def _own_class(self, *, again: bool = False) -> Capability:
        raise Refused("the machines of a fleet may differ, so it has no class of its own")

    async def _work(
        self,
        plan: Plan,
        group: list[int],
        spools: Mapping[int, Spool],
        limiter: trio.CapacityLimiter,
        progress: UnitProgress | None,
    ) -> None:
        spec, index = plan.spec, _standing(spools[group[0]])
        async with limiter, self._hand(plan) as hand:
            stride = 1
            while index < spec.segments:
                until = min(spec.segments, max(0, index) + stride)
                at = [last.encode() for unit in group if (last := spools[unit].last) is not None]
                begun = trio.current_time()
                patience = self._lent.silence + self._longest(spec) * stride
                for made in await self._ask(hand.advance.remote(spec.digest, group, at, until), patience):
                    if made.unit not in group:
                        raise Corrupt("a hand of the fleet answers for a unit it was not given")
                    done = kept(spools[made.unit], made)
                    if progress is not None and done.index:
                        progress(made.unit, done.index, spec.segments)
                if _standing(spools[group[0]]) != until:
                    raise Corrupt("a hand of the fleet did other segments than it was asked for")
                index, took = until, trio.current_time() - begun
                stride = max(1, min(2 * stride, int(stride * SLICE / max(took, 1e-3))))
        for unit in group:
            await trio.to_thread.run_sync(spools[unit].sync)

    @asynccontextmanager
    async def _hand(self, plan: Plan) -> AsyncIterator[Any]:
        """A hand that holds the job open; one that fails is let go."""
        digest = plan.spec.digest
        place = next((at for at, (held, _) in enumerate(self._resting) if held == digest), -1)
        held, hand = self._resting.pop(place) if self._resting else (b"", None)
        if hand is None:
            hand = self._make.options(num_cpus=1).remote(replace(self._lent, cores=1))
        whole = False
        try:
            if held != digest:
                files = {name: await trio.Path(path).read_bytes() for name, path in plan.assets.items()}
                await self._ask(hand.open.remote(plan.spec.encode(), files), STARTING + self._lent.opening)
            yield hand
            whole = True
        finally:
            if whole and len(self._resting) < self._lent.cores:
                self._resting.append((digest, hand))
            else:
                self._ray.kill(hand)

    async def _ask(self, asked: Any, seconds: float) -> list[Segment]:
        """Wait for a hand. Raises what it met, Late, and Unavailable when it or its machine is gone."""

        def wait() -> Said:
            answer: Said = self._ray.get(asked, timeout=seconds)
            return answer

        try:
            said = await trio.to_thread.run_sync(  # type: ignore[call-arg]  # trio-typing's stubs know an older trio
                wait, abandon_on_cancel=True
            )
        except self._ray.exceptions.GetTimeoutError as cause:
            raise Late(f"a hand of the fleet was silent for {seconds:.0f} s") from cause
        except self._ray.exceptions.RayError as cause:
            why = str(cause).partition("\n")[0][:200]
            raise Unavailable(f"a hand of the fleet is gone: {why}") from cause
        return heard(said)

    async def aclose(self) -> None:
        """Let every hand go, and end what this machine keeps open itself."""
        resting, self._resting = self._resting, []
        for _, hand in resting:
            self._ray.kill(hand)
        await super().aclose()


def _standing(spool: Spool) -> int:
    return -1 if spool.last is None else spool.last.index


@asynccontextmanager
async def open_fleet(address: str, lent: Lent | None = None) -> AsyncIterator[Fleet]:
    """The executor of a Ray cluster, or of one of this machine's own for ``local``. Raises BadConfig, Unavailable."""
    ray = await trio.to_thread.run_sync(_connected, address)
    try:
        fleet = Fleet(ray, lent, bubblewrap=await trio.to_thread.run_sync(launch.bubblewrap))
        try:
            yield fleet
        finally:
            await fleet.aclose()
    finally:
        await trio.to_thread.run_sync(ray.shutdown)


def _connected(address: str) -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would tell its makers
    try:
        ray = importlib.import_module("ray")
    except ImportError as cause:
        raise BadConfig("work.ray is set and Ray is not installed", next_step=_NEXT) from cause
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if address == LOCAL:
            cores = len(os.sched_getaffinity(0))
            own = {"num_cpus": cores, "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
            ray.init(address="local", object_store_memory=_STORE, **own, **quiet)
        else:
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), _ANSWER).close()  # Ray itself would wait for minutes
            ray.init(address=address, **quiet)
    except (OSError, OverflowError, RuntimeError, ValueError) as cause:
        raise Unavailable(f"no Ray cluster answers at {address}: {str(cause)[:200]}") from cause
    return ray
