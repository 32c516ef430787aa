"""The node's pages in a real browser, on a live chain with three nodes, one of which cheats: people read, buy, offer,
complain and withdraw, with the node's account or a wallet of the browser's own, and nobody else does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
import trio

from thenar.adapters.chain.blueprint import Parameters
from thenar.adapters.chain.devnet import Devnet, open_devnet
from thenar.adapters.simulation import balance, record_hand
from thenar.cli.job_template import EXAMPLE_MODEL, TEMPLATE
from thenar.commands import run as run_command
from thenar.demo.cast import peer_address
from thenar.demo.mallory import cheating_node
from thenar.demo.stage import Stage
from thenar.demo.steps import Narrator
from thenar.directory import runtime_of
from thenar.domain.ids import Address
from thenar.domain.reflex.onnx import policy_model

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "tests" / "integration" / "browser"
SCREENS = ROOT / "reports" / "screens"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
WIDTHS = (320, 360, 560, 768, 1024, 1440, 1920) if FULL else (320, 1440)
PRICE, BAIT = "12.50", "10.00"
WINDOW = 600
"""Chain seconds to deliver and to dispute in: long for a busy machine, and the driver lets the latter pass."""
WALLETS = ("0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc", "0x976ea74026e726554db657fa54763abd0c3a0aa9")
"""Accounts that anvil signs for."""
JOURNEYS = 22

if BROWSER is None:
    pytest.skip("no Chromium on PATH to read the pages with", allow_module_level=True)
if not (DRIVER / "node_modules" / "playwright-core").is_dir():
    pytest.skip("the browser's driver is not installed: run `make interop`", allow_module_level=True)


@dataclass(slots=True)
class Play:
    """The people, what is published, and what the browser is told."""

    stage: Stage
    devnet: Devnet
    folder: Path

    async def recording(self, seed: int) -> dict[str, str]:
        """The files of a recorded grasp."""
        path = self.folder / f"grasp{seed}.csv"
        made = await trio.to_thread.run_sync(partial(record_hand, path, seed=seed, seconds=1))
        return {"path": str(made.path), "description": str(made.sidecar), "layout": str(made.layout)}

    async def published(self) -> dict[str, object]:
        """Two captures of Ana's, a model that shares its income with the first, and two recordings nobody has yet."""
        added = []
        for seed in (7, 8):
            done = await self.stage.ask(
                "Ana", "capture.add", **await self.recording(seed), price=PRICE, request=f"{seed}"
            )
            added.append(str(done["asset"]))
        policy = self.folder / "policy.onnx"
        await trio.Path(policy).write_bytes(policy_model([balance.layer()]))
        terms = {"purposes": "eval", "share": "30%"}
        model = await self.stage.ask(
            "Ana", "model.add", path=str(policy), title="Policy", parents=[added[0]], **terms, request="m"
        )
        await self.stage.ask("Ana", "revenue.link", child=model["asset"], parents=[f"{added[0]}=50%"], request="link")
        await self.stage.ask("Ana", "account.deposit", amount="50", request="deposit")
        await self.stage.ask("Chidi", "capture.kept", asset=added[0], patience=60)
        fresh = [await self.recording(seed) for seed in (9, 10)]
        made = {"asset": added[0], "other": added[1], "model": str(model["asset"])}
        return {**made, "recordings": fresh, "job": await self._job()}

    async def _job(self) -> str:
        """A job file with the model it names."""
        await trio.Path(self.folder / "arm.xml").write_text(EXAMPLE_MODEL)
        await trio.Path(self.folder / "job.toml").write_text(TEMPLATE)
        return str(self.folder / "job.toml")

    async def walked(self, things: dict[str, object]) -> dict[str, object]:
        """What the browser saw, with a cheat among the sellers."""
        mallory = await self.stage.enrol("Mallory", self.devnet, self._settings())
        bait = await self.recording(11)
        async with cheating_node(mallory) as node:
            for name, arguments in (
                ("node.register", {"stake": "100"}),
                ("capture.add", {**bait, "price": BAIT}),
            ):
                answer = await run_command(node, name, arguments, lambda _: None)
            await self.stage.ask("Chidi", "capture.kept", asset=answer["asset"], patience=90)
            return await self._driven(things | {"bait": str(answer["asset"])})

    def _settings(self) -> dict[str, object]:
        known = [peer_address(person) for person in self.stage.people.values()]
        shows = {"preview_max_share": 100, "chain_deep": 2}  # what draws a preview is a block younger than the asking
        return {**shows, "store_pin": "all" if known else "none", "p2p_bootstrap": known}

    async def people(self) -> None:
        """Ana, who sells, and Chidi, who buys and keeps; and two wallets with money."""
        for name in ("Ana", "Chidi"):
            await (await self.stage.enrol(name, self.devnet, self._settings())).start()
            await self.stage.ask(name, "node.register", stake="100", request="register")
        for account in WALLETS:
            await self.devnet.fund(Address(account), tokens=1_000 * 10**6)

    async def _driven(self, things: dict[str, object]) -> dict[str, object]:
        doors = {name: runtime_of(self.stage.people[name].directory) for name in ("Ana", "Chidi")}
        if FULL:
            shutil.rmtree(SCREENS, ignore_errors=True)
        told = {
            "browser": BROWSER,
            "rpc": self.devnet.rpc_url,
            "buyer": doors["Chidi"],
            "seller": doors["Ana"],
            "wallets": WALLETS,
            "window": WINDOW + 1,
            "widths": WIDTHS,
            "schemes": ("light", "dark"),
            "screens": str(SCREENS) if FULL else "",
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
            await self.stage.people["Chidi"].stop()
            await process.stdin.send_all(b"gone\n")
            while part := await process.stdout.receive_some():
                said += part
            return json.loads(said.decode().split("READY\n")[1])
        finally:
            process.terminate()
            await process.wait()


async def played(folder: Path) -> dict[str, object]:
    stage = Stage(folder, Narrator(lambda _: None, lambda _: None))
    rules = replace(Parameters(), delivery_window=WINDOW, dispute_window=WINDOW)
    async with open_devnet(folder / "chain", block_time=0.5, parameters=rules) as devnet:
        try:
            play = Play(stage, devnet, folder)
            await play.people()
            return await play.walked(await play.published())
        finally:
            await stage.stop_all()


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict[str, object]:
    """What one walk through everything saw."""
    return trio.run(played, tmp_path_factory.mktemp("pages"))


def test_people_trade_with_node_and_wallet_and_every_trouble_is_met(seen, record_property):
    record_property("journeys", len(seen["journeys"]))
    record_property("seconds", seen["seconds"])

    assert [one for one in seen["journeys"] if not one["well"]] == []
    assert len(seen["journeys"]) >= JOURNEYS
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
    assert seen["looked"] >= 11 * len(WIDTHS) * 2
    if FULL:
        assert len(list(SCREENS.glob("*.png"))) >= 44


def test_nothing_is_left_running(seen, tmp_path_factory, running_in):
    assert running_in(tmp_path_factory.getbasetemp()) == []
