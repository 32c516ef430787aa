"""The people of the story: each a data directory with keys, and a node process where they run one."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx
import trio

from thenar.adapters.vault.keyring import CHEAP, create
from thenar.client import Common, run_command
from thenar.config import FILE_NAME, template
from thenar.directory import KEYS, RUNTIME_FILE, runtime_of
from thenar.domain.ids import Address
from thenar.errors import Unavailable
from thenar.services.ports import Tell

PASSWORD, PASSWORD_FILE = "demo", "password"
READY_SECONDS = 180.0
TRIES = 6


@dataclass(slots=True)
class Person:
    """Somebody with a wallet; ``process`` while their node runs."""

    name: str
    directory: Path
    account: Address
    process: trio.Process | None = None
    log: IO[bytes] | None = None
    starts: int = field(default=0)
    module: str = ""  # run instead of an honest node

    @property
    def common(self) -> Common:
        """How commands find this person's node."""
        return Common(self.directory, as_json=True, password_file=self.directory / PASSWORD_FILE)

    async def ask(self, command: str, tell: Tell, **arguments: object) -> dict[str, object]:
        """Run a command on this person's node; when the node dies under it, wait for the node and ask again.

        Asking again is safe: every command that spends carries a request id of its own.
        """
        for attempt in range(TRIES):
            try:
                if self.starts:
                    await self.until_ready()
                return await run_command(self.common, command, dict(arguments), tell, only_running=self.starts > 0)
            except Unavailable:
                if not self.starts or attempt == TRIES - 1:
                    raise
                await trio.sleep(1)
        raise AssertionError("unreachable")

    async def start(self) -> None:
        """Start this person's node as a process of its own and wait until it answers."""
        (self.directory / RUNTIME_FILE).unlink(missing_ok=True)
        self.log = (self.directory / "node.log").open("ab")
        keys = ["--password-file", str(self.directory / PASSWORD_FILE)]
        command = [sys.executable, "-m", "thenar.cli.full", "run", "--data", str(self.directory), "--json", *keys]
        if self.module:
            command = [sys.executable, "-m", self.module, str(self.directory)]
        self.process = await trio.lowlevel.open_process(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True
        )
        self.starts += 1
        await self.until_ready()

    async def until_ready(self) -> None:
        """Wait until the node answers that it is ready. Raises Unavailable with the end of its log."""
        reasons: object = "it never answered"
        with trio.move_on_after(READY_SECONDS):
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                while True:
                    runtime = runtime_of(self.directory)
                    if runtime is not None:
                        try:
                            answer = await client.get(f"http://{runtime['address']}/readyz")
                        except httpx.HTTPError:
                            pass
                        else:
                            if answer.status_code == 200:
                                return
                            reasons = answer.json()["reasons"]
                    if self.process is not None and self.process.returncode is not None:
                        break
                    await trio.sleep(0.1)
        raise Unavailable(f"{self.name}'s node is not ready: {reasons}", next_step=f"read {self.directory}/node.log")

    async def kill(self) -> None:
        """End the node at once, as a power cut would."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()
        self._close()

    async def stop(self) -> None:
        """Ask the node to stop; end it when it does not within ten seconds."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            with trio.move_on_after(10):
                await self.process.wait()
        await self.kill()

    def _close(self) -> None:
        self.process = None
        if self.log is not None:
            self.log.close()
            self.log = None


def enrol(name: str, directory: Path, settings: Mapping[str, object]) -> Person:
    """Make somebody's keys and settings."""
    directory.mkdir(parents=True, mode=0o700)
    ring = create(directory / KEYS, PASSWORD, cost=CHEAP)
    (directory / FILE_NAME).write_text(template(settings), encoding="utf-8")
    (directory / PASSWORD_FILE).write_text(PASSWORD + "\n", encoding="utf-8")
    return Person(name, directory, ring.account)


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def peer_address(person: Person) -> str:
    """Where a running node's peer listens, ending in /p2p/<id>."""
    runtime = runtime_of(person.directory) or {}
    peers = runtime.get("peers")
    if not isinstance(peers, list) or not peers:
        raise Unavailable(f"{person.name}'s node does not say where it listens")
    return str(peers[0])
