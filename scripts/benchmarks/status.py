"""How long `thenar status` takes, the start of the program included, when RPC and IPFS hang, and when both are gone."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import trio
from command_line import command, environment
from kubo import kubo_daemon
from living import settle_in
from wire import Wire

from thenar.adapters.chain.devnet import find_anvil, open_devnet
from thenar.client import Common, status_of
from thenar.errors import BadConfig

ROUNDS = 5
TARGET = 3.0


def missing() -> str | None:
    """Why this cannot be measured here, if it cannot."""
    try:
        find_anvil()
    except BadConfig as cause:
        return cause.message
    local = Path(__file__).parents[2] / ".tools" / "bin" / "ipfs"
    return None if shutil.which("ipfs") or local.is_file() else "there is no ipfs program (make interop)"


def run() -> dict[str, dict[str, Any]]:
    """What it takes in the worst of four states, the median of its rounds; entries as in ``reports/bench.json``."""
    with tempfile.TemporaryDirectory() as folder, kubo_daemon(Path(folder)) as daemon:
        told = trio.run(_measure, Path(folder), int(daemon.api.rsplit("/", 1)[1]))
    detail: dict[str, Any] = {name: [round(one, 2) for one in answers] for name, answers in told.items()}
    detail["slowest_s"] = max(max(answers) for answers in detail.values())
    detail["load"] = [round(value, 1) for value in os.getloadavg()]
    worst = max(statistics.median(answers) for answers in told.values())
    entry = {"value": worst, "unit": "s", "target": TARGET, "better": "lower", "detail": detail}
    return {"status_when_all_is_down": entry}


async def _measure(folder: Path, kubo: int) -> dict[str, list[float]]:
    told = {}
    async with open_devnet(folder / "chain") as devnet, trio.open_nursery() as nursery:
        wires = [Wire(int(devnet.rpc_url.rsplit(":", 1)[1])), Wire(kubo)]
        for wire in wires:
            await wire.mend(nursery)
        ipfs = {"store_kind": "kubo", "store_kubo_api": f"/ip4/127.0.0.1/tcp/{wires[1].port}"}
        home = await settle_in(devnet, folder / "node", chain_rpc=wires[0].url, **ipfs)
        said = ("run", "--data", home, "--json", "--password-file", home / "password")
        with (folder / "node.log").open("wb") as log:
            child = await trio.lowlevel.open_process(command(*said), stdout=log, stderr=log, env=environment())
            try:
                await _until_ready(home)
                told["up_s"] = [await _answer(home, 0) for _ in range(ROUNDS)]
                for wire in wires:
                    wire.hang()
                told["hanging_s"] = [await _answer(home, 5) for _ in range(ROUNDS)]
                for wire in wires:
                    wire.cut()
                told["gone_s"] = [await _answer(home, 5) for _ in range(ROUNDS)]
            finally:
                child.kill()
                with trio.CancelScope(shield=True):
                    await child.wait()
        told["no_node_s"] = [await _answer(home, 5) for _ in range(ROUNDS)]
        nursery.cancel_scope.cancel()
    return told


async def _until_ready(home: Path) -> None:
    with trio.fail_after(60):
        while True:
            if (await status_of(Common(home, as_json=True)))["ready"]:
                return
            await trio.sleep(0.2)


async def _answer(home: Path, code: int) -> float:
    """Seconds of one `thenar status`. Raises AssertionError when it does not end with the code that tells the truth."""
    words = command("status", "--data", home, "--json")
    begun = time.perf_counter()
    done = await trio.run_process(words, check=False, capture_stdout=True, env=environment())
    seconds = time.perf_counter() - begun
    if done.returncode != code:
        raise AssertionError(f"status ended with {done.returncode} instead of {code}: {done.stdout[:2000]!r}")
    if b"does not answer within" in done.stdout:
        raise AssertionError(f"the node kept silent: {done.stdout[:2000]!r}")
    return seconds
