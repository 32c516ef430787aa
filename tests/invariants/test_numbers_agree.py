"""Counts and balances: what the contracts say, the API says, and so does the command line; each as of one block."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 13):  # pragma: no cover
    pytest.skip("the in-process EVM has no wheel for this Python yet", allow_module_level=True)

import httpx
import jsonschema
import trio
from earned import credited
from followed import DECIMALS, ME, PEOPLE, TOKEN, Followed
from typer.testing import CliRunner
from walk import MOVES, WAITS

from thenar.adapters.web import serve
from thenar.cli.answers import schema
from thenar.cli.main import app
from thenar.client import Common, run_command
from thenar.directory import write_runtime
from thenar.domain.earnings import THN
from thenar.domain.money import show_amount

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
TOWNS, STATES = (25, 20) if FULL else (2, 8)
MOVES_BETWEEN = 8
SAMPLE = 25 if FULL else 1
"""States in which a browser reads the same numbers off the pages."""
DRIVER = Path(__file__).resolve().parents[1] / "integration" / "browser"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 300
LEAST = {"assets": 1, "accounts": 3, "income": 1}
"""What towns must have come to for their numbers to mean anything."""


def cli(folder: Path, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*words, "--data", str(folder), "--json"])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


@asynccontextmanager
async def served(town: Followed, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, town.door(), "127.0.0.1:0")
        write_runtime(folder, {"address": address, "token": TOKEN})
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers, trust_env=False) as client:
            yield client
        nursery.cancel_scope.cancel()


async def as_described(client: httpx.AsyncClient, town: Followed) -> None:
    """Every item of every collection is as the API's own description says."""
    told = (await client.get("/v1/openapi.json")).json()
    for path in told["paths"]:
        name = path.removeprefix("/v1/")
        if name in told["components"]["schemas"]:
            many = jsonschema.Draft202012Validator({"type": "array", "items": told["components"]["schemas"][name]})
            many.validate(await api(client, name, town))


async def api(client: httpx.AsyncClient, name: str, town: Followed) -> list[dict[str, Any]]:
    said = (await client.get(f"/v1/{name}", params={"limit": 500})).json()
    assert said["as_of"]["block"] == town.machine.block
    assert 0 <= said["as_of"]["age_s"] < 600
    assert said["total"] == len(said["items"])
    return list(said["items"])


def stamped(said: dict[str, Any], town: Followed) -> dict[str, Any]:
    assert said["block"] == town.machine.block
    assert 0 <= said["age_s"] < 600
    return said


def money(units: int) -> str:
    return show_amount(units, DECIMALS)


async def compare(town: Followed, client: httpx.AsyncClient, folder: Path) -> dict[str, int]:
    """One state: assets and their owners, income, Ledger accounts and what the Ledger owes, said three times."""
    view, run = town.machine.view, trio.to_thread.run_sync
    assets = await api(client, "assets", town)
    listed = stamped(await run(cli, folder, "capture", "list"), town)["assets"]
    assert view("AssetRegistry", "count") == len(assets) == len(listed)
    for item, told in zip(assets, listed, strict=True):
        asset = bytes.fromhex(item["asset"][2:])
        owner, received = view("AssetRegistry", "ownerOfAsset", asset), view("RevenueGraph", "nodeOf", asset)[0]
        assert owner.lower() == item["owner"] == told["owner"]
        assert money(received) == item["received"] == told["received"]
    shown = stamped(await run(cli, folder, "revenue", "show"), town)
    mine = {one["asset"]: one for one in shown["assets"]}
    income = await api(client, "income", town)
    for item in income:
        due = money(view("RevenueGraph", "ownDueOf", bytes.fromhex(item["asset"][2:])))
        assert due == item["own_due"] == mine.get(item["asset"], item)["own_due"]
    accounts = {one["account"]: one["balance"] for one in await api(client, "accounts", town)}
    for person in PEOPLE:
        assert money(view("Ledger", "balanceOf", person)) == accounts.get(person, money(0))
    account = stamped(await run(cli, folder, "account", "show"), town)
    assert account["account"] == shown["account"] == accounts.get(ME, money(0))
    for person in PEOPLE:
        await compare_statements(person, town, client, folder)
    await as_described(client, town)
    assert (await client.get("/v1/earnings/nobody")).status_code == 400
    owed = stamped(await run_command(Common(folder, as_json=True), "revenue.owed", {}, lambda _: None), town)
    assert int(owed["units"]) == view("token", "balanceOf", town.machine.contracts["Ledger"])
    return {"assets": len(assets), "accounts": len(accounts), "income": len(income)}


