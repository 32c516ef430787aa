"""The node's pages in a real browser, on a live chain with three nodes, one of which cheats: people read, buy, offer,
complain, work and withdraw, with the node's account or a wallet of the browser's own, and nobody else does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from page_town import WALLETS, Town

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import open_devnet
from thenar.demo.stage import Stage
from thenar.demo.steps import Narrator

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "tests" / "integration" / "browser"
SCREENS = ROOT / "reports" / "screens"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
LOOKS = {"light": (1440,), "dark": (320,)}
"""Where a page is looked at each time; every width is tried in one scheme or the other."""
ALL_LOOKS = dict.fromkeys(("light", "dark"), (320, 360, 560, 768, 1024, 1440, 1920))
JOURNEYS, ALL_JOURNEYS = 13, 30
WINDOW = 600
"""Chain seconds to deliver, to dispute and to audit in: long for a busy machine; the driver lets them pass."""
RULES = replace(
    Parameters(),
    delivery_window=WINDOW,
    dispute_window=WINDOW,
    hold_window=WINDOW,
    reveal_window=WINDOW,
    show_window=WINDOW // 2,
)

if BROWSER is None:
    pytest.skip("no Chromium on PATH to read the pages with", allow_module_level=True)
if not (DRIVER / "node_modules" / "playwright-core").is_dir():
    pytest.skip("the browser's driver is not installed: run `make interop`", allow_module_level=True)


async def driven(town: Town) -> dict[str, object]:
    """What the browser saw. It says in lines what shall happen to a node, and at last what it saw."""
    if FULL:
        shutil.rmtree(SCREENS, ignore_errors=True)
    told = {
        "browser": BROWSER,
        "rpc": town.devnet.rpc_url,
        "token": town.devnet.deployment.token,
        "wallets": WALLETS,
        "window": WINDOW + 1,
        "looks": ALL_LOOKS if FULL else LOOKS,
        "screens": str(SCREENS) if FULL else "",
        "whole": FULL,
    }
    words = ["node", "journeys.mjs", json.dumps(told | town.doors() | town.things)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = await trio.lowlevel.open_process(words, cwd=str(DRIVER), **pipes)  # type: ignore[call-overload]
    try:
        said = b""
        while part := await process.stdout.receive_some():
            *lines, said = (said + part).split(b"\n")
            for line in lines:
                asked = json.loads(line)
                if "seen" in asked:
                    return dict(asked["seen"])
                answer = await town.happenings[asked["happen"]]()
                await process.stdin.send_all(json.dumps(answer).encode() + b"\n")
        raise AssertionError(f"the browser's driver ended early: {said.decode()}")
    finally:
        process.terminate()
        await process.wait()


async def played(folder: Path) -> dict[str, object]:
    """Everything that happens in a town of three nodes, and how long it took until it stood."""
    began = time.monotonic()
    stage = Stage(folder, Narrator(lambda _: None, lambda _: None))
    async with open_devnet(folder / "chain", block_time=None, parameters=RULES) as devnet:
        town = Town(stage, devnet, folder, whole=FULL)
        try:
            async with town.peopled():
                stood = time.monotonic() - began
                return {**await driven(town), "stood": round(stood, 1)}
        finally:
            await stage.stop_all()


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict[str, object]:
    """What one walk through everything saw."""
    return trio.run(played, tmp_path_factory.mktemp("pages"))


def test_people_trade_with_node_and_wallet_and_every_trouble_is_met(seen, record_property):
    record_property("journeys", len(seen["journeys"]))
    record_property("seconds", seen["seconds"])
    record_property("set_up_seconds", seen["stood"])

    assert [one for one in seen["journeys"] if not one["well"]] == []
    assert len(seen["journeys"]) >= (ALL_JOURNEYS if FULL else JOURNEYS)
    if FULL:
        assert seen["seconds"] <= 120


def test_the_browser_finds_nothing_wrong_and_asks_nobody_else(seen, record_property):
    for name in ("console", "foreign", "policy"):
        record_property(name, len(seen[name]))

    assert {name: seen[name] for name in ("console", "foreign", "policy") if seen[name]} == {}


def test_every_page_can_be_read_by_everybody_at_every_width(seen, record_property):
    record_property("looks", seen["looked"])
    for name in ("axe", "wide", "keyboard"):
        record_property(name, len(seen[name]))

    assert {name: seen[name] for name in ("axe", "wide", "keyboard") if seen[name]} == {}
    assert seen["looked"] >= 12 * sum(map(len, (ALL_LOOKS if FULL else LOOKS).values()))
    if FULL:
        assert len(list(SCREENS.glob("*.png"))) >= 48


def test_nothing_is_left_running(seen, tmp_path_factory, running_in):
    assert running_in(tmp_path_factory.getbasetemp()) == []
