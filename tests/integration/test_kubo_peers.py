"""A real Kubo daemon over bitswap, both ways."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from p2p_peers import peer, raw_cid, until

from thenar.domain.ids import Cid, PeerId

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".tools" / "bin" / "ipfs"
IPFS = str(BUILT) if os.access(BUILT, os.X_OK) else shutil.which("ipfs")
BLOCKS = [hashlib.shake_128(b"kubo %d" % number).digest(256 * 1024) for number in range(32)]

if IPFS is None:
    pytest.skip("no `ipfs` on PATH or in .tools/bin: run `make interop`", allow_module_level=True)


class Kubo:
    """A daemon without peers, routing or discovery, on free loopback ports."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo

    def run(self, *arguments: str, data: bytes | None = None) -> bytes:
        """Run one command of the ``ipfs`` program against this repository."""
        assert IPFS is not None
        return subprocess.run(
            [IPFS, *arguments],
            input=data,
            env=os.environ | {"IPFS_PATH": str(self.repo)},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout

    def prepare(self) -> None:
        """Make the repository."""
        self.run("init", "--empty-repo", "--profile", "test")
        changes = {
            "Bootstrap": [],
            "Addresses.Swarm": ["/ip4/127.0.0.1/tcp/0"],
            "Addresses.API": "/ip4/127.0.0.1/tcp/0",
            "Addresses.Gateway": [],
            "Discovery.MDNS.Enabled": False,
            "Routing.Type": "none",
            "AutoTLS.Enabled": False,
            "AutoConf.Enabled": False,
        }
        for key, value in changes.items():
            self.run("config", "--json", key, json.dumps(value))

    async def call(self, *arguments: str, data: bytes | None = None) -> bytes:
        """Run a command beside the event loop."""
        return await trio.to_thread.run_sync(lambda: self.run(*arguments, data=data))


@asynccontextmanager
async def kubo(folder: Path) -> AsyncIterator[Kubo]:
    daemon = Kubo(folder / "ipfs")
    await trio.to_thread.run_sync(daemon.prepare)
    log = (folder / "daemon.log").open("wb")
    process = await trio.lowlevel.open_process(
        [str(IPFS), "daemon", "--migrate=false"],
        env=os.environ | {"IPFS_PATH": str(daemon.repo)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        await until(lambda: b"Daemon is ready" in (folder / "daemon.log").read_bytes(), seconds=60)
        yield daemon
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
        log.close()


async def test_kubo_fetches_our_blocks(tmp_path: Path) -> None:
    async with peer("ana", *BLOCKS) as ana, kubo(tmp_path) as daemon:
        await daemon.call("swarm", "connect", ana.addresses[0])
        for block in BLOCKS:
            assert await daemon.call("block", "get", str(raw_cid(block))) == block


async def test_we_fetch_the_blocks_of_kubo(tmp_path: Path) -> None:
    async with kubo(tmp_path) as daemon, peer("ana") as ana:
        added = await daemon.call(
            "add", "--quieter", "--cid-version=1", "--raw-leaves", "--chunker=size-262144", data=b"".join(BLOCKS)
        )
        about = json.loads(await daemon.call("id"))
        address = next(text for text in about["Addresses"] if "/tcp/" in text)
        kubo_id: PeerId = await ana.dial(address)

        wanted = [raw_cid(block) for block in BLOCKS] + [Cid.parse(added.decode().strip())]
        got = {cid: block async for cid, block in ana.exchange.want(wanted, [kubo_id])}

        assert set(got) == set(wanted)
        assert [got[cid] for cid in wanted[:-1]] == BLOCKS
