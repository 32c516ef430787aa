"""A private Kubo daemon on loopback ports, with a repository of its own and nobody to talk to."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Daemon:
    """A running daemon: the program, its repository, its API, and where peers may dial it (empty when offline)."""

    program: str
    repository: Path
    api: str
    swarm: str

    def run(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run the ipfs command against this repository and return what it prints."""
        done = subprocess.run(
            [self.program, *arguments], input=stdin, capture_output=True, env=_environment(self.repository), check=True
        )
        return done.stdout.decode().strip()


def kubo_program() -> str:
    """The ipfs program on PATH or in the checkout's .tools/bin; skips the test, saying so, when there is none."""
    local = _ROOT / ".tools" / "bin" / "ipfs"
    found = shutil.which("ipfs") or (str(local) if local.is_file() else None)
    if found is None:
        print("no Kubo: there is no ipfs program on PATH or in .tools/bin, so its tests are skipped")
        pytest.skip("no Kubo: there is no ipfs program on PATH or in .tools/bin")
    return found


@contextmanager
def kubo_daemon(directory: Path, *, online: bool = False) -> Iterator[Daemon]:
    """Start a daemon, offline or with a swarm that only loopback peers can reach, and end it afterwards."""
    program = kubo_program()
    repository = directory / "ipfs"
    api, swarm = _free_port(), _free_port()
    environment = _environment(repository)
    subprocess.run([program, "init", "--empty-repo"], env=environment, check=True, capture_output=True)
    _configure(repository / "config", api, swarm)
    arguments = [program, "daemon"] + ([] if online else ["--offline"])
    with (directory / "daemon.log").open("wb") as log:
        process = subprocess.Popen(arguments, env=environment, stdout=log, stderr=log)
    try:
        _wait(process, api, directory / "daemon.log")
        identity = json.loads((repository / "config").read_text())["Identity"]["PeerID"]
        dial = f"/ip4/127.0.0.1/tcp/{swarm}/p2p/{identity}" if online else ""
        yield Daemon(program, repository, f"/ip4/127.0.0.1/tcp/{api}", dial)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _configure(path: Path, api: int, swarm: int) -> None:
    config = json.loads(path.read_text())
    config["Bootstrap"] = []
    config["Addresses"] |= {
        "API": f"/ip4/127.0.0.1/tcp/{api}",
        "Gateway": [],
        "Swarm": [f"/ip4/127.0.0.1/tcp/{swarm}"],
    }
    config["Discovery"] = {"MDNS": {"Enabled": False}}
    config["Routing"] = {"Type": "none"}
    config["AutoTLS"] = {"Enabled": False}
    config["AutoConf"] = {"Enabled": False}
    config["Swarm"] |= {"DisableNatPortMap": True, "RelayClient": {"Enabled": False}}
    path.write_text(json.dumps(config))


def _environment(repository: Path) -> dict[str, str]:
    return {**os.environ, "IPFS_PATH": str(repository), "IPFS_TELEMETRY": "off"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the Kubo daemon did not start: {log.read_text()[-800:]}")