async def compare_statements(who: str, town: Followed, client: httpx.AsyncClient, folder: Path) -> None:
    """What the Ledger released to an account, as its own events add up, is what the rows of both doors come to."""
    said = (await client.get(f"/v1/earnings/{who}")).json()["item"]
    described = (await client.get("/v1/openapi.json")).json()["components"]["schemas"]["earnings"]
    jsonschema.Draft202012Validator(described).validate(said)
    told = stamped(await trio.to_thread.run_sync(cli, folder, "earnings", "--account", who), town)
    assert {name: told[name] for name in said} == said
    assert said["released"] == money(credited(town.facts)[who])
    earned = sum(int(row["units"]) for row in said["list"] if not row["amount"].endswith(THN))
    returned = sum(int(row["units"]) for row in said["back"])
    assert (money(earned), money(returned), money(earned + returned)) == tuple(
        said[name] for name in ("earned", "returned", "released")
    )
    jsonschema.validate(told, schema("earnings"))


def go_on(town: Followed) -> None:
    """A few random moves; then the node folds what was logged."""
    choices, weights = list(MOVES), list(MOVES.values())
    for _ in range(MOVES_BETWEEN):
        town.machine.wait(town.world.dice.choice(WAITS))
        town.world.dice.choices(choices, weights)[0](town.world)
    town.catch_up()


async def walked(seed: int, folder: Path) -> list[dict[str, int]]:
    town, seen = Followed(seed), []
    async with served(town, folder) as client:
        for _ in range(STATES):
            go_on(town)
            seen.append(await compare(town, client, folder))
    return seen


async def read_off(town: Followed, client: httpx.AsyncClient, process: trio.Process) -> None:
    """Hold what a browser shows of one state against the contracts."""
    await process.stdin.send_all(json.dumps({"block": town.machine.block}).encode() + b"\n")  # type: ignore[union-attr]
    said = b""
    while not said.endswith(b"\n"):
        part = await process.stdout.receive_some()  # type: ignore[union-attr]
        assert part, "the browser's driver ended"
        said += part
    shown, view = json.loads(said), town.machine.view
    assert shown["errors"] == []
    assert len(shown["captures"]) == view("AssetRegistry", "count")
    for asset, _, owner, received, *_ in shown["captures"]:
        assert owner == view("AssetRegistry", "ownerOfAsset", bytes.fromhex(asset[2:])).lower()
        assert received == money(view("RevenueGraph", "nodeOf", bytes.fromhex(asset[2:]))[0])
    assert len(shown["money"]) == len(await api(client, "income", town))
    for asset, _, received, _, due, *_ in shown["money"]:
        assert received == money(view("RevenueGraph", "nodeOf", bytes.fromhex(asset[2:]))[0])
        assert due == money(view("RevenueGraph", "ownDueOf", bytes.fromhex(asset[2:])))


async def shown(seed: int, folder: Path) -> int:
    town = Followed(seed)
    while not town.belief.catalog.income:
        go_on(town)
    async with served(town, folder) as client:
        asked = {"browser": BROWSER, "address": f"{client.base_url}#token={TOKEN}"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        command = ["node", "numbers.mjs", json.dumps(asked)]
        async with trio.open_nursery() as nursery:
            process = await nursery.start(partial(trio.run_process, command, cwd=str(DRIVER), **pipes, check=False))
            with trio.fail_after(PATIENCE):
                for _ in range(SAMPLE):
                    go_on(town)
                    await read_off(town, client, process)
                await process.stdin.aclose()
    return SAMPLE


def test_contracts_api_and_command_line_say_the_same_in_every_state(tmp_path, record_property) -> None:
    states = [state for seed in range(TOWNS) for state in trio.run(walked, seed, tmp_path)]

    record_property("states", len(states))
    record_property("assets_compared", sum(state["assets"] for state in states))
    record_property("incomes_compared", sum(state["income"] for state in states))
    assert len(states) == TOWNS * STATES
    assert all(max(state[name] for state in states) >= least for name, least in LEAST.items())


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH to read the pages with")
@pytest.mark.skipif(not (DRIVER / "node_modules").is_dir(), reason="no driver for it: run `make interop`")
def test_pages_show_what_the_contracts_say_in_a_sample_of_states(tmp_path, record_property) -> None:
    record_property("states_read_in_a_browser", trio.run(shown, 3, tmp_path))
