"""The node's pages in a real browser, on a live chain: people read, buy and withdraw, and nobody else does."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest
import trio

from thenar.adapters.chain.devnet import open_devnet
from thenar.adapters.simulation import balance, record_hand
from thenar.demo.cast import peer_address
from thenar.demo.stage import Stage
from thenar.demo.steps import Narrator
from thenar.directory import runtime_of
from thenar.domain.reflex.onnx import policy_model

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "tests" / "integration" / "browser"
SCREENS = ROOT / "build" / "screens"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PRICE = "12.50"

if BROWSER is None:
    pytest.skip("no Chromium on PATH to read the pages with", allow_module_level=True)
if not (DRIVER / "node_modules" / "playwright-core").is_dir():
    pytest.skip("the browser's driver is not installed: run `make interop`", allow_module_level=True)


async def published(stage: Stage, folder: Path) -> dict[str, str]:
    """Two captures of Ana's and a model that shares its income with the first."""
    added = []
    for seed in (7, 8):
        made = await trio.to_thread.run_sync(partial(record_hand, folder / f"grasp{seed}.csv", seed=seed, seconds=1))
        paths = {"path": str(made.path), "description": str(made.sidecar), "layout": str(made.layout)}
        done = await stage.ask("Ana", "capture.add", **paths, price=PRICE, request=f"add-{seed}")
        added.append(str(done["asset"]))
    policy = folder / "policy.onnx"
    await trio.Path(policy).write_bytes(policy_model([balance.layer()]))
    terms = {"purposes": "eval", "share": "30%"}
    model = await stage.ask(
        "Ana", "model.add", path=str(policy), title="Policy", parents=[added[0]], **terms, request="m"
    )
    await stage.ask("Ana", "revenue.link", child=model["asset"], parents=[f"{added[0]}=50%"], request="link")
    return {"asset": added[0], "other": added[1], "model": str(model["asset"])}


async def walked(folder: Path) -> dict[str, list[object]]:
    stage = Stage(folder, Narrator(lambda _: None, lambda _: None))
    async with open_devnet(folder / "chain", block_time=0.5) as devnet:
        try:
            for name in ("Ana", "Chidi"):
                known = [peer_address(person) for person in stage.people.values()]
                settings = {"store_pin": "all" if known else "none", "p2p_bootstrap": known}
                await (await stage.enrol(name, devnet, settings)).start()
                await stage.ask(name, "node.register", stake="100", request="register")
            things = await published(stage, folder)
            await stage.ask("Chidi", "capture.kept", asset=things["asset"], patience=60)
            return await driven(stage, things)
        finally:
            await stage.stop_all()


async def driven(stage: Stage, things: dict[str, str]) -> dict[str, list[object]]:
    doors = {name: runtime_of(person.directory) for name, person in stage.people.items()}
    shutil.rmtree(SCREENS, ignore_errors=True)
    told = {
        "browser": BROWSER,
        "buyer": doors["Chidi"],
        "seller": doors["Ana"],
        "price": PRICE,
        "screens": str(SCREENS),
    }
    command = ["node", "journeys.mjs", json.dumps(told | things)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = await trio.lowlevel.open_process(command, cwd=str(DRIVER), **pipes)  # type: ignore[call-overload]
    try:
        said = b""
        while b"READY\n" not in said:
            part = await process.stdout.receive_some()
            assert part, said
            said += part
        await stage.people["Chidi"].stop()
        await process.stdin.send_all(b"gone\n")
        while part := await process.stdout.receive_some():
            said += part
        return json.loads(said.decode().split("READY\n")[1])
    finally:
        process.terminate()
        await process.wait()


def test_people_read_buy_and_withdraw_in_a_browser_that_finds_nothing_wrong(tmp_path, running_in):
    seen = trio.run(walked, tmp_path)

    assert [one for one in seen["journeys"] if not one["well"]] == []
    assert len(seen["journeys"]) == 10
    assert {name: found for name, found in seen.items() if name != "journeys" and found} == {}
    assert len(list(SCREENS.glob("*.png"))) == 24
    assert running_in(tmp_path) == []
