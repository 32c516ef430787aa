"""Peers in processes of their own, driven by JSON lines on their standard input and output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio
from p2p_peers import LOOPBACK, until

SUPPORT = Path(__file__).resolve().parent
NODE = SUPPORT.parents[1] / "node"


class Child:
    """A running process and every JSON line it wrote so far."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self._read = 0

    @property
    def ready(self) -> dict[str, Any]:
        """What the peer said when it was up: its id and addresses."""
        return self.lines[0]

    @property
    def heard(self) -> list[dict[str, Any]]:
        """The gossip it reported."""
        return [line for line in self.lines if "heard" in line]

    async def send(self, command: dict[str, Any] | str) -> None:
        """Write a command without waiting for its answer."""
        text = command if isinstance(command, str) else json.dumps(command)
        assert self.process.stdin is not None
        await self.process.stdin.send_all(text.encode() + b"\n")

    async def call(self, command: dict[str, Any] | str, *, seconds: float = 30.0) -> dict[str, Any]:
        """Write a command and wait for the next line that is no gossip."""
        before = len(self._answers())
        await self.send(command)
        await until(lambda: len(self._answers()) > before, seconds=seconds)
        return self._answers()[before]

    async def wait_for_mesh(self, size: int = 1) -> None:
        """Wait until the peer passes gossip on to so many others."""
        with trio.fail_after(20):
            while (await self.call({"do": "status"}))["mesh"] < size:  # noqa: ASYNC110 - another process
                await trio.sleep(0.05)

    async def wait_until_alone(self) -> None:
        """Wait until the peer has noticed that everybody is gone."""
        with trio.fail_after(20):
            while (await self.call({"do": "status"}))["connected"]:  # noqa: ASYNC110 - another process
                await trio.sleep(0.05)

    async def wait_for_heard(self, count: int, *, seconds: float = 60.0) -> None:
        """Wait until the peer has reported so many messages, or the time is up."""
        with trio.move_on_after(seconds):
            await until(lambda: len(self.heard) >= count, seconds=seconds)

    async def kill(self) -> None:
        """SIGKILL, as when the power fails."""
        self.process.kill()
        await self.process.wait()

    async def read(self) -> None:
        """Take in lines until the process closes its output."""
        assert self.process.stdout is not None
        rest = b""
        async for part in self.process.stdout:
            *whole, rest = (rest + part).split(b"\n")
            self.lines += [json.loads(line) for line in whole if line.startswith(b"{")]

    def _answers(self) -> list[dict[str, Any]]:
        return [line for line in self.lines[1:] if "heard" not in line]


@asynccontextmanager
async def running(command: Sequence[str], *, seconds: float = 150.0, **environment: str) -> AsyncIterator[Child]:
    """Run a process until the context ends; ready when it wrote its first line."""
    async with trio.open_nursery() as nursery:
        process = await trio.lowlevel.open_process(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | environment,
        )
        child = Child(process)
        nursery.start_soon(child.read)
        try:
            await until(lambda: bool(child.lines) or process.poll() is not None, seconds=seconds)
            assert process.poll() is None, f"{command[1]} ended with {process.returncode} before it was ready"
            yield child
        finally:
            if process.poll() is None:
                process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def peer_process(name: str, *bootstrap: str, listen: str = LOOPBACK) -> AsyncIterator[Child]:
    """A Python peer in its own process."""
    path = os.pathsep.join([str(NODE), str(SUPPORT)])
    command = [sys.executable, str(SUPPORT / "p2p_child.py"), name, listen, *bootstrap]
    async with running(command, PYTHONPATH=path) as child:
        yield child


@asynccontextmanager
async def meshed(count: int, *, links: int = 4) -> AsyncIterator[list[Child]]:
    """So many peer processes, each connected to the few before it, every mesh formed."""
    stop, peers = trio.Event(), dict[int, Child]()
    async with trio.open_nursery() as nursery:
        for number in range(count):
            nursery.start_soon(_hold, number, peers, stop)
        await until(lambda: len(peers) == count, seconds=180)
        for number in range(count):
            for other in range(max(0, number - links), number):
                await peers[number].call({"do": "dial", "multiaddr": peers[other].ready["addresses"][0]})
        for peer in peers.values():
            await peer.wait_for_mesh(min(2, count - 1))
        yield [peers[number] for number in range(count)]
        stop.set()


async def _hold(number: int, peers: dict[int, Child], stop: trio.Event) -> None:
    async with peer_process(f"mesh {number}") as child:
        peers[number] = child
        await stop.wait()
